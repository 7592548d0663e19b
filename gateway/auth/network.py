"""The network that a request comes from: the client's address as far as it can be trusted, and its keyed hash."""

import base64
import hashlib
import hmac
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from gateway.settings import Network
from shared.errors import CannotStart
from shared.settings import read_setting_file

IPV4_PREFIX = 24
IPV6_PREFIX = 56


class Networks:
    """Finds the client's address and hashes its network, so that no address is kept anywhere."""

    def __init__(self, key: bytes, trusted_proxies: tuple[Network, ...]) -> None:
        """Take the key of the hash and the proxies whose X-Forwarded-For is believed."""
        self._key = key
        self._trusted = trusted_proxies
        self._bucket = lru_cache(maxsize=10_000)(self._hash)

    @classmethod
    def from_file(cls, path: Path, trusted_proxies: tuple[Network, ...]) -> "Networks":
        """Read the base64 key; CannotStart names what is wrong with the file, and never what is in it."""
        try:
            key = base64.b64decode(read_setting_file("NETWORK_KEY_FILE", path).strip(), validate=True)
        except ValueError:
            raise CannotStart(f"{path}: a key in base64 is needed, on one line.") from None
        if not key:
            raise CannotStart(f"{path}: it is empty, and a key in base64 is needed.")
        return cls(key, trusted_proxies)

    def client_address(self, peer: str, forwarded_for: str | None) -> str:
        """Give the client's address: the peer's own, or the last one in X-Forwarded-For that is no proxy of ours."""
        if not self._trusted or forwarded_for is None or not self._is_trusted(peer):
            return peer
        for hop in reversed([part.strip() for part in forwarded_for.split(",")]):
            if _address(hop) is None:
                break
            if not self._is_trusted(hop):
                return hop
        return peer

    def bucket(self, address: str) -> str:
        """Give the keyed hash of the address's network (IPv4 /24, IPv6 /56)."""
        return self._bucket(address)

    def _is_trusted(self, address: str) -> bool:
        parsed = _address(address)
        return parsed is not None and any(parsed in network for network in self._trusted)

    def _hash(self, address: str) -> str:
        parsed = _address(address)
        if parsed is None:
            name = "unknown"
        else:
            prefix = IPV4_PREFIX if parsed.version == 4 else IPV6_PREFIX
            name = str(ip_network(f"{parsed}/{prefix}", strict=False))
        return hmac.digest(self._key, name.encode(), hashlib.sha256).hex()[:32]


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(text)
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed
