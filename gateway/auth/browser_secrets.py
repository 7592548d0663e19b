"""Secrets that name a browser: made here, kept as hashes, sent as cookies; and the token of a session's forms."""

import base64
import hashlib
import hmac
import secrets

SECRET_BYTES = 32
LONGEST_SECRET = 100
FORM_TOKEN_BYTES = 32


def new_secret() -> str:
    """Make a secret of 256 bits, in letters that fit a cookie and an address."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hashed(secret: str) -> bytes:
    """Give what is kept of a secret; it has enough bits that no slow hash is needed."""
    return hashlib.sha256(secret.encode()).digest()


def form_token(session: str) -> bytes:
    """Give what the forms of a session carry: only who knows the session's cookie can make it."""
    return hmac.digest(session.encode(), b"form", hashlib.sha256)


def masked(token: bytes) -> str:
    """Give a token as it goes into a page: other bytes each time, so that compression tells nothing of it (BREACH)."""
    pad = secrets.token_bytes(len(token))
    return base64.urlsafe_b64encode(pad + _xor(pad, token)).rstrip(b"=").decode()


def unmasks(sent: str, token: bytes) -> bool:
    """Whether what a form sent is the token behind some mask."""
    try:
        raw = base64.urlsafe_b64decode(sent + "=" * (-len(sent) % 4))
    except ValueError:
        return False
    half = len(token)
    return len(raw) == 2 * half and hmac.compare_digest(_xor(raw[:half], raw[half:]), token)


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(len(left))
