"""Who reads: the same guest by its cookie, a new one without, an account by its token; never an error or a mix-up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from gateway.auth.access_token import AccessTokens
from gateway.auth.guest import GuestCookies
from gateway.auth.issuer_keys import IssuerKeys
from gateway.auth.network import Networks
from gateway.auth.reader import Headers, Reader, Readers
from gateway.keys.key import ApiKey
from shared.errors import Unauthenticated
from shared.identity import InternalTokenSigner, Kind
from tests.unit.gateway.tokens import AUDIENCE, ISSUER, Issuer

KEYS = {1: b"a" * 32}
PEER = "192.0.2.7"


class NoKeys:
    """Nobody has a key."""

    async def holder(self, secret: str, address: str) -> ApiKey:  # noqa: ARG002
        """Refuse every key."""
        raise Unauthenticated("API_KEY_INVALID", "nobody has it")


def readers_with(cookies: GuestCookies, issuer: Issuer | None = None) -> Readers:
    """What recognises readers, with real keys throughout."""
    key = OKPKey.generate_key("Ed25519", {"kid": "test"})
    keys = IssuerKeys((issuer or Issuer()).source())
    tokens = AccessTokens(keys, issuer=ISSUER, audience=AUDIENCE, algorithms=("ES256",), leeway=5)
    return Readers(cookies, Networks(b"n" * 32, ()), tokens, NoKeys(), InternalTokenSigner(key))


async def come(cookies: GuestCookies, *headers: tuple[bytes, bytes]) -> Reader:
    """A request with these headers."""
    sent: Headers = list(headers)
    return await readers_with(cookies).of(sent, PEER)


def value_for(cookies: GuestCookies, guest: str) -> str:
    """The cookie's value as a browser sends it back."""
    return cookies.header(guest).decode().split(";")[0].split("=", 1)[1]


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


@given(st.binary(max_size=400))
async def test_no_bytes_in_a_cookie_header_break_the_recognition(raw: bytes) -> None:
    reader = await come(GuestCookies(KEYS, secure=False), (b"cookie", b"guest=" + raw))
    assert reader.principal.kind is Kind.GUEST
    assert reader.set_cookie is not None


async def test_a_cookie_of_an_older_key_is_the_same_guest_and_is_written_again_under_the_newest() -> None:
    before = GuestCookies(KEYS, secure=False)
    after = GuestCookies(KEYS | {2: b"b" * 32}, secure=False)
    guest = before.new_guest()
    reader = await come(after, (b"cookie", f"guest={value_for(before, guest)}".encode()))
    assert (reader.principal.id, reader.newcomer, reader.set_cookie) == (guest, False, after.header(guest))
    assert reader.set_cookie is not None
    again = await come(after, (b"cookie", reader.set_cookie.split(b";")[0]))
    assert (again.principal.id, again.set_cookie) == (guest, None)


def test_the_mac_of_one_key_version_does_not_serve_another() -> None:
    cookies = GuestCookies({1: b"a" * 32, 2: b"a" * 32}, secure=False)
    version, guest, mac = value_for(cookies, "guest-id").split(".")
    assert version == "2"
    assert cookies.read(f"1.{guest}.{mac}") is None


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


async def test_a_call_with_two_credentials_is_refused_whichever_comes_first_and_however_good_they_are() -> None:
    cookies, issuer = GuestCookies(KEYS, secure=False), Issuer()
    readers, good = readers_with(cookies, issuer), b"Bearer " + issuer.token().encode()
    for other in (b"Bearer " + issuer.token(sub="reader-2").encode(), b"Bearer x.y.z", b"Basic eA==", b""):
        for both in ([good, other], [other, good], [good, good, other]):
            with pytest.raises(Unauthenticated) as refused:
                await readers.of([(b"authorization", one) for one in both], PEER)
            assert (both, refused.value.reason) == (both, "CREDENTIAL_UNKNOWN")
    same = await readers.of([(b"authorization", good), (b"authorization", good)], PEER)
    assert same.principal.name == "account:reader-1"
