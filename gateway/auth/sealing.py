"""Encryption at rest for what a session holds: AES-256-GCM under versioned keys, bound to the row that it stands in."""

import base64
import json
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import CannotStart
from shared.settings import read_setting_file

NONCE_BYTES = 12
KEY_BYTES = 32
VERSION_BYTES = 4


class Seal:
    """Encrypts with the newest key and decrypts with any that is still there."""

    def __init__(self, keys: dict[int, bytes]) -> None:
        """Take keys of 32 bytes by version, the highest of which encrypts."""
        self._keys = {version: AESGCM(key) for version, key in keys.items()}
        self._version = max(keys)

    @classmethod
    def from_file(cls, path: Path) -> "Seal":
        """Read the keys; CannotStart names what is wrong with the file, and never what is in it."""
        text = read_setting_file("SESSION_KEYS_FILE", path)
        try:
            keys = {int(version): base64.b64decode(key, validate=True) for version, key in json.loads(text).items()}
        except (ValueError, AttributeError, TypeError):
            raise CannotStart(f"{path}: a JSON object of version to base64 key is needed.") from None
        versions = all(0 <= version < 2 ** (8 * VERSION_BYTES) for version in keys)
        if not keys or not versions or {len(key) for key in keys.values()} != {KEY_BYTES}:
            raise CannotStart(f"{path}: at least one key is needed, and each of {KEY_BYTES} bytes.")
        return cls(keys)

    def close(self, text: str, bound_to: bytes) -> bytes:
        """Encrypt; the result opens only with the same `bound_to`, the key of its row, so rows cannot be swapped."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._keys[self._version].encrypt(nonce, text.encode(), bound_to)
        return self._version.to_bytes(VERSION_BYTES, "big") + nonce + sealed

    def open(self, sealed: bytes, bound_to: bytes) -> str | None:
        """Decrypt; None for what no key of ours has sealed for this row."""
        key = self._keys.get(int.from_bytes(sealed[:VERSION_BYTES], "big"))
        nonce = sealed[VERSION_BYTES : VERSION_BYTES + NONCE_BYTES]
        if key is None or len(nonce) < NONCE_BYTES:
            return None
        try:
            return key.decrypt(nonce, sealed[VERSION_BYTES + NONCE_BYTES :], bound_to).decode()
        except InvalidTag:
            return None
