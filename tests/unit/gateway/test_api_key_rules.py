"""API keys as rules: their form, what an owner may ask for, where they may be used."""

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.keys.key import ApiKey, requested
from gateway.keys.secret import PATTERN, beginning, is_secret, new_secret
from shared.errors import InvalidInput

NOW = datetime(2026, 5, 1, tzinfo=UTC)
KEY = ApiKey(
    id="key_1",
    account="a",
    name="n",
    beginning="ca_live_abcd",
    scopes=frozenset({"codes:read"}),
    networks=(ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")),
    origins=(),
    created_at=NOW,
    expires_at=NOW + timedelta(days=1),
    last_used_at=None,
    revoked_at=None,
)
GOOD = {"name": "billing", "scopes": ["codes:read"], "days": 30, "networks": [], "origins": []}


def test_a_new_secret_has_the_documented_form_and_its_check_sum() -> None:
    secret = new_secret()
    assert PATTERN.fullmatch(secret)
    assert is_secret(secret)
    assert beginning(secret) == secret[:12]
    assert len({new_secret() for _ in range(100)}) == 100


@given(st.integers(8, 46), st.sampled_from(string.ascii_letters + string.digits))
def test_a_mistyped_secret_is_known_without_the_database(place: int, character: str) -> None:
    secret = new_secret()
    wrong = secret[:place] + character + secret[place + 1 :]
    assert is_secret(wrong) == (wrong == secret)


def test_a_key_ends_at_its_expiry_and_when_it_is_revoked() -> None:
    assert KEY.live(KEY.expires_at - timedelta(microseconds=1))
    assert not KEY.live(KEY.expires_at)
    assert not replace(KEY, revoked_at=NOW).live(NOW)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("192.0.2.200", True),
        ("192.0.3.1", False),
        ("::ffff:192.0.2.9", True),
        ("2001:db8:1::1", True),
        ("2001:db9::1", False),
        ("unix socket", False),
    ],
)
def test_a_key_with_networks_is_used_from_them_only(address: str, allowed: bool) -> None:
    assert KEY.allows(address) is allowed
    assert replace(KEY, networks=()).allows(address)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", " ", "name: a name of 1 to 80"),
        ("name", "a\nb", "name: a name of 1 to 80"),
        ("days", 0, "days: a key lives 1 to 366"),
        ("days", 400, "days: a key lives 1 to 366"),
        ("scopes", [], "scopes: at least one"),
        ("scopes", ["keys:manage"], "scopes: 'keys:manage' is no scope"),
        ("networks", ["192.0.2.1/24"], "networks: '192.0.2.1/24' is no network"),
        ("origins", ["https://app.example.org/page"], "origins: 'https://app.example.org/page' is no origin"),
        ("origins", ["*"], "origins: '*' is no origin"),
        ("origins", ["https://u@app.example.org"], "origins: 'https://u@app.example.org' is no origin"),
        ("origins", ["null"], "origins: 'null' is no origin"),
    ],
)
def test_what_is_not_right_in_a_wish_is_named_by_its_field(field: str, value: object, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        requested(**(GOOD | {field: value}))  # type: ignore[arg-type]  # wrong values are the point
    assert refused.value.message.startswith(said)


def test_a_right_wish_is_read() -> None:
    new = requested(**(GOOD | {"networks": ["192.0.2.7"], "origins": ["HTTPS://App.example.org:8443"]}))  # type: ignore[arg-type]
    assert new.networks == (ip_network("192.0.2.7/32"),)
    assert new.origins == ("https://app.example.org:8443",)
