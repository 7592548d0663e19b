"""Who a call is made for: principals, and the short-lived internal tokens that name them behind the gateway.

Tokens are Ed25519-signed JWTs. Every check is explicit: algorithm, type, key id, issuer, audience, times, and that the
key which signed may speak for the principal: the gateway's speaks for everybody, a service's for that service alone.
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
EVERYBODY = "*"
"""What the key of the gateway speaks for."""
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

    def __hash__(self) -> int:
        """Hash what tells principals apart in practice; hot paths look them up."""
        return hash(self.id)

    @property
    def name(self) -> str:
        """Kind and id, e.g. "account:4711": the key under which others know the principal."""
        return self.kind + ":" + self.id


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key that is believed, and whom it may name: members `principal` and `roles` of its JWK."""

    key: OKPKey
    principal: str = EVERYBODY
    roles: frozenset[str] = frozenset()
    """The roles that it may give; of no account where it speaks for everybody."""

    def speaks_for(self, principal: Principal) -> bool:
        """Whether a token of this key may name a principal with these roles."""
        return self.principal == EVERYBODY or (self.principal == principal.name and principal.roles <= self.roles)


class InternalTokenSigner:
    """Names principals to the services; the gateway, operators' commands and services that ask hold a private key."""

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
        keys: Sequence[TrustedKey],
        *,
        now: Callable[[], float] = time.time,
        read_again: Callable[[], Sequence[TrustedKey]] | None = None,
    ) -> None:
        """Take the public keys, each with a key id; one a signer, and several while keys are rotated.

        `read_again` gives the present keys; it is asked when a token names another one, once in ten seconds at most.
        """
        self._keys = {trusted.key.kid: trusted for trusted in keys}
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
            trusted = self._key_of(token, now)
            decoded = jwt.decode(token, trusted.key, algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _refused("its form, algorithm or signature is not that of our tokens") from error
        if decoded.header.get("typ") != TOKEN_TYPE:
            raise _refused("it is not an internal token")
        principal, expires = _principal_of(decoded.claims, now)
        if not trusted.speaks_for(principal):
            raise _refused("the key that signed it speaks for another principal or other roles")
        return principal, expires

    def _key_of(self, token: str, now: float) -> TrustedKey:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
        if not isinstance(kid, str):
            raise _refused("it names no key")
        if kid not in self._keys and self._read_again is not None and now >= self._may_read_after:
            self._may_read_after = now + READ_AGAIN_SECONDS
            self._keys = {trusted.key.kid: trusted for trusted in self._present_keys(self._read_again)}
        if kid not in self._keys:
            raise _refused("it names no key of ours")
        return self._keys[kid]

    def _present_keys(self, read_again: Callable[[], Sequence[TrustedKey]]) -> Sequence[TrustedKey]:
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


def _read_public_keys(path: Path) -> list[TrustedKey]:
    keys = _read_keys(path)
    if any(key.is_private for key in keys):
        raise CannotStart(f"{path} holds private keys: services are given the public key set only.")
    return [_trusted(key, path) for key in keys]


def _trusted(key: OKPKey, path: Path) -> TrustedKey:
    """Whom a key speaks for. A key that does not say it is refused: it might be meant for one service alone."""
    members = key.as_dict(private=False)
    principal, roles = members.get("principal"), members.get("roles", [])
    if not isinstance(principal, str) or not (principal == EVERYBODY or _is_name(principal)):
        raise CannotStart(
            f"{path}: the key {key.kid} does not say whom it speaks for: give it a member"
            f' "principal" with "{EVERYBODY}" (a key of the gateway) or one name such as "service:search".'
        )
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise CannotStart(f'{path}: the member "roles" of the key {key.kid} must be a list of texts.')
    return TrustedKey(key, principal, frozenset(roles))


def _is_name(text: str) -> bool:
    kind, _, name = text.partition(":")
    return kind in KINDS and bool(name)


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


def new_key_file(private: Path) -> None:
    """Make an Ed25519 key: the private key set, with mode 0600; what is there already is replaced."""
    key = OKPKey.generate_key("Ed25519", {"kid": secrets.token_hex(8), "use": "sig"})
    private.touch(mode=0o600)
    private.write_text(json.dumps(KeySet([key]).as_dict(private=True)))


def public_keys(private: Path, principal: str, *roles: str) -> list[dict[str, object]]:
    """The public halves of a private key set for the public set of the services, with whom they speak for."""
    spoken_for = {"principal": principal} | ({"roles": list(roles)} if roles else {})
    return [{**key.as_dict(private=False), **spoken_for} for key in _read_keys(private)]
