"""Cursors of the gateway's own lists: a place in a list, opaque to callers and checked when it comes back."""

import base64
import binascii
import json
from datetime import UTC, datetime

from shared.errors import InvalidInput

LONGEST = 400


def to_cursor(*values: str | int) -> str:
    """Give the cursor of a place."""
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def from_cursor(cursor: str, *shape: type) -> list[str | int]:
    """Give the values of a cursor; InvalidInput when it is none that was given out."""
    try:
        padded = cursor[:LONGEST] + "=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise malformed() from None
    if not isinstance(values, list) or [type(value) for value in values] != list(shape):
        raise malformed()
    if any(not -1 <= value < 2**31 if isinstance(value, int) else "\0" in value for value in values):
        raise malformed()
    return values


def moment_of(text: str) -> datetime:
    """Read a moment that stands in a cursor."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise malformed() from None


def malformed() -> InvalidInput:
    """Give the error for a cursor that was never given out."""
    return InvalidInput(
        "CURSOR_MALFORMED", "cursor: this is no cursor of an earlier page; leave it empty for the first page."
    )
