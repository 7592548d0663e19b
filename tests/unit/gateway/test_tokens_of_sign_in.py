"""ID tokens and logout tokens that are not right are refused, each for its own reason."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any

import pytest

from gateway.auth.id_token import IdTokens
from gateway.auth.issuer_keys import IssuerKeys
from gateway.auth.logout_token import EVENT, LogoutTokens
from gateway.auth.sealing import Seal
from gateway.auth.signed_token import SignedTokens
from shared.errors import InvalidInput, Unauthenticated
from tests.unit.gateway.tokens import ISSUER, Issuer

CLIENT, NONCE, ACCESS = "coding-ahead-web", "the-nonce", "an.access.token"
NOW = int(time.time())
AT_HASH = base64.urlsafe_b64encode(hashlib.sha256(ACCESS.encode()).digest()[:16]).rstrip(b"=").decode()


def signed(issuer: Issuer) -> SignedTokens:
    """What reads the tokens of an issuer."""
    return SignedTokens(IssuerKeys(issuer.source()), issuer=ISSUER, algorithms=("ES256",), leeway=5)


def id_token(issuer: Issuer, **changed: Any) -> str:
    """A good ID token, but for what is changed."""
    good: dict[str, Any] = {"aud": CLIENT, "azp": CLIENT, "typ": "ID", "nonce": NONCE, "at_hash": AT_HASH}
    return issuer.token(**(good | {"realm_access": None, "nbf": None} | changed))


def logout_token(issuer: Issuer, **changed: Any) -> str:
    """A good logout token, but for what is changed."""
    good: dict[str, Any] = {"aud": CLIENT, "typ": "Logout", "jti": "one", "sid": "s1", "events": {EVENT: {}}}
    return issuer.token(header={"typ": "logout+jwt"}, **(good | {"realm_access": None, "nbf": None} | changed))


ID_ZOO: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"iss": ISSUER + "x"}, "issuer is another"),
    "another client": ({"aud": "somebody", "azp": "somebody"}, "meant for another client"),
    "issued to another client": ({"azp": "somebody"}, "issued to another client"),
    "several audiences, no party": ({"aud": [CLIENT, "b"], "azp": None}, "meant for several"),
    "access token": ({"typ": "Bearer"}, "not an ID token"),
    "another nonce": ({"nonce": "other"}, "another sign-in"),
    "no nonce": ({"nonce": None}, "another sign-in"),
    "expired": ({"exp": NOW - 60}, "has expired"),
    "no expiry": ({"exp": None}, "until when"),
    "not yet valid": ({"nbf": NOW + 600}, "not valid yet"),
    "issued in the future": ({"iat": NOW + 600}, "issued in the future"),
    "issued long ago": ({"iat": NOW - 7200}, "too long ago"),
    "no time of issue": ({"iat": None}, "when it was issued"),
    "another access token": ({"at_hash": "x" * 22}, "another access token"),
    "no subject": ({"sub": None}, "names no account"),
}
LOGOUT_ZOO: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"iss": ISSUER + "x"}, "issuer is another"),
    "another client": ({"aud": "somebody"}, "meant for another client"),
    "no event": ({"events": None}, "does not tell of a logout"),
    "another event": ({"events": {"urn:x": {}}}, "does not tell of a logout"),
    "event of the wrong form": ({"events": {EVENT: 1}}, "does not tell of a logout"),
    "a nonce": ({"nonce": NONCE}, "nonce"),
    "no id": ({"jti": None}, "no id"),
    "nobody": ({"sid": None, "sub": None}, "neither an account nor a session"),
    "expired": ({"exp": NOW - 60}, "has expired"),
    "no expiry": ({"exp": None}, "until when"),
    "old": ({"iat": NOW - 3600}, "too long ago"),
}


async def test_a_good_id_token_names_the_person() -> None:
    issuer = Issuer()
    token = id_token(issuer, name="Ada", email="ada@example.org", sid="s1")
    person = await IdTokens(signed(issuer), CLIENT).at_sign_in(token, nonce=NONCE, access_token=ACCESS)
    assert (person.subject, person.name, person.email, person.issuer_session) == (
        "reader-1",
        "Ada",
        "ada@example.org",
        "s1",
    )


@pytest.mark.parametrize("animal", ID_ZOO)
async def test_a_bad_id_token_is_refused_for_its_own_reason(animal: str) -> None:
    issuer, (changed, reason) = Issuer(), ID_ZOO[animal]
    with pytest.raises(Unauthenticated, match=reason):
        await IdTokens(signed(issuer), CLIENT).at_sign_in(id_token(issuer, **changed), nonce=NONCE, access_token=ACCESS)


async def test_a_refresh_that_names_another_person_is_refused() -> None:
    issuer = Issuer()
    with pytest.raises(Unauthenticated, match="another account"):
        await IdTokens(signed(issuer), CLIENT).at_refresh(id_token(issuer), subject="somebody-else")


async def test_a_good_logout_token_names_its_session() -> None:
    issuer = Issuer()
    told = await LogoutTokens(signed(issuer), CLIENT).read(logout_token(issuer))
    assert (told.id, told.subject, told.issuer_session) == ("one", "reader-1", "s1")


@pytest.mark.parametrize("animal", LOGOUT_ZOO)
async def test_a_bad_logout_token_is_refused_for_its_own_reason(animal: str) -> None:
    issuer, (changed, reason) = Issuer(), LOGOUT_ZOO[animal]
    with pytest.raises(InvalidInput, match=reason):
        await LogoutTokens(signed(issuer), CLIENT).read(logout_token(issuer, **changed))


async def test_an_id_token_is_no_logout_token() -> None:
    issuer = Issuer()
    with pytest.raises(InvalidInput, match="not a logout token"):
        await LogoutTokens(signed(issuer), CLIENT).read(id_token(issuer, events={EVENT: {}}, nonce=None, jti="x"))


def test_what_is_sealed_opens_in_its_own_row_under_any_key_that_is_left() -> None:
    old, both = Seal({1: b"a" * 32}), Seal({1: b"a" * 32, 2: b"b" * 32})
    sealed = old.close("tokens", b"row")
    assert both.open(sealed, b"row") == "tokens"
    assert both.open(sealed, b"another row") is None
    assert both.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), b"row") is None
    assert Seal({2: b"b" * 32}).open(sealed, b"row") is None
    assert old.open(both.close("tokens", b"row"), b"row") is None
    assert both.open(b"", b"row") is None
