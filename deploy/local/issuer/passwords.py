"""Passwords: what is asked of them, and Argon2id with the library's present parameters (RFC 9106)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 128
LEAST_DIFFERENT = 5

_hasher = PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of no account")


def hash_password(password: str) -> str:
    """Give what is kept of a password."""
    return _hasher.hash(password)


def holds(password_hash: str | None, password: str) -> bool:
    """Compare; without an account the same work is done, so that time does not tell which addresses are known."""
    nobodys = _nobodys()  # also when it is not needed, so that the first time tells nothing
    try:
        return _hasher.verify(password_hash or nobodys, password[:LONGEST]) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def defect(password: str, email: str) -> str:
    """Say what is wrong with a new password; nothing when it will do."""
    if len(password) < SHORTEST:
        return f"Choose a password of at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"Choose a password of at most {LONGEST} characters."
    if len(set(password)) < LEAST_DIFFERENT:
        return f"Choose a password with at least {LEAST_DIFFERENT} different characters."
    if email and (password.lower() in email.lower() or email.lower() in password.lower()):
        return "Choose a password that is not your e-mail address."
    return ""
