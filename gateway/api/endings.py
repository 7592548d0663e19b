"""Routes that come to an end: `Deprecation` (RFC 9745) and `Sunset` (RFC 8594) on every answer of theirs.

A route is marked by its options: ``@router.get("/old", deprecated=True, openapi_extra=ending(since, until, link))``.
"""

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from gateway.auth.reader import Headers

SCOPE = "ending"
SINCE, UNTIL, LINK = "x-deprecated-since", "x-sunset", "x-deprecation-link"


def ending(since: datetime, until: datetime, link: str) -> dict[str, Any]:
    """Give the options of a route that is not to be used since, and gone after, a time with a zone."""
    return {SINCE: since.isoformat(), UNTIL: until.isoformat(), LINK: link}


def headers_of(options: Mapping[str, Any] | None) -> Headers:
    """Give the headers that a route's options ask for; none for a route that stays."""
    if options is None or SINCE not in options:
        return []
    since, until = datetime.fromisoformat(options[SINCE]), datetime.fromisoformat(options[UNTIL])
    return [
        (b"deprecation", f"@{int(since.timestamp())}".encode()),
        (b"sunset", format_datetime(until, usegmt=True).encode()),
        (b"link", f'<{options[LINK]}>; rel="deprecation"; type="text/html"'.encode()),
    ]
