"""The issuer's keys: ES256, read again when their file changes, so that keys are changed while it runs."""

import json
import threading
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

ALGORITHM = "ES256"


class SigningKeys:
    """Signs with the first key of a file, and knows what any of them has signed."""

    def __init__(self, file: Path) -> None:
        """Take the file of private keys: a key set, or one key alone."""
        self._file = file
        self._lock = threading.Lock()
        self._read_at = 0
        self._keys: list[ECKey] = []

    def keys(self) -> list[ECKey]:
        """Give the private keys, the signing one first."""
        with self._lock:
            changed = self._file.stat().st_mtime_ns
            if changed != self._read_at:
                self._keys = read_keys(self._file)
                self._read_at = changed
            return self._keys

    def sign(self, claims: dict[str, Any], token_type: str = "JWT") -> str:  # noqa: S107 - a header, not a password
        """Sign claims as a compact token."""
        key = self.keys()[0]
        return jwt.encode({"alg": ALGORITHM, "typ": token_type, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])

    def claims(self, token: str) -> dict[str, Any] | None:
        """Give what a token says, whatever its times; None for one that no key of ours has signed."""
        try:
            return dict(jwt.decode(token, self.public(), algorithms=[ALGORITHM]).claims)
        except (JoseError, ValueError, TypeError, KeyError):
            return None

    def public(self) -> KeySet:
        """Give the keys that verify."""
        return KeySet(list(self.keys()))


def read_keys(file: Path) -> list[ECKey]:
    """Read a file of private keys."""
    document = json.loads(file.read_text())
    return [ECKey.import_key(key) for key in document.get("keys", [document])]


def public_document(keys: list[ECKey]) -> dict[str, Any]:
    """Give the public parts as a JSON Web Key Set, in Keycloak's manner with use and algorithm."""
    return {"keys": [{**key.as_dict(private=False), "use": "sig", "alg": ALGORITHM} for key in keys]}
