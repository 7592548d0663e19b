"""Access tokens of the configured issuer. Every check is explicit; what fails one is refused, never made a guest."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from gateway.auth.issuer_keys import IssuerKeys
from gateway.auth.second_factor import SecondFactor
from gateway.auth.signed_token import Claims, SignedTokens, names_audience
from shared.errors import Unauthenticated
from shared.identity import Kind, Principal
from shared.newest import Newest

ROLES = frozenset({"editor", "employer", "operator"})
"""Roles that an issuer may give to an account. No other goes on to the services: "service" is theirs alone."""
PARTNER_ROLE = "partner"
"""The role that makes a client of its own, without a person, a partner."""


class AccessToken(NamedTuple):
    """What an access token says."""

    principal: Principal
    """The person or partner, with the roles that act; those held back are not among them."""
    expires: float
    """Unix time from which it is refused, in seconds, leeway included."""
    client: str
    """The client that it was issued to (azp); empty when it names none."""
    held_back: frozenset[str]
    """Roles that wait for a sign-in with a second factor."""
    email: str
    """The address that the issuer vouches for; empty when the token names none."""


class AccessTokens:
    """Turns access tokens into principals."""

    def __init__(
        self,
        keys: IssuerKeys,
        *,
        issuer: str,
        audience: str,
        algorithms: tuple[str, ...],
        leeway: float,
        second_factor: SecondFactor = SecondFactor(),  # noqa: B008 - immutable
        now: Callable[[], float] = time.time,
    ) -> None:
        """Take the issuer's keys, what a token must say, and which roles need a second factor."""
        self._signed = SignedTokens(keys, issuer=issuer, algorithms=algorithms, leeway=leeway, now=now)
        self._audience = audience
        self._second_factor = second_factor
        self._now = now
        self._known: Newest[str, AccessToken] = Newest(20_000)

    async def principal(self, token: str) -> Principal:
        """Give the account or partner that a token names; Unauthenticated says which check failed."""
        return (await self.read(token)).principal

    async def read(self, token: str) -> AccessToken:
        """Give what a token says; Unauthenticated says which check failed."""
        known = self._known.get(token)
        if known is None or self._now() >= known.expires:
            known = await self._check(token)
            self._known.put(token, known)
        return known

    async def of_client(self, token: str, client: str) -> AccessToken:
        """Give what a token says that was issued to a client itself; Unauthenticated for one of another client."""
        read = await self.read(token)
        if read.client != client:
            raise _refused("it was issued to another client")
        return read

    async def _check(self, token: str) -> AccessToken:
        header, claims, expires = await self._signed.read(token, _refused)
        if not names_audience(claims, self._audience):
            raise _refused("it is meant for another audience")
        # Keycloak marks access tokens by the claim typ, RFC 9068 by the header typ; ID and logout tokens have neither.
        if str(header.get("typ", "")).lower() != "at+jwt" and claims.get("typ") != "Bearer":
            raise _refused("it is not an access token")
        client = claims.get("azp", "")
        if not isinstance(client, str):
            raise _refused("it names its client in another form than text")
        principal = _principal(claims, client)
        held_back = self._second_factor.held_back(claims, principal.roles)
        principal = replace(principal, roles=principal.roles - held_back)
        email = claims.get("email")
        return AccessToken(principal, expires, client, held_back, email if isinstance(email, str) else "")


def _principal(claims: Claims, client: str) -> Principal:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise _refused("it names no account")
    access = claims.get("realm_access")
    roles = access.get("roles") if isinstance(access, dict) else None
    named = [role for role in roles if isinstance(role, str)] if isinstance(roles, list) else []
    # A client that speaks for itself names itself twice; the token of a person has no client_id in Keycloak.
    if PARTNER_ROLE in named and client and claims.get("client_id") == client:
        return Principal(Kind.PARTNER, client)
    return Principal(Kind.ACCOUNT, subject, ROLES.intersection(named))


def _refused(why: str) -> Unauthenticated:
    return Unauthenticated("ACCESS_TOKEN_INVALID", f"The access token is refused: {why}. Get a new one and try again.")
