"""A zoo of bad access tokens, each refused for its own reason; a good one names its account."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from gateway.auth.access_token import AccessTokens
from gateway.auth.issuer_keys import IssuerKeys
from shared.errors import Unauthenticated, Unavailable
from shared.identity import Kind

ISSUER = "https://issuer.example/realms/codingahead"
KEY = ECKey.generate_key("P-256", auto_kid=True)
OTHER = ECKey.generate_key("P-256", auto_kid=True)
Claims = dict[str, Any]


class Issuer:
    """An issuer whose document can change and which can be away."""

    def __init__(self, *keys: ECKey) -> None:
        self.keys = list(keys)
        self.asked = 0
        self.away = False

    async def document(self) -> str:
        self.asked += 1
        if self.away:
            raise OSError("away")
        return json.dumps(KeySet(list(self.keys)).as_dict(private=False))


def claims(**changes: object) -> Claims:
    now = int(time.time())
    base = {
        "iss": ISSUER,
        "aud": ["account", "coding-ahead"],
        "sub": "alice",
        "typ": "Bearer",
        "exp": now + 3600,
        "nbf": now,
        "realm_access": {"roles": ["editor"]},
    }
    return {name: value for name, value in (base | changes).items() if value is not None}


def signed(values: Claims, key: ECKey = KEY, **header: str) -> str:
    return jwt.encode({"alg": "ES256", "typ": "JWT", "kid": key.kid, **header}, values, key)


def tokens(issuer: Issuer, now: Callable[[], float] = time.monotonic) -> AccessTokens:
    return AccessTokens(
        IssuerKeys(issuer.document, now=now),
        issuer=ISSUER,
        audience="coding-ahead",
        algorithms=("ES256", "RS256"),
        leeway=5,
    )


async def test_a_good_token_names_its_account_and_roles() -> None:
    principal = await tokens(Issuer(KEY)).principal(signed(claims()))
    assert principal.name == "account:alice"
    assert principal.kind is Kind.ACCOUNT
    assert principal.roles == {"editor"}


def unsigned() -> str:
    header, body, _ = signed(claims()).split(".")
    none = jwt.encode({"alg": "HS256"}, claims(), OctKey.generate_key(256)).split(".")[0]
    assert header != none
    return f"eyJhbGciOiJub25lIn0.{body}."


def with_public_key_as_secret() -> str:
    secret = OctKey.import_key(json.dumps(KEY.as_dict(private=False)).encode())
    return jwt.encode({"alg": "HS256", "kid": KEY.kid}, claims(), secret)


ZOO = {
    "not a token": ("rubbish", "not a signed token"),
    "three rubbish parts": ("a.b.c", "not a signed token"),
    "enormous": ("a" * 9000 + ".b.c", "not a signed token"),
    "alg none": (unsigned(), "algorithm is not accepted"),
    "HS256 with the public key": (with_public_key_as_secret(), "algorithm is not accepted"),
    "unknown key": (signed(claims(), OTHER), "key is not one of the issuer's"),
    "another key under a known id": (signed(claims(), OTHER, kid=str(KEY.kid)), "signature does not hold"),
    "wrong issuer": (signed(claims(iss=ISSUER + "/")), "issuer is another"),
    "wrong audience": (signed(claims(aud="account")), "another audience"),
    "no audience": (signed(claims(aud=None)), "another audience"),
    "ID token": (signed(claims(typ="ID")), "not an access token"),
    "logout token": (signed(claims(typ="Logout"), typ="logout+jwt"), "not an access token"),
    "expired": (signed(claims(exp=int(time.time()) - 600)), "has expired"),
    "not yet valid": (signed(claims(nbf=int(time.time()) + 1800)), "not valid yet"),
    "no expiry": (signed(claims(exp=None)), "until when it is valid"),
    "expiry in words": (signed(claims(exp="never")), "until when it is valid"),
    "not valid yet in words": (signed(claims(nbf="tomorrow")), "until when it is valid"),
    "a list of other audiences": (
        signed(claims(aud=["account", "coding-ahead-web", "CODING-AHEAD"])),
        "another audience",
    ),
    "an audience that is no text": (signed(claims(aud={"coding-ahead": True})), "another audience"),
    "refresh token": (signed(claims(typ="Refresh")), "not an access token"),
    "offline token": (signed(claims(typ="Offline")), "not an access token"),
    "no type at all": (signed(claims(typ=None)), "not an access token"),
    "a party that is no text": (signed(claims(azp=["coding-ahead-web"])), "names its client in another form"),
    "no subject": (signed(claims(sub=None)), "names no account"),
}


@pytest.mark.parametrize("animal", ZOO)
async def test_a_bad_token_is_refused_for_its_own_reason(animal: str) -> None:
    token, reason = ZOO[animal]
    with pytest.raises(Unauthenticated, match=reason):
        await tokens(Issuer(KEY)).principal(token)


async def test_a_changed_body_is_refused() -> None:
    header, _, signature = signed(claims()).split(".")
    _, other, _ = signed(claims(sub="mallory")).split(".")
    with pytest.raises(Unauthenticated, match="signature does not hold"):
        await tokens(Issuer(KEY)).principal(f"{header}.{other}.{signature}")


async def test_a_thousand_unknown_keys_ask_the_issuer_once_more_at_most() -> None:
    issuer, clock = Issuer(KEY), [1000.0]
    access = tokens(issuer, now=lambda: clock[0])
    await access.principal(signed(claims()))
    strangers = [access.principal(signed(claims(), OTHER, kid=f"unknown-{number}")) for number in range(1000)]
    refused = await asyncio.gather(*strangers, return_exceptions=True)
    assert all(isinstance(answer, Unauthenticated) for answer in refused)
    assert issuer.asked == 1, "within half a minute the issuer is not asked again"
    clock[0] += 31.0
    strangers = [access.principal(signed(claims(), OTHER, kid=f"later-{number}")) for number in range(1000)]
    await asyncio.gather(*strangers, return_exceptions=True)
    assert issuer.asked == 2, "and then once"


async def test_a_token_that_was_issued_to_another_client_begins_no_session_here() -> None:
    access = tokens(Issuer(KEY))
    assert (await access.of_client(signed(claims(azp="coding-ahead-web")), "coding-ahead-web")).principal.id == "alice"
    for party in ("another-site", "", "coding-ahead-web2", None):
        with pytest.raises(Unauthenticated, match="issued to another client"):
            await access.of_client(signed(claims(azp=party)), "coding-ahead-web")


async def test_a_rotated_key_is_fetched_and_the_last_good_ones_are_kept_while_the_issuer_is_away() -> None:
    issuer, clock = Issuer(KEY), [0.0]
    access = tokens(issuer, now=lambda: clock[0])
    await access.principal(signed(claims()))
    issuer.keys = [KEY, OTHER]
    clock[0] = 31.0
    assert (await access.principal(signed(claims(sub="bob"), OTHER))).id == "bob"
    issuer.away = True
    clock[0] = 10_000.0
    assert (await access.principal(signed(claims(sub="carol")))).id == "carol"


async def test_an_issuer_that_was_never_there_is_a_passing_fault_not_a_wrong_token() -> None:
    issuer = Issuer()
    issuer.away = True
    with pytest.raises(Unavailable):
        await tokens(issuer).principal(signed(claims()))


async def test_rsa_keys_as_keycloak_has_them_are_accepted() -> None:
    key = RSAKey.generate_key(2048, auto_kid=True)

    async def document() -> str:
        return json.dumps(KeySet([key]).as_dict(private=False))

    access = AccessTokens(IssuerKeys(document), issuer=ISSUER, audience="coding-ahead", algorithms=("RS256",), leeway=5)
    token = jwt.encode({"alg": "RS256", "typ": "JWT", "kid": key.kid}, claims(), key)
    assert (await access.principal(token)).id == "alice"
