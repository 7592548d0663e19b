"""Credentials and key sets of an odd form: refused with a sentence, never a crash, never a right that was not given."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.auth.access_token import AccessTokens
from gateway.auth.issuer_keys import IssuerKeys
from shared.errors import Unauthenticated, Unavailable
from tests.unit.gateway.tokens import AUDIENCE, ISSUER, Issuer


def tokens_of(issuer: Issuer) -> AccessTokens:
    """What the gateway checks tokens with, when it trusts this issuer."""
    return AccessTokens(
        IssuerKeys(issuer.source()), issuer=ISSUER, audience=AUDIENCE, algorithms=("RS256", "ES256"), leeway=30
    )


def part(value: object) -> str:
    """A value as one part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


NESTED = base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("=")


@pytest.mark.parametrize(
    "header",
    [NESTED, part([]), part(None), part({"alg": ["ES256"]}), part({"alg": "ES256", "kid": ["a"]}), "%%%", "é", ""],
)
async def test_an_odd_header_is_refused_and_breaks_nothing(header: str) -> None:
    issuer = Issuer()
    with pytest.raises(Unauthenticated):
        await tokens_of(issuer).principal(f"{header}.{part(issuer.claims())}.c2lnbmF0dXJl")


@given(
    st.one_of(st.text(max_size=300), st.lists(st.text(alphabet="abcXYZ019-_=", max_size=60), max_size=5).map(".".join))
)
async def test_no_text_at_all_breaks_the_check(text: str) -> None:
    with pytest.raises(Unauthenticated):
        await tokens_of(Issuer()).principal(text)


async def test_only_roles_that_an_issuer_may_give_go_on_to_the_services() -> None:
    issuer = Issuer()
    named = ["operator", "service", "default-roles-codingahead", "offline_access"]
    token = issuer.token(acr="2", realm_access={"roles": named})
    assert (await tokens_of(issuer).principal(token)).roles == frozenset({"operator"})


@pytest.mark.parametrize("roles", [None, 7, {"roles": "editor"}, {"roles": None}, {"roles": [["editor"], 5]}])
async def test_roles_of_an_odd_form_give_no_role(roles: object) -> None:
    issuer = Issuer()
    assert (await tokens_of(issuer).principal(issuer.token(realm_access=roles))).roles == frozenset()


@pytest.mark.parametrize("document", ["", "{}", "[]", '{"keys": 5}', '{"keys": [{"kty": "RSA"}]}', '{"keys": [{}]}'])
async def test_keys_that_cannot_be_read_count_as_an_issuer_that_is_away(document: str) -> None:
    async def ask() -> str:
        return document

    with pytest.raises(Unavailable, match="Sign-in does not answer"):
        await IssuerKeys(ask).holding("a")
