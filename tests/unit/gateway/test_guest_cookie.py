"""The guest cookie: only what the server wrote is read; a forged or truncated one is a new guest, never an error."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from gateway.auth.access_token import AccessTokens
from gateway.auth.guest import GuestCookies
from gateway.auth.issuer_keys import IssuerKeys
from gateway.auth.network import Networks
from gateway.auth.reader import Headers, Reader, Readers
from shared.errors import Unauthenticated
from shared.identity import InternalTokenSigner, Kind
from tests.unit.gateway.tokens import AUDIENCE, ISSUER, Issuer

KEYS = {1: b"a" * 32}
PEER = "192.0.2.7"


def readers_with(cookies: GuestCookies, issuer: Issuer | None = None) -> Readers:
    """What recognises readers, with real keys throughout."""
    key = OKPKey.generate_key("Ed25519", {"kid": "test"})
    keys = IssuerKeys((issuer or Issuer()).source())
    tokens = AccessTokens(keys, issuer=ISSUER, audience=AUDIENCE, algorithms=("ES256",), leeway=5)
    return Readers(cookies, Networks(b"n" * 32, ()), tokens, InternalTokenSigner(key))


async def come(cookies: GuestCookies, *headers: tuple[bytes, bytes]) -> Reader:
    """A request with these headers."""
    sent: Headers = list(headers)
    return await readers_with(cookies).of(sent, PEER)


def value_for(cookies: GuestCookies, guest: str) -> str:
    """The cookie's value as a browser sends it back."""
    return cookies.header(guest).decode().split(";")[0].split("=", 1)[1]


def test_over_tls_the_cookie_is_bound_to_the_host() -> None:
    header = GuestCookies(KEYS, secure=True).header("guest-id").decode()
    name, *attributes = header.split("; ")
    assert name.startswith("__Host-guest=")
    assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} <= set(attributes)
    assert not any(attribute.startswith("Domain") for attribute in attributes)


def test_on_plain_localhost_the_cookie_has_a_plain_name_and_is_not_marked_secure() -> None:
    header = GuestCookies(KEYS, secure=False).header("guest-id").decode()
    assert header.startswith("guest=")
    assert "Secure" not in header


async def test_who_comes_with_the_cookie_is_the_same_guest_and_gets_no_other() -> None:
    cookies = GuestCookies(KEYS, secure=False)
    first = await come(cookies)
    assert first.set_cookie is not None
    again = await come(cookies, (b"cookie", first.set_cookie.split(b";")[0]))
    assert (again.principal, again.set_cookie) == (first.principal, None)


@pytest.mark.parametrize("before", ["a[b]=1; ", 'x={"j": 1}; ', "weird; ", "=; ", '"; ', "guest2=1; "])
async def test_an_odd_cookie_of_another_site_does_not_hide_the_guests(before: str) -> None:
    cookies = GuestCookies(KEYS, secure=False)
    guest = cookies.new_guest()
    reader = await come(cookies, (b"cookie", f"{before}guest={value_for(cookies, guest)}; theme=dark".encode()))
    assert reader.principal.id == guest


@given(st.data())
def test_a_cookie_changed_in_any_place_is_not_read(data: st.DataObject) -> None:
    cookies = GuestCookies(KEYS, secure=False)
    good = value_for(cookies, cookies.new_guest())
    place = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda c: c != good[place]))
    read = cookies.read(good[:place] + other + good[place + 1 :])
    assert read is None


@given(st.integers(0, 100))
def test_a_truncated_cookie_is_not_read(length: int) -> None:
    cookies = GuestCookies(KEYS, secure=False)
    good = value_for(cookies, cookies.new_guest())
    assert cookies.read(good[: min(length, len(good) - 1)]) is None


@given(st.binary(max_size=400))
async def test_no_bytes_in_a_cookie_header_break_the_recognition(raw: bytes) -> None:
    reader = await come(GuestCookies(KEYS, secure=False), (b"cookie", b"guest=" + raw))
    assert reader.principal.kind is Kind.GUEST
    assert reader.set_cookie is not None


def test_after_a_rotation_cookies_of_the_older_key_are_read_and_new_ones_are_signed_by_the_newer() -> None:
    old = GuestCookies(KEYS, secure=False)
    both = GuestCookies(KEYS | {2: b"b" * 32}, secure=False)
    assert both.read(value_for(old, "guest-id")) == "guest-id"
    assert value_for(both, "guest-id").startswith("2.")
    assert old.read(value_for(both, "guest-id")) is None


def test_the_mac_of_one_key_version_does_not_serve_another() -> None:
    cookies = GuestCookies({1: b"a" * 32, 2: b"a" * 32}, secure=False)
    version, guest, mac = value_for(cookies, "guest-id").split(".")
    assert version == "2"
    assert cookies.read(f"1.{guest}.{mac}") is None


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"1": "short"}', '{"one": "YQ=="}', '{"1": 5}', json.dumps({"1": "YQ=="})]
)
def test_a_key_file_that_is_not_right_is_refused_by_its_name(tmp_path: Path, content: str) -> None:
    file = tmp_path / "guest-cookie.json"
    file.write_text(content)
    with pytest.raises(ValueError, match=r"guest-cookie\.json"):
        GuestCookies.from_file(file, secure=False)


def test_a_key_file_as_the_launcher_writes_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "guest-cookie.json"
    file.write_text(json.dumps({"1": base64.b64encode(b"k" * 32).decode()}))
    assert GuestCookies.from_file(file, secure=True).name == "__Host-guest"


@pytest.mark.parametrize("credential", ["Bearer", "Bearer ", "Bearer x.y.z", "Basic dXNlcjpwYXNz", "nonsense", ""])
async def test_a_credential_that_is_not_valid_never_makes_a_guest(credential: str) -> None:
    cookies = GuestCookies(KEYS, secure=False)
    good = f"guest={value_for(cookies, cookies.new_guest())}".encode()
    with pytest.raises(Unauthenticated):
        await come(cookies, (b"cookie", good), (b"authorization", credential.encode()))


async def test_a_valid_credential_goes_before_the_cookie() -> None:
    cookies, issuer = GuestCookies(KEYS, secure=False), Issuer()
    good = f"guest={value_for(cookies, cookies.new_guest())}".encode()
    headers = [(b"cookie", good), (b"authorization", b"Bearer " + issuer.token().encode())]
    reader = await readers_with(cookies, issuer).of(headers, PEER)
    assert (reader.principal.name, reader.set_cookie, reader.network) == ("account:reader-1", None, "")
