"""ID tokens: who has signed in, told to this site alone and for one sign-in (OpenID Connect Core, section 3.1.3.7)."""

import base64
import hashlib
import hmac
from typing import NamedTuple

from gateway.auth.signed_token import Claims, SignedToken, SignedTokens, names_audience
from shared.errors import Unauthenticated

LONGEST_AGE_SECONDS = 600.0
DIGESTS = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
"""By the end of a signature algorithm's name (section 3.1.3.6)."""


class IdToken(NamedTuple):
    """What an ID token says of a person."""

    subject: str
    issuer_session: str
    """The issuer's own session (sid); empty when it names none."""
    name: str
    """What the person is called on pages: the name, or the user name, or the e-mail address."""
    email: str
    """Empty when the issuer does not tell it."""


class IdTokens:
    """Checks ID tokens."""

    def __init__(self, signed: SignedTokens, client: str) -> None:
        """Take what reads the issuer's signatures, and this site's client, to whom the tokens must be addressed."""
        self._signed = signed
        self._client = client

    async def at_sign_in(self, token: str, *, nonce: str, access_token: str) -> IdToken:
        """Check the token of a sign-in that was begun with a nonce; Unauthenticated says which check failed."""
        read = await self._read(token)
        if not hmac.compare_digest(str(read.claims.get("nonce", "")).encode(), nonce.encode()):
            raise _refused("it belongs to another sign-in")
        self._signed.check_issued(read.claims, LONGEST_AGE_SECONDS, _refused)
        _check_hash(read, access_token)
        return _person(read.claims)

    async def at_refresh(self, token: str, *, subject: str) -> IdToken:
        """Check a token that came with a refresh: it must name the same person (section 12.2)."""
        read = await self._read(token)
        person = _person(read.claims)
        if person.subject != subject:
            raise _refused("it names another account than the session's")
        return person

    async def _read(self, token: str) -> SignedToken:
        read = await self._signed.read(token, _refused)
        if not names_audience(read.claims, self._client):
            raise _refused("it is meant for another client")
        audience, party = read.claims.get("aud"), read.claims.get("azp")
        if party is None and isinstance(audience, list) and len(audience) > 1:
            raise _refused("it is meant for several clients and does not say for which of them it was issued")
        if party is not None and party != self._client:
            raise _refused("it was issued to another client")
        if read.claims.get("typ", "ID") != "ID":  # Keycloak's mark; access and logout tokens have another
            raise _refused("it is not an ID token")
        return read


def _check_hash(read: SignedToken, access_token: str) -> None:
    """Where the token names the access token that it came with, it must be that one (section 3.1.3.8)."""
    named = read.claims.get("at_hash")
    if named is None:
        return
    digest = DIGESTS.get(str(read.header.get("alg", ""))[-3:], hashlib.sha256)(access_token.encode()).digest()
    expected = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not hmac.compare_digest(str(named).encode(), expected):
        raise _refused("it came with another access token")


def _person(claims: Claims) -> IdToken:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise _refused("it names no account")
    email = _text(claims, "email")
    name = _text(claims, "name") or _text(claims, "preferred_username") or email or "Account"
    return IdToken(subject, _text(claims, "sid"), name, email)


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _refused(why: str) -> Unauthenticated:
    return Unauthenticated("ID_TOKEN_INVALID", f"The issuer's answer is refused: of its ID token, {why}. Sign in anew.")
