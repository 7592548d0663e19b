"""Cursors of lists: opaque to callers, and checked when they come back."""

import base64
import binascii
import json
from datetime import datetime

from services.metering.content import Content, content_of
from shared.errors import InvalidInput

Place = tuple[datetime, Content]

_TIME = "%Y-%m-%dT%H:%M:%S.%f%z"


def cursor_of(place: Place | None) -> str:
    """Give the cursor of the page after a place; empty at the end."""
    if place is None:
        return ""
    at, content = place
    words = json.dumps([at.strftime(_TIME), content.system, content.code], separators=(",", ":"))
    return base64.urlsafe_b64encode(words.encode()).decode().rstrip("=")


def place_of(cursor: str) -> Place | None:
    """Read a cursor; InvalidInput when it is none of ours."""
    if not cursor:
        return None
    try:
        words = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        at, system, code = (str(word) for word in words)
        # A time without its offset is not ours; astimezone would guess one.
        return datetime.strptime(at, _TIME), content_of(system, code)  # noqa: DTZ007 - %z is in the format
    except (binascii.Error, ValueError, TypeError, InvalidInput):
        raise _malformed() from None


def entry_cursor_of(entry: int | None) -> str:
    """Give the cursor of the page after an entry of the ledger; empty at the end."""
    return "" if entry is None else base64.urlsafe_b64encode(f"entry {entry}".encode()).decode().rstrip("=")


def entry_of(cursor: str) -> int:
    """Read a cursor of entries, 0 for none; InvalidInput when it is none of ours."""
    if not cursor:
        return 0
    try:
        words = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except ValueError:
        raise _malformed() from None
    number = words.removeprefix("entry ")
    if number == words or not number.isdecimal() or not 0 < int(number[:19]) < 2**63 or len(number) > 19:
        raise _malformed()
    return int(number)


def _malformed() -> InvalidInput:
    return InvalidInput(
        "CURSOR_MALFORMED", "page_token: it is no cursor of this list; leave it out to begin with the first page."
    )
