"""Spellings of a code that mean the same, the day of service as callers write it, and names of fields in addresses."""

from collections.abc import Mapping
from datetime import date

from shared.errors import InvalidInput

FIRST_DAY = date(1966, 1, 1)
"""No code set that is served here is older."""
LAST_DAY = date(2100, 12, 31)


def undotted(code: str) -> str:
    """Give the code in capitals without its dot; the blank in a chapter's name ("Chapter 1") is a hyphen."""
    return code.strip().upper().replace(".", "").replace(" ", "-")


def name_as_here(error: InvalidInput, names: Mapping[str, str]) -> None:
    """Have a service's error name its field as the caller of the gateway knows it."""
    field = error.metadata.get("field", "")
    if field in names:
        error.message = names[field] + error.message.removeprefix(field)
        error.metadata["field"] = names[field]


def service_day(text: str) -> date | None:
    """Give the date of service, None for an empty one; InvalidInput for what is no day."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        shown = "".join(c for c in text[:20] if c.isprintable())
        raise InvalidInput(
            "DATE_MALFORMED",
            f'date: "{shown}" is no date of service; write year, month and day, such as 2026-03-31,'
            f" from {FIRST_DAY} to {LAST_DAY}.",
            metadata={"field": "date"},
        )
    return day
