"""Opaque cursors: a place in a list, signed by nothing and therefore checked for everything."""

import base64
import binascii
import json

from shared.errors import InvalidInput

LONGEST = 400


def to_token(*values: str | int) -> str:
    """The token of a place."""
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def from_token(token: str, *shape: type) -> list[str | int]:
    """The values of a token; InvalidInput when it is not one that was given out."""
    try:
        padded = token[:LONGEST] + "=" * (-len(token) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise malformed() from None
    if not isinstance(values, list) or [type(value) for value in values] != list(shape):
        raise malformed()
    return values


def malformed() -> InvalidInput:
    """The error for a token that was never given out."""
    return InvalidInput(
        "CURSOR_MALFORMED",
        "page_token: this is no cursor of an earlier page; leave it empty for the first page.",
        metadata={"field": "page_token"},
    )


def page_size(asked: int, *, largest: int, default: int = 100) -> int:
    """How many entries a page gets; 0 asks for the default."""
    if not 0 <= asked <= largest:
        raise InvalidInput(
            "PAGE_SIZE_WRONG",
            f"page_size: 1 to {largest:,} entries fit on a page, or 0 for {default}; {asked} were asked for.",
            metadata={"field": "page_size"},
        )
    return asked or default
