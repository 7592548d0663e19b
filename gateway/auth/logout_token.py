"""Logout tokens: the issuer tells that a person has signed out elsewhere (OpenID Connect Back-Channel Logout 1.0)."""

from typing import NamedTuple

from gateway.auth.signed_token import SignedTokens, names_audience
from shared.errors import InvalidInput

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_AGE_SECONDS = 300.0
LONGEST_ID = 255


class LogoutToken(NamedTuple):
    """Whose sessions end."""

    id: str
    """Its own id (jti): a token serves once."""
    subject: str
    """Empty when the token names a session alone."""
    issuer_session: str
    """Empty when every session of the subject ends."""
    expires: float
    """Unix time from which it is refused anyway, in seconds."""


class LogoutTokens:
    """Checks logout tokens (section 2.6 of the specification)."""

    def __init__(self, signed: SignedTokens, client: str) -> None:
        """Take what reads the issuer's signatures, and this site's client, to whom the tokens must be addressed."""
        self._signed = signed
        self._client = client

    async def read(self, token: str) -> LogoutToken:
        """Give what a token says; InvalidInput says which check failed."""
        header, claims, expires = await self._signed.read(token, _refused)
        # Keycloak marks logout tokens by the claim typ, the specification by the header typ.
        if str(header.get("typ", "")).lower() != "logout+jwt" and claims.get("typ") != "Logout":
            raise _refused("it is not a logout token")
        if not names_audience(claims, self._client):
            raise _refused("it is meant for another client")
        self._signed.check_issued(claims, LONGEST_AGE_SECONDS, _refused)
        events = claims.get("events")
        if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
            raise _refused("it does not tell of a logout")
        if "nonce" in claims:
            raise _refused("it has a nonce, as only ID tokens have")
        return _whose(claims.get("jti"), claims.get("sub", ""), claims.get("sid", ""), expires)


def _whose(identity: object, subject: object, session: object, expires: float) -> LogoutToken:
    if not isinstance(identity, str) or not 1 <= len(identity) <= LONGEST_ID:
        raise _refused("it has no id of its own")
    if not isinstance(subject, str) or not isinstance(session, str) or not (subject or session):
        raise _refused("it names neither an account nor a session")
    return LogoutToken(identity, subject, session, expires)


def _refused(why: str) -> InvalidInput:
    return InvalidInput("LOGOUT_TOKEN_INVALID", f"The logout token is refused: {why}.")
