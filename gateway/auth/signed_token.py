"""What every signed token of the issuer must pass, whatever it is for: form, algorithm, key, signature, issuer, times.

What a token is for is checked by those who take it: access tokens, ID tokens and logout tokens each have their own.
"""

import base64
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from joserfc import jwt
from joserfc.errors import JoseError

from gateway.auth.issuer_keys import IssuerKeys
from shared.errors import DomainError

LONGEST_TOKEN = 8192
Claims = Mapping[str, Any]
Refuse = Callable[[str], DomainError]
"""Makes the error that refuses a token, from the check that failed, e.g. "its issuer is another"."""


class SignedToken(NamedTuple):
    """A token whose signature, issuer and times hold."""

    header: Mapping[str, Any]
    claims: Claims
    expires: float
    """Unix time from which it is refused, in seconds, leeway included."""


class SignedTokens:
    """Reads signed tokens of one issuer."""

    def __init__(
        self,
        keys: IssuerKeys,
        *,
        issuer: str,
        algorithms: tuple[str, ...],
        leeway: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Take the issuer's keys, its name, the algorithms that are accepted, and the leeway of clocks in seconds."""
        self._keys = keys
        self._issuer = issuer
        self._algorithms = algorithms
        self._leeway = leeway
        self.now = now

    async def read(self, token: str, refuse: Refuse) -> SignedToken:
        """Give a token that holds; what `refuse` makes says which check failed. Unavailable while there are no keys."""
        header = _header(token, refuse)
        if header.get("alg") not in self._algorithms:
            raise refuse("its signature algorithm is not accepted")
        keys = await self._keys.holding(str(header.get("kid", "")))
        if keys is None:
            raise refuse("its key is not one of the issuer's")
        try:
            claims = jwt.decode(token, keys, algorithms=list(self._algorithms)).claims
        except (JoseError, ValueError, TypeError) as error:
            raise refuse("its signature does not hold") from error
        if claims.get("iss") != self._issuer:
            raise refuse("its issuer is another")
        return SignedToken(header, claims, self._expires(claims, refuse))

    def _expires(self, claims: Claims, refuse: Refuse) -> float:
        expires, begins = claims.get("exp"), claims.get("nbf", 0)
        if not isinstance(expires, int | float) or not isinstance(begins, int | float):
            raise refuse("it does not say until when it is valid")
        if self.now() >= expires + self._leeway:
            raise refuse("it has expired")
        if self.now() < begins - self._leeway:
            raise refuse("it is not valid yet")
        return expires + self._leeway

    def check_issued(self, claims: Claims, longest: float, refuse: Refuse) -> None:
        """Refuse a token that was issued in the future, or longer ago than `longest` seconds."""
        issued = claims.get("iat")
        if not isinstance(issued, int | float):
            raise refuse("it does not say when it was issued")
        if issued > self.now() + self._leeway:
            raise refuse("it was issued in the future")
        if issued < self.now() - longest - self._leeway:
            raise refuse("it was issued too long ago")


def names_audience(claims: Claims, audience: str) -> bool:
    """Whether a token is meant for an audience."""
    named = claims.get("aud")
    return audience in (named if isinstance(named, list) else [named])


def _header(token: str, refuse: Refuse) -> dict[str, Any]:
    """The header, unverified: it only chooses the key, and the signature is checked against that key."""
    part = token.split(".", 1)[0] if len(token) <= LONGEST_TOKEN and token.count(".") == 2 else ""
    try:
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):  # not base64, not JSON, or JSON nested to break the parser
        header = None
    if not isinstance(header, dict):
        raise refuse("it is not a signed token")
    return header
