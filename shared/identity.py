"""Who a call is made for: principals, and the short-lived internal tokens that name them behind the gateway.

Tokens are Ed25519-signed JWTs. Every check is explicit: algorithm, type, key id, issuer, audience, times.
"""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from cachetools import LRUCache
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.errors import Unauthenticated

ALGORITHM = "Ed25519"
TOKEN_TYPE = "internal+jwt"  # noqa: S105 - a media type, not a secret
ISSUER = "codingahead-gateway"
AUDIENCE = "codingahead-services"
LIFE_SECONDS = 120
LEEWAY_SECONDS = 5
LARGEST_CACHE = 50_000


class Kind(StrEnum):
    """What sort of caller a principal is."""

    GUEST = "guest"
    ACCOUNT = "account"
    PARTNER = "partner"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Principal:
    """The person, partner or service that a call is made for."""

    kind: Kind
    id: str
    roles: frozenset[str] = field(default_factory=frozenset)

    @property
    def name(self) -> str:
        """Kind and id, e.g. "account:4711": the key under which others know the principal."""
        return f"{self.kind}:{self.id}"


class InternalTokenSigner:
    """Names principals to the services; the gateway and operators' commands hold the private key."""

    def __init__(self, key: OKPKey, *, now: Callable[[], float] = time.time) -> None:
        """Take the private Ed25519 key, with a key id."""
        self._key = key
        self._now = now
        self._tokens: LRUCache[Principal, tuple[str, float]] = LRUCache(LARGEST_CACHE)

    @classmethod
    def from_jwk_file(cls, path: Path) -> "InternalTokenSigner":
        """Read the private key set; its first key signs."""
        keys = KeySet.import_key_set(json.loads(path.read_text()))
        key = keys.keys[0]
        if not isinstance(key, OKPKey):
            raise TypeError(f"{path} holds no Ed25519 key")
        return cls(key)

    def sign(self, principal: Principal) -> str:
        """Give a token with at least half of its life left; signing is repeated only when it has less."""
        now = self._now()
        kept = self._tokens.get(principal)
        if kept is not None and now < kept[1]:
            return kept[0]
        token = self._sign(principal, int(now))
        self._tokens[principal] = (token, now + LIFE_SECONDS / 2)
        return token

    def _sign(self, principal: Principal, now: int) -> str:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": principal.name,
            "roles": sorted(principal.roles),
            "iat": now,
            "nbf": now,
            "exp": now + LIFE_SECONDS,
        }
        header = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])


class InternalTokenVerifier:
    """Reads internal tokens; services hold the public keys only."""

    def __init__(self, keys: KeySet, *, now: Callable[[], float] = time.time) -> None:
        """Take the public keys, each with a key id; several while keys are rotated."""
        self._keys = keys
        self._ids = frozenset(key.kid for key in keys.keys)
        self._now = now
        self._verified: LRUCache[str, tuple[Principal, float]] = LRUCache(LARGEST_CACHE)

    @classmethod
    def from_jwks_file(cls, path: Path) -> "InternalTokenVerifier":
        """Read the public key set."""
        return cls(KeySet.import_key_set(json.loads(path.read_text())))

    def verify(self, token: str) -> Principal:
        """Give the principal a token names; Unauthenticated when anything about it is not right."""
        now = self._now()
        kept = self._verified.get(token)
        if kept is not None and now < kept[1]:
            return kept[0]
        principal, expires = self._verify(token, now)
        self._verified[token] = (principal, expires + LEEWAY_SECONDS)
        return principal

    def _verify(self, token: str, now: float) -> tuple[Principal, float]:
        try:
            decoded = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
        except (JoseError, ValueError) as error:
            raise _refused("its signature, algorithm or key is not one of ours") from error
        if decoded.header.get("kid") not in self._ids:
            raise _refused("it names no key of ours")
        if decoded.header.get("typ") != TOKEN_TYPE:
            raise _refused("it is not an internal token")
        return _principal_of(decoded.claims, now)


def _principal_of(claims: dict[str, object], now: float) -> tuple[Principal, float]:
    if claims.get("iss") != ISSUER or claims.get("aud") != AUDIENCE:
        raise _refused("its issuer or audience is another")
    begins, expires = claims.get("nbf"), claims.get("exp")
    if not isinstance(begins, int) or not isinstance(expires, int):
        raise _refused("it does not say when it is valid")
    if now < begins - LEEWAY_SECONDS or now >= expires + LEEWAY_SECONDS:
        raise _refused("it is not valid at this time")
    kind, _, name = str(claims.get("sub", "")).partition(":")
    roles = claims.get("roles")
    if kind not in list(Kind) or not name or not isinstance(roles, list):
        raise _refused("it names no principal")
    return Principal(Kind(kind), name, frozenset(str(role) for role in roles)), float(expires)


def _refused(why: str) -> Unauthenticated:
    return Unauthenticated("INTERNAL_TOKEN_INVALID", f"The internal token is refused: {why}.")


def new_key_files(private: Path, public: Path) -> None:
    """Make an Ed25519 key: the private key set with mode 0600, the public one beside it."""
    key = OKPKey.generate_key("Ed25519", {"kid": secrets.token_hex(8), "use": "sig"})
    private.touch(mode=0o600)
    private.write_text(json.dumps(KeySet([key]).as_dict(private=True)))
    public.write_text(json.dumps(KeySet([key]).as_dict(private=False)))
