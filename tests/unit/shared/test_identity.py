"""Internal tokens name their principal, and nothing but our own fresh tokens is believed."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey, RSAKey

from shared.errors import CannotStart, Unauthenticated
from shared.identity import (
    ALGORITHM,
    AUDIENCE,
    EVERYBODY,
    ISSUER,
    LIFE_SECONDS,
    READ_AGAIN_SECONDS,
    TOKEN_TYPE,
    InternalTokenSigner,
    InternalTokenVerifier,
    Kind,
    Principal,
    TrustedKey,
    new_key_file,
    public_keys,
)
from tests.internal_keys import new_key_files

READER = Principal(Kind.ACCOUNT, "4711", frozenset({"editor"}))


class Time:
    """A clock in seconds that tests move."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": "one"})


def verifier_of(keys: Iterable[OKPKey], now: Callable[[], float] = time.time) -> InternalTokenVerifier:
    return InternalTokenVerifier([TrustedKey(key) for key in keys], now=now)


def claims(**changes: object) -> dict[str, Any]:
    now = int(time.time())
    good: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "account:4711",
        "roles": [],
        "iat": now,
        "nbf": now,
        "exp": now + 60,
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def forge(key: OKPKey, header: dict[str, Any] | None = None, **changes: Any) -> str:
    head = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": key.kid} | (header or {})
    return jwt.encode({k: v for k, v in head.items() if v is not None}, claims(**changes), key, algorithms=[ALGORITHM])


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_signed_token_gives_back_its_principal(tmp_path: Path) -> None:
    new_key_files(tmp_path / "private", tmp_path / "public")
    token = InternalTokenSigner.from_jwk_file(tmp_path / "private").sign(READER)
    assert InternalTokenVerifier.from_jwks_file(tmp_path / "public").verify(token) == READER


def test_the_private_key_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    new_key_files(tmp_path / "private", tmp_path / "public")
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o600


def test_a_forged_token_with_nothing_wrong_is_accepted(key: OKPKey) -> None:
    """The zoo below proves nothing unless its unchanged animal passes."""
    assert verifier_of([key]).verify(forge(key)).name == "account:4711"


MOMENTS = ("nbf", "exp")
"""Claims that BAD_CLAIMS gives in seconds from the moment of the test."""
BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "somebody"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "somebody"},
    "a list of audiences": {"aud": [AUDIENCE, "somebody"]},
    "no audience": {"aud": None},
    "expired": {"nbf": -200, "exp": -100},
    "not yet valid": {"nbf": 60, "exp": 120},
    "no expiry": {"exp": None},
    "no beginning": {"nbf": None},
    "an expiry that is text": {"exp": "tomorrow"},
    "an expiry that is true": {"exp": True},
    "a life longer than we give": {"exp": 86_400},
    "no subject": {"sub": None},
    "an unknown kind of subject": {"sub": "root:1"},
    "a subject without an id": {"sub": "account:"},
    "no roles": {"roles": None},
    "roles that are text": {"roles": "operator"},
    "roles that are numbers": {"roles": [1]},
}


@pytest.mark.parametrize("changes", BAD_CLAIMS.values(), ids=BAD_CLAIMS.keys())
def test_a_token_with_wrong_claims_is_refused(key: OKPKey, changes: dict[str, Any]) -> None:
    now = int(time.time())
    given: dict[str, Any] = {
        name: now + value if name in MOMENTS and type(value) is int else value for name, value in changes.items()
    }
    with pytest.raises(Unauthenticated):
        verifier_of([key]).verify(forge(key, **given))


BAD_HEADERS: dict[str, dict[str, Any]] = {
    "an access token's type": {"typ": "at+jwt"},
    "a plain JWT": {"typ": "JWT"},
    "no type": {"typ": None},
    "an unknown key": {"kid": "two"},
    "no key": {"kid": None},
}


