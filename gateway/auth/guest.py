"""Guest identity: an id that the server made, in a cookie that only the server can have written."""

import base64
import hashlib
import hmac
import json
import secrets
from pathlib import Path

from shared.errors import CannotStart
from shared.newest import Newest
from shared.settings import read_setting_file

MAX_AGE_SECONDS = 400 * 24 * 3600
"""The longest that browsers keep a cookie."""
MAC_BYTES = 16
ID_BYTES = 16
LONGEST_COOKIE = 200


class GuestCookies:
    """Writes and reads the guest cookie: `version.id.mac`."""

    def __init__(self, keys: dict[int, bytes], *, secure: bool) -> None:
        """Take the keys by version, the highest of which signs, and whether the site is reached over TLS."""
        self._keys = keys
        self._version = max(keys)
        self.secure = secure
        # Browsers accept __Host- only over TLS; on plain localhost the same cookie goes by a plain name.
        self.name = "__Host-guest" if secure else "guest"
        self._attributes = f"; Path=/; Max-Age={MAX_AGE_SECONDS}; HttpOnly; SameSite=Lax" + (
            "; Secure" if secure else ""
        )
        self._read: Newest[str, str] = Newest(50_000)

    @classmethod
    def from_file(cls, path: Path, *, secure: bool) -> "GuestCookies":
        """Read the keys; CannotStart names what is wrong with the file, and never what is in it."""
        text = read_setting_file("GUEST_COOKIE_KEYS_FILE", path)
        try:
            keys = {int(version): base64.b64decode(key, validate=True) for version, key in json.loads(text).items()}
        except (ValueError, AttributeError, TypeError):
            raise CannotStart(f"{path}: a JSON object of version to base64 key is needed.") from None
        if not keys or min(map(len, keys.values())) < 32:
            raise CannotStart(f"{path}: at least one key is needed, and each of 32 bytes or more.")
        return cls(keys, secure=secure)

    def new_guest(self) -> str:
        """Make the id of a new guest."""
        return secrets.token_urlsafe(ID_BYTES)

    def header(self, guest: str) -> bytes:
        """Give the Set-Cookie value that names a guest."""
        value = f"{self._version}.{guest}.{self._mac(self._version, guest)}"
        return f"{self.name}={value}{self._attributes}".encode()

    def take_away(self) -> str:
        """Give the Set-Cookie value that takes the cookie away."""
        return f"{self.name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax" + ("; Secure" if self.secure else "")

    def read(self, value: str) -> str | None:
        """Give the guest that a cookie's value names; None for anything that this server has not written."""
        known = self._read.get(value)
        if known is not None:
            return known
        guest = self._check(value)
        if guest is not None:
            self._read.put(value, guest)
        return guest

    def outdated(self, value: str) -> bool:
        """Whether a valid cookie is signed by an older key, which will be taken out one day."""
        return not value.startswith(f"{self._version}.")

    def _check(self, value: str) -> str | None:
        parts = value.split(".")
        if len(value) > LONGEST_COOKIE or len(parts) != 3 or not value.isascii():
            return None
        version, guest, mac = parts
        if not version.isdecimal() or int(version) not in self._keys or not guest:
            return None
        return guest if hmac.compare_digest(mac, self._mac(int(version), guest)) else None

    def _mac(self, version: int, guest: str) -> str:
        digest = hmac.digest(self._keys[version], f"guest|{version}|{guest}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:MAC_BYTES]).rstrip(b"=").decode()
