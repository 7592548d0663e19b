"""Access tokens of the configured issuer. Every check is explicit; what fails one is refused, never made a guest."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from cachetools import LRUCache
from joserfc import jwt
from joserfc.errors import JoseError

from gateway.auth.issuer_keys import IssuerKeys
from shared.errors import Unauthenticated
from shared.identity import Kind, Principal

LONGEST_TOKEN = 8192
ROLES = frozenset({"editor", "operator"})
"""Roles that an issuer may give. No other goes on to the services: "service" is theirs alone."""


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
        now: Callable[[], float] = time.time,
    ) -> None:
        """Take the issuer's keys and what a token must say."""
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._algorithms = algorithms
        self._leeway = leeway
        self._now = now
        self._known: LRUCache[str, tuple[Principal, float]] = LRUCache(20_000)

    async def principal(self, token: str) -> Principal:
        """Give the account that a token names; Unauthenticated says which check failed."""
        known = self._known.get(token)
        if known is not None and self._now() < known[1]:
            return known[0]
        principal, expires = await self._check(token)
        self._known[token] = (principal, expires)
        return principal

    async def _check(self, token: str) -> tuple[Principal, float]:
        header = _header(token)
        if header.get("alg") not in self._algorithms:
            raise _refused("its signature algorithm is not accepted")
        keys = await self._keys.holding(str(header.get("kid", "")))
        if keys is None:
            raise _refused("its key is not one of the issuer's")
        try:
            claims = jwt.decode(token, keys, algorithms=list(self._algorithms)).claims
        except (JoseError, ValueError, TypeError) as error:
            raise _refused("its signature does not hold") from error
        expires = self._check_claims(claims, header)
        return _principal(claims), expires

    def _check_claims(self, claims: Mapping[str, Any], header: Mapping[str, Any]) -> float:
        if claims.get("iss") != self._issuer:
            raise _refused("its issuer is another")
        audience = claims.get("aud")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise _refused("it is meant for another audience")
        # Keycloak marks access tokens by the claim typ, RFC 9068 by the header typ; ID and logout tokens have neither.
        if str(header.get("typ", "")).lower() != "at+jwt" and claims.get("typ") != "Bearer":
            raise _refused("it is not an access token")
        expires, begins = claims.get("exp"), claims.get("nbf", 0)
        if not isinstance(expires, int | float) or not isinstance(begins, int | float):
            raise _refused("it does not say until when it is valid")
        if self._now() >= expires + self._leeway:
            raise _refused("it has expired")
        if self._now() < begins - self._leeway:
            raise _refused("it is not valid yet")
        return expires + self._leeway


def _header(token: str) -> dict[str, Any]:
    """The header, unverified: it only chooses the key, and the signature is checked against that key."""
    part = token.split(".", 1)[0] if len(token) <= LONGEST_TOKEN and token.count(".") == 2 else ""
    try:
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):  # not base64, not JSON, or JSON nested to break the parser
        header = None
    if not isinstance(header, dict):
        raise _refused("it is not a signed token")
    return header


def _principal(claims: Mapping[str, Any]) -> Principal:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise _refused("it names no account")
    access = claims.get("realm_access")
    roles = access.get("roles") if isinstance(access, dict) else None
    named = [role for role in roles if isinstance(role, str)] if isinstance(roles, list) else []
    return Principal(Kind.ACCOUNT, subject, ROLES.intersection(named))


def _refused(why: str) -> Unauthenticated:
    return Unauthenticated("ACCESS_TOKEN_INVALID", f"The access token is refused: {why}. Get a new one and try again.")
