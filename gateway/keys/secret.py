"""The secret of an API key: its form, its check sum and its digest.

`ca_live_`, 32 random characters (base62, 190 bits), `_`, and the CRC-32 of all before it as six base62 characters. The
prefix and the check sum let secret scanners tell a leaked key from a look-alike, and refuse a mistyped one without
asking the database.

The digest that is stored is a plain SHA-256: slow hashes guard what people choose and others can guess, and 190 random
bits cannot be guessed. So a key costs every call a microsecond, and can be found by its digest.
"""

import hashlib
import re
import secrets
import string
import zlib

PREFIX = "ca_live_"
PATTERN = re.compile(r"ca_live_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}")
"""What secret scanners look for; documented for partners."""
RANDOM_CHARACTERS = 32
SHOWN_CHARACTERS = len(PREFIX) + 4

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase


def new_secret() -> str:
    """Make the secret of a new key."""
    begin = PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return f"{begin}_{_check_sum(begin)}"


def is_secret(text: str) -> bool:
    """Whether a text has the form of a key and its check sum is right; it may still be the key of nobody."""
    return PATTERN.fullmatch(text) is not None and text[-6:] == _check_sum(text[:-7])


def digest(secret: str) -> bytes:
    """Give what is stored of a key."""
    return hashlib.sha256(secret.encode()).digest()


def beginning(secret: str) -> str:
    """Give the part by which an owner recognises a key in a list."""
    return secret[:SHOWN_CHARACTERS]


def _check_sum(text: str) -> str:
    number = zlib.crc32(text.encode())
    characters = ""
    while number:
        number, rest = divmod(number, 62)
        characters = _ALPHABET[rest] + characters
    return characters.rjust(6, _ALPHABET[0])
