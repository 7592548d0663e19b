"""An API key as a rule: what an owner may ask for, and when a key is good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from gateway.rights import SCOPES
from shared.errors import InvalidInput

Network = IPv4Network | IPv6Network

LIVE_KEYS = 2
"""An account may have two at a time: the old one and the one that takes its place."""
LONGEST_NAME = 80
LONGEST_LIFE_DAYS = 366
MOST_NETWORKS = 20
MOST_ORIGINS = 10


@dataclass(frozen=True, slots=True)
class NewKey:
    """What an owner asks for."""

    name: str
    scopes: frozenset[str]
    days: int
    """How long it is to live."""
    networks: tuple[Network, ...]
    """Where it may be used from; empty for anywhere."""
    origins: tuple[str, ...]
    """Sites whose pages may use it in a browser; empty for none."""

    @property
    def life(self) -> timedelta:
        """How long it is to live."""
        return timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is stored: everything but its secret."""

    id: str
    account: str
    name: str
    beginning: str
    scopes: frozenset[str]
    networks: tuple[Network, ...]
    origins: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    """To the minute, written a little later."""
    revoked_at: datetime | None

    def live(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and now < self.expires_at

    def allows(self, address: str) -> bool:
        """Whether it may be used from a client's address."""
        if not self.networks:
            return True
        try:
            client = ip_address(address)
        except ValueError:
            return False
        client = getattr(client, "ipv4_mapped", None) or client
        return any(client in network for network in self.networks)


def requested(
    *, name: str, scopes: Sequence[str], days: int, networks: Sequence[str], origins: Sequence[str]
) -> NewKey:
    """Read what an owner asks for; InvalidInput names the field, and what would be right."""
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise _defect("name", f"a name of 1 to {LONGEST_NAME} characters is needed, so that you know the key again.")
    if not 1 <= days <= LONGEST_LIFE_DAYS:
        raise _defect("days", f"a key lives 1 to {LONGEST_LIFE_DAYS} days.")
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        wrong = f"{unknown[0][:40]!r} is no scope" if unknown else "at least one is needed"
        raise _defect("scopes", f"{wrong}; there are {', '.join(SCOPES)}.")
    if len(networks) > MOST_NETWORKS:
        raise _defect("networks", f"up to {MOST_NETWORKS} fit; write larger networks.")
    if len(origins) > MOST_ORIGINS:
        raise _defect("origins", f"up to {MOST_ORIGINS} fit.")
    return NewKey(name, frozenset(scopes), days, tuple(map(_network, networks)), tuple(map(_origin, origins)))


def _network(text: str) -> Network:
    try:
        return ip_network(text.strip())
    except ValueError:
        raise _defect(
            "networks", f"{text[:60]!r} is no network; write 192.0.2.0/24, 2001:db8::/32 or a single address."
        ) from None


def _origin(text: str) -> str:
    origin = text.strip().rstrip("/").lower()
    try:
        parts = urlsplit(origin)
        own = f"{parts.scheme}://{parts.netloc}"
        right = parts.scheme in ("https", "http") and bool(parts.hostname) and "@" not in parts.netloc
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        own, right, port_is_number = "", False, False
    if not right or not port_is_number or own != origin or not origin.isascii() or not origin.isprintable():
        raise _defect("origins", f"{text[:60]!r} is no origin; write https://app.example.org, without a path.")
    if len(origin) > 200:
        raise _defect("origins", "an origin has up to 200 characters.")
    return origin


def _defect(field: str, sentence: str) -> InvalidInput:
    return InvalidInput("KEY_INVALID", f"{field}: {sentence}")
