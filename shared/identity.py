"""Who a call is made for: principals, and the short-lived internal tokens that name them behind the gateway.

Tokens are Ed25519-signed JWTs. Every check is explicit: algorithm, type, key id, issuer, audience, times.
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import structlog
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.errors import CannotStart, Unauthenticated
from shared.newest import Newest

ALGORITHM = "Ed25519"
TOKEN_TYPE = "internal+jwt"  # noqa: S105 - a media type, not a secret
ISSUER = "codingahead-gateway"
AUDIENCE = "codingahead-services"
LIFE_SECONDS = 120
LEEWAY_SECONDS = 5
LARGEST_CACHE = 50_000
LONGEST_TOKEN = 4096
READ_AGAIN_SECONDS = 10.0

_log = structlog.get_logger(__name__)


class Kind(StrEnum):
    """What sort of caller a principal is."""

    __hash__ = str.__hash__  # as fast as text, for the keys of hot paths

    GUEST = "guest"
    ACCOUNT = "account"
    PARTNER = "partner"
    SERVICE = "service"


KINDS = frozenset(Kind)


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
        self._tokens: Newest[Principal, tuple[str, float]] = Newest(LARGEST_CACHE)

    @classmethod
    def from_jwk_file(cls, path: Path) -> "InternalTokenSigner":
        """Read the private key set; its first key signs."""
        key = _read_keys(path)[0]
        if not key.is_private:
            raise CannotStart(f"{path} holds public keys only: whoever signs needs the private key set.")
        return cls(key)

    def sign(self, principal: Principal) -> str:
        """Give a token with at least half of its life left; signing is repeated only when it has less."""
        now = self._now()
        kept = self._tokens.get(principal)
        if kept is not None and now < kept[1]:
            return kept[0]
        token = self._sign(principal, int(now))
        self._tokens.put(principal, (token, now + LIFE_SECONDS / 2))
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

    def __init__(
        self,
        keys: Sequence[OKPKey],
        *,
        now: Callable[[], float] = time.time,
        read_again: Callable[[], Sequence[OKPKey]] | None = None,
    ) -> None:
        """Take the public keys, each with a key id; several while keys are rotated.

        `read_again` gives the present keys; it is asked when a token names another one, once in ten seconds at most.
        """
        self._keys = {key.kid: key for key in keys}
        self._now = now
        self._read_again = read_again
        self._may_read_after = 0.0
        self._verified: Newest[str, tuple[Principal, float]] = Newest(LARGEST_CACHE)

    @classmethod
    def from_jwks_file(cls, path: Path) -> "InternalTokenVerifier":
        """Read the public key set; a key that is added to the file later is found when a token names it."""
        return cls(_read_public_keys(path), read_again=lambda: _read_public_keys(path))

    def verify(self, token: str) -> Principal:
        """Give the principal a token names; Unauthenticated when anything about it is not right."""
        now = self._now()
        kept = self._verified.get(token)
        if kept is not None and now < kept[1]:
            return kept[0]
        principal, expires = self._verify(token, now)
        self._verified.put(token, (principal, expires + LEEWAY_SECONDS))
        return principal

    def _verify(self, token: str, now: float) -> tuple[Principal, float]:
        if len(token) > LONGEST_TOKEN:
            raise _refused("it is longer than any of ours")
        try:
            decoded = jwt.decode(token, self._key_of(token, now), algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _refused("its form, algorithm or signature is not that of our tokens") from error
        if decoded.header.get("typ") != TOKEN_TYPE:
            raise _refused("it is not an internal token")
        return _principal_of(decoded.claims, now)

    def _key_of(self, token: str, now: float) -> OKPKey:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
        if not isinstance(kid, str):
            raise _refused("it names no key")
        if kid not in self._keys and self._read_again is not None and now >= self._may_read_after:
            self._may_read_after = now + READ_AGAIN_SECONDS
            self._keys = {key.kid: key for key in self._present_keys(self._read_again)}
        if kid not in self._keys:
            raise _refused("it names no key of ours")
        return self._keys[kid]

    def _present_keys(self, read_again: Callable[[], Sequence[OKPKey]]) -> Sequence[OKPKey]:
        try:
            return read_again()
        except CannotStart as error:  # somebody is writing the file: the keys that are known go on
            _log.warning("internal keys not read again", error=str(error))
            return list(self._keys.values())


def _principal_of(claims: Mapping[str, object], now: float) -> tuple[Principal, float]:
    if claims.get("iss") != ISSUER or claims.get("aud") != AUDIENCE:
        raise _refused("its issuer or audience is another")
    begins, expires = claims.get("nbf"), claims.get("exp")
    if type(begins) is not int or type(expires) is not int:
        raise _refused("it does not say when it is valid")
    if now < begins - LEEWAY_SECONDS or now >= expires + LEEWAY_SECONDS:
        raise _refused("it is not valid at this time")
    if expires - begins > LIFE_SECONDS:
        raise _refused("it is valid for longer than our tokens are")
    kind, _, name = str(claims.get("sub", "")).partition(":")
    roles = claims.get("roles")
    if kind not in KINDS or not name or not isinstance(roles, list) or not all(isinstance(r, str) for r in roles):
        raise _refused("it names no principal")
    return Principal(Kind(kind), name, frozenset(roles)), float(expires)


def _refused(why: str) -> Unauthenticated:
    return Unauthenticated("INTERNAL_TOKEN_INVALID", f"The internal token is refused: {why}.")


def _read_public_keys(path: Path) -> list[OKPKey]:
    keys = _read_keys(path)
    if any(key.is_private for key in keys):
        raise CannotStart(f"{path} holds private keys: services are given the public key set only.")
    return keys


def _read_keys(path: Path) -> list[OKPKey]:
    """Read a key set; CannotStart says what is wrong with the file, and never what is in it."""
    try:
        keys = KeySet.import_key_set(json.loads(path.read_text())).keys
    except OSError as error:
        raise CannotStart(f"The internal keys cannot be read: {path}: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError, JoseError):
        raise CannotStart(f"{path} is no JSON Web Key Set with Ed25519 keys.") from None
    chosen = [key for key in keys if isinstance(key, OKPKey) and key.curve_name == "Ed25519"]
    if not chosen or len(chosen) != len(keys):
        raise CannotStart(f"{path} must hold at least one key, and Ed25519 keys only.")
    return chosen


def new_key_files(private: Path, public: Path) -> None:
    """Make an Ed25519 key: the private key set with mode 0600, the public one beside it.

    To change keys without a pause, add the new public key to the public file, wait until every service has it, put
    the new private key first in the private file and start the signers again; then take the old public key away.
    """
    key = OKPKey.generate_key("Ed25519", {"kid": secrets.token_hex(8), "use": "sig"})
    private.touch(mode=0o600)
    private.write_text(json.dumps(KeySet([key]).as_dict(private=True)))
    public.write_text(json.dumps(KeySet([key]).as_dict(private=False)))
