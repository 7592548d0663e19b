"""Random values that are given out once and kept as a hash. They have 256 bits, so a plain hash is enough."""

import hashlib
import secrets


def new_secret() -> str:
    """Make a value that nobody can guess."""
    return secrets.token_urlsafe(32)


def hashed(value: str) -> bytes:
    """Give what is kept of a value."""
    return hashlib.sha256(value.encode()).digest()