@pytest.mark.parametrize("header", BAD_HEADERS.values(), ids=BAD_HEADERS.keys())
def test_a_token_with_a_wrong_header_is_refused(key: OKPKey, header: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        verifier_of([key]).verify(forge(key, header))


def unsigned(_key: OKPKey) -> str:
    return f"{part({'alg': 'none', 'typ': TOKEN_TYPE, 'kid': 'one'})}.{part(claims())}."


def hmac_signed(secret: bytes) -> str:
    body = f"{part({'alg': 'HS256', 'typ': TOKEN_TYPE, 'kid': 'one'})}.{part(claims())}"
    signature = hmac.digest(secret, body.encode(), "sha256")
    return f"{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def hmac_with_the_public_key(key: OKPKey) -> str:
    return hmac_signed(base64.urlsafe_b64decode(f"{key.as_dict(private=False)['x']}="))


def hmac_with_the_public_key_as_pem(key: OKPKey) -> str:
    return hmac_signed(key.as_pem(private=False))


def rsa_under_our_key_id(_key: OKPKey) -> str:
    return jwt.encode({"alg": "RS256", "typ": TOKEN_TYPE, "kid": "one"}, claims(), RSAKey.generate_key(2048))


def another_key_under_our_key_id(_key: OKPKey) -> str:
    return forge(OKPKey.generate_key("Ed25519", {"kid": "one"}))


def key_of_its_own_inside(_key: OKPKey) -> str:
    own = OKPKey.generate_key("Ed25519", {"kid": "one"})
    return forge(own, {"jwk": own.as_dict(private=False)})


def claims_exchanged(key: OKPKey) -> str:
    head, _, signature = forge(key).split(".")
    return f"{head}.{part(claims(sub='account:1', roles=['operator']))}.{signature}"


def key_id_that_is_a_list(key: OKPKey) -> str:
    return f"{part({'alg': ALGORITHM, 'typ': TOKEN_TYPE, 'kid': ['one']})}.{part(claims())}.{forge(key).split('.')[2]}"


def claims_that_are_a_list(_key: OKPKey) -> str:
    return f"{part({'alg': ALGORITHM, 'typ': TOKEN_TYPE, 'kid': 'one'})}.{part([1])}.AAAA"


@pytest.mark.parametrize(
    "make",
    [
        unsigned,
        hmac_with_the_public_key,
        hmac_with_the_public_key_as_pem,
        rsa_under_our_key_id,
        another_key_under_our_key_id,
        key_of_its_own_inside,
        claims_exchanged,
        key_id_that_is_a_list,
        claims_that_are_a_list,
        lambda key: forge(key)[:-6],
        lambda key: forge(key) + "A" * 5000,
        lambda _key: "",
        lambda _key: "..",
        lambda _key: "not a token",
        lambda _key: "é.é.é",
    ],
)
def test_a_token_that_is_not_ours_is_refused(key: OKPKey, make: Callable[[OKPKey], str]) -> None:
    token = make(key)
    with pytest.raises(Unauthenticated) as refusal:
        verifier_of([key]).verify(token)
    assert refusal.value.reason == "INTERNAL_TOKEN_INVALID"


def test_a_token_stops_being_accepted_at_its_end_even_when_it_was_seen_before(key: OKPKey) -> None:
    now = Time()
    verifier = verifier_of([key], now)
    token = InternalTokenSigner(key, now=now).sign(READER)
    assert verifier.verify(token) == READER
    now.now += LIFE_SECONDS + 10
    with pytest.raises(Unauthenticated):
        verifier.verify(token)


def test_signing_again_is_a_look_up_until_half_of_the_life_has_passed(key: OKPKey) -> None:
    now = Time()
    signer = InternalTokenSigner(key, now=now)
    first = signer.sign(READER)
    now.now += LIFE_SECONDS / 2 - 2
    assert signer.sign(READER) is first
    now.now += 4
    assert signer.sign(READER) != first


def test_the_roles_of_a_principal_are_signed_not_remembered(key: OKPKey) -> None:
    signer, verifier = InternalTokenSigner(key), verifier_of([key])
    signer.sign(READER)
    assert verifier.verify(signer.sign(Principal(Kind.ACCOUNT, "4711"))).roles == frozenset()


def test_both_keys_are_believed_while_they_are_changed() -> None:
    old, new = (OKPKey.generate_key("Ed25519", {"kid": kid}) for kid in ("old", "new"))
    verifier = verifier_of([old, new])
    assert verifier.verify(InternalTokenSigner(old).sign(READER)) == READER
    assert verifier.verify(InternalTokenSigner(new).sign(READER)) == READER


def test_a_key_added_to_the_file_is_found_without_a_restart(tmp_path: Path) -> None:
    new_key_files(tmp_path / "private", tmp_path / "public")
    verifier = InternalTokenVerifier.from_jwks_file(tmp_path / "public")
    new_key_files(tmp_path / "private2", tmp_path / "public2")
    keys = [json.loads((tmp_path / name).read_text())["keys"][0] for name in ("public", "public2")]
    (tmp_path / "public").write_text(json.dumps({"keys": keys}))
    assert verifier.verify(InternalTokenSigner.from_jwk_file(tmp_path / "private2").sign(READER)) == READER
    assert verifier.verify(InternalTokenSigner.from_jwk_file(tmp_path / "private").sign(READER)) == READER


def test_a_thousand_unknown_keys_read_the_file_once(key: OKPKey) -> None:
    reads, now = [], Time()
    trusted = [TrustedKey(key)]
    verifier = InternalTokenVerifier(trusted, now=now, read_again=lambda: reads.append(1) or trusted)  # type: ignore[func-returns-value]
    for number in range(1000):
        with pytest.raises(Unauthenticated):
            verifier.verify(forge(key, {"kid": f"unknown-{number}"}))
    assert len(reads) == 1
    now.now += READ_AGAIN_SECONDS
    with pytest.raises(Unauthenticated):
        verifier.verify(forge(key, {"kid": "unknown"}))
    assert len(reads) == 2


def test_a_key_file_that_is_broken_while_it_is_read_again_costs_no_known_key(tmp_path: Path) -> None:
    new_key_files(tmp_path / "private", tmp_path / "public")
    signer = InternalTokenSigner.from_jwk_file(tmp_path / "private")
    verifier = InternalTokenVerifier.from_jwks_file(tmp_path / "public")
    (tmp_path / "public").write_text('{"keys": [')
    with pytest.raises(Unauthenticated):
        verifier.verify(forge(OKPKey.generate_key("Ed25519", {"kid": "other"})))
    assert verifier.verify(signer.sign(READER)) == READER


SEARCH = Principal(Kind.SERVICE, "search", frozenset({"service"}))


@pytest.fixture
def of_search(tmp_path: Path) -> tuple[InternalTokenSigner, InternalTokenVerifier]:
    """The signer of search with its own key, and a service that trusts it and the gateway."""
    for name in ("gateway", "search"):
        new_key_file(tmp_path / name)
    keys = public_keys(tmp_path / "gateway", EVERYBODY) + public_keys(tmp_path / "search", "service:search", "service")
    (tmp_path / "public").write_text(json.dumps({"keys": keys}))
    signer = InternalTokenSigner.from_jwk_file(tmp_path / "search")
    return signer, InternalTokenVerifier.from_jwks_file(tmp_path / "public")


def test_the_key_of_a_service_names_that_service_with_its_roles(
    of_search: tuple[InternalTokenSigner, InternalTokenVerifier],
) -> None:
    signer, verifier = of_search
    assert verifier.verify(signer.sign(SEARCH)) == SEARCH
    assert verifier.verify(signer.sign(Principal(Kind.SERVICE, "search"))).roles == frozenset()


@pytest.mark.parametrize(
    "forged",
    [
        READER,
        Principal(Kind.GUEST, "search"),
        Principal(Kind.ACCOUNT, "search", frozenset({"service"})),
        Principal(Kind.SERVICE, "gateway", frozenset({"service"})),
        Principal(Kind.SERVICE, "search ", frozenset({"service"})),
        Principal(Kind.SERVICE, "search", frozenset({"service", "operator"})),
        Principal(Kind.SERVICE, EVERYBODY),
    ],
)
def test_the_key_of_a_service_cannot_name_a_reader_another_service_or_take_a_role(
    of_search: tuple[InternalTokenSigner, InternalTokenVerifier], forged: Principal
) -> None:
    signer, verifier = of_search
    with pytest.raises(Unauthenticated, match="speaks for another principal or other roles"):
        verifier.verify(signer.sign(forged))


def test_the_key_id_of_the_gateway_does_not_lend_its_rights_to_another_key(tmp_path: Path, key: OKPKey) -> None:
    own = OKPKey.generate_key("Ed25519", {"kid": "search"})
    verifier = InternalTokenVerifier([TrustedKey(key), TrustedKey(own, "service:search")])
    with pytest.raises(Unauthenticated, match="signature"):
        verifier.verify(forge(own, {"kid": key.kid}))


@pytest.mark.parametrize("spoken_for", [{}, {"principal": 7}, {"principal": "search"}, {"principal": "root:search"}])
def test_a_public_key_that_does_not_say_whom_it_speaks_for_is_named_in_a_sentence(
    tmp_path: Path, key: OKPKey, spoken_for: dict[str, object]
) -> None:
    (tmp_path / "keys").write_text(json.dumps({"keys": [key.as_dict(private=False) | spoken_for]}))
    with pytest.raises(CannotStart, match="the key one does not say whom it speaks for"):
        InternalTokenVerifier.from_jwks_file(tmp_path / "keys")


def test_roles_of_a_public_key_that_are_no_texts_are_named_in_a_sentence(tmp_path: Path, key: OKPKey) -> None:
    members = key.as_dict(private=False) | {"principal": "service:search", "roles": "service"}
    (tmp_path / "keys").write_text(json.dumps({"keys": [members]}))
    with pytest.raises(CannotStart, match="roles"):
        InternalTokenVerifier.from_jwks_file(tmp_path / "keys")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"keys": []}', '{"keys": [{}]}', '{"keys": [{"kty": "oct", "k": "AAAA"}]}', '"x"']
)
def test_a_wrong_key_file_is_named_in_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").write_text(text)
    with pytest.raises(CannotStart, match="keys"):
        InternalTokenVerifier.from_jwks_file(tmp_path / "keys")


def test_a_key_file_that_is_missing_is_named_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="nowhere"):
        InternalTokenSigner.from_jwk_file(tmp_path / "nowhere")


def test_the_halves_of_a_key_are_not_interchangeable(tmp_path: Path) -> None:
    new_key_files(tmp_path / "private", tmp_path / "public")
    with pytest.raises(CannotStart, match="private keys"):
        InternalTokenVerifier.from_jwks_file(tmp_path / "private")
    with pytest.raises(CannotStart, match="public keys only"):
        InternalTokenSigner.from_jwk_file(tmp_path / "public")


def test_keys_of_another_sort_are_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(json.dumps(KeySet([RSAKey.generate_key(2048)]).as_dict(private=False)))
    with pytest.raises(CannotStart, match="Ed25519 keys only"):
        InternalTokenVerifier.from_jwks_file(tmp_path / "keys")


def test_the_written_public_file_is_a_key_set_without_private_parts(tmp_path: Path) -> None:
    new_key_files(tmp_path / "private", tmp_path / "public")
    assert "d" not in KeySet.import_key_set(json.loads((tmp_path / "public").read_text())).keys[0].as_dict()
