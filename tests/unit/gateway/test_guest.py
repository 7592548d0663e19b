"""A guest is who the server says: the cookie cannot be forged, and keys can be rotated."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.auth.guest import GuestCookies
from shared.errors import CannotStart

OLD, NEW = b"o" * 32, b"n" * 32


def value_of(header: bytes) -> str:
    return header.decode().split("=", 1)[1].split(";", 1)[0]


def test_a_cookie_names_the_guest_it_was_made_for() -> None:
    cookies = GuestCookies({1: NEW}, secure=False)
    guest = cookies.new_guest()
    assert cookies.read(value_of(cookies.header(guest))) == guest


def test_cookies_of_an_older_key_are_read_and_new_ones_are_signed_with_the_newest() -> None:
    before = value_of(GuestCookies({1: OLD}, secure=False).header("a"))
    after = GuestCookies({1: OLD, 2: NEW}, secure=False)
    assert after.read(before) == "a"
    assert value_of(after.header("a")).startswith("2.")
    assert GuestCookies({2: NEW}, secure=False).read(before) is None, "a key that was taken out no longer counts"


def test_over_tls_the_cookie_is_bound_to_the_host_and_secure() -> None:
    header = GuestCookies({1: NEW}, secure=True).header("a").decode()
    assert header.startswith("__Host-guest=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in header
    assert "Secure" not in GuestCookies({1: NEW}, secure=False).header("a").decode()


@given(st.text(max_size=300))
def test_no_other_text_names_a_guest(text: str) -> None:
    assert GuestCookies({1: NEW}, secure=False).read(text) is None


@given(st.data())
def test_a_truncated_or_changed_cookie_names_nobody(data: st.DataObject) -> None:
    cookies = GuestCookies({1: NEW}, secure=False)
    value = value_of(cookies.header("guest-of-this-test"))
    at = data.draw(st.integers(0, len(value) - 1))
    assert cookies.read(value[:at]) is None
    other = data.draw(st.sampled_from("abcXYZ019-_.").filter(lambda c: c != value[at]))
    assert cookies.read(value[:at] + other + value[at + 1 :]) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"x": "AAAA"}', '{"1": "short"}', json.dumps({"1": base64.b64encode(b"x" * 8).decode()})]
)
def test_a_wrong_key_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(text)
    with pytest.raises(CannotStart, match=r"keys\.json"):
        GuestCookies.from_file(file, secure=False)
