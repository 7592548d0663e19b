"""Who a request comes from: the principal, its API key, the network, and the cookie to set."""

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import cookie_parser

from gateway.auth.access_token import AccessTokens
from gateway.auth.cookies import SignInCookies
from gateway.auth.guest import GuestCookies
from gateway.auth.keeper import SessionKeeper, SessionStanding
from gateway.auth.network import Networks
from gateway.keys.key import ApiKey
from gateway.keys.secret import PREFIX
from shared.errors import Unauthenticated
from shared.identity import InternalTokenSigner, Kind, Principal

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Reader:
    """The one who reads, for one request."""

    principal: Principal
    network: str
    """Keyed hash of the network; empty for readers who are not guests."""
    set_cookie: bytes | None = None
    """Set-Cookie value for a guest who came without a valid cookie, or with one signed by an older key."""
    newcomer: bool = False
    """Whether this guest was made for this request."""
    session: SessionStanding | None = None
    """The session of a reader who signed in in a browser; None for guests and for callers with a token or key."""
    key: ApiKey | None = None
    """The API key that the call shows."""
    held_back: frozenset[str] = frozenset()
    """Roles that the reader has, and that wait for a sign-in with a second factor."""
    email: str = ""
    """The address that the issuer vouches for; empty when it is not known."""

    @property
    def signed_in(self) -> bool:
        """Whether the reader has an account."""
        return self.principal.kind is not Kind.GUEST

    @property
    def person(self) -> str:
        """The account of somebody who reads on the site; empty for guests, partners and programs with a key."""
        return self.principal.id if self.principal.kind is Kind.ACCOUNT and self.key is None else ""

    @property
    def scopes(self) -> frozenset[str] | None:
        """The rights that the call is restricted to; None for everything that the principal may do."""
        return self.key.scopes if self.key is not None else None


class Keys(Protocol):
    """What recognises API keys."""

    async def holder(self, secret: str, address: str) -> ApiKey:
        """Give the key that a call from a client's address shows; Unauthenticated when it is not good."""
        ...


class Deleted(Protocol):
    """What knows deleted accounts."""

    def refuse(self, account: str) -> None:
        """Unauthenticated for the credential of an account that was deleted lately."""
        ...


class Readers:
    """Recognises readers."""

    def __init__(
        self,
        cookies: GuestCookies,
        networks: Networks,
        access_tokens: AccessTokens,
        keys: Keys,
        signer: InternalTokenSigner,
        *,
        sessions: SessionKeeper | None = None,
        deleted: Deleted | None = None,
    ) -> None:
        """Take what recognises guests, networks, accounts, keys and, where it is set up, sessions, and what names them.

        `deleted` refuses accounts that are gone, whose tokens hold for a while.

        A session beats the guest cookie, and an Authorization header beats both.
        """
        self._cookies = cookies
        self._networks = networks
        self._access_tokens = access_tokens
        self._keys = keys
        self._signer = signer
        self._sessions = sessions
        self._deleted = deleted
        self._cookie_prefix = f"{cookies.name}=".encode()
        self._session_name = SignInCookies(secure=cookies.secure).session

    async def of(self, headers: Headers, peer: str) -> Reader:
        """Give the reader of a request; Unauthenticated for a credential that is present and not valid."""
        authorization = cookie = forwarded = None
        for name, value in headers:
            if name == b"cookie":
                cookie = value
            elif name == b"authorization":
                authorization = _one(authorization, value)
            elif name == b"x-forwarded-for":
                forwarded = value
        if authorization is not None and authorization[:7].lower() != b"bearer ":
            raise Unauthenticated(
                "CREDENTIAL_UNKNOWN",
                "Authorization: send a bearer access token or API key, or no credential at all.",
            )
        if authorization is None and cookie is not None and self._sessions is not None:
            session = await self._session(cookie, self._sessions)
            if session is not None:
                return Reader(session.principal, "", session=session, held_back=session.held_back, email=session.email)
        address = self._networks.client_address(peer, forwarded.decode("latin-1") if forwarded else None)
        if authorization is not None:
            return await self._bearer(authorization[7:].decode("latin-1").strip(), address)
        network = self._networks.bucket(address)
        written = self._value(cookie) if cookie is not None else None
        guest = self._cookies.read(written) if written is not None else None
        if written is None or guest is None:
            return self._newcomer(network)
        renewed = self._cookies.header(guest) if self._cookies.outdated(written) else None
        return Reader(Principal(Kind.GUEST, guest), network, renewed)

    def network_of(self, headers: Headers, peer: str) -> str:
        """Give the keyed hash of the network that a request comes from."""
        lines = [value for name, value in headers if name == b"x-forwarded-for"]
        # The last line is what the nearest proxy wrote; those before it anybody may have sent.
        return self._networks.bucket(
            self._networks.client_address(peer, lines[-1].decode("latin-1") if lines else None)
        )

    def guest_taken_away(self) -> str:
        """Give the Set-Cookie value that takes the guest cookie away, when the guest has become an account."""
        return self._cookies.take_away()

    def replaced(self, reader: Reader) -> Reader:
        """Give a new guest in the place of one that was merged into an account."""
        return self._newcomer(reader.network)

    def token(self, reader: Reader) -> str:
        """Give the internal token that names the reader to the services."""
        return self._signer.sign(reader.principal)

    def _newcomer(self, network: str) -> Reader:
        guest = self._cookies.new_guest()
        return Reader(Principal(Kind.GUEST, guest), network, self._cookies.header(guest), newcomer=True)

    async def _session(self, cookie: bytes, sessions: SessionKeeper) -> SessionStanding | None:
        """The session that a request's cookies name, when it lives."""
        text = cookie.decode("latin-1")
        secret = cookie_parser(text).get(self._session_name) if self._session_name in text else None
        return await sessions.standing(secret) if secret else None

    def _value(self, cookie: bytes) -> str | None:
        """The value of the guest cookie among a request's cookies."""
        text = cookie.decode("latin-1")
        if cookie.startswith(self._cookie_prefix) and ";" not in text:  # the common case, without a parser
            return text[len(self._cookie_prefix) :]
        # Read as browsers write it: another site's odd cookie on the same host must not hide ours (SimpleCookie would).
        return cookie_parser(text).get(self._cookies.name)

    async def _bearer(self, token: str, address: str) -> Reader:
        if token.startswith(PREFIX):
            key = await self._keys.holder(token, address)
            return Reader(Principal(Kind.ACCOUNT, key.account), "", key=key)
        read = await self._access_tokens.read(token)
        if self._deleted is not None and read.principal.kind is Kind.ACCOUNT:
            self._deleted.refuse(read.principal.id)
        return Reader(read.principal, "", held_back=read.held_back, email=read.email)


def _one(before: bytes | None, value: bytes) -> bytes:
    """Take the credential of a call, which has no more than one."""
    if before not in (None, value):
        raise Unauthenticated("CREDENTIAL_UNKNOWN", "Authorization: send one credential, not two.")
    return value
