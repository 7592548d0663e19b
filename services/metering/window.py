"""The span of time in which a quota counts: a length from the first grant, or a calendar month in UTC."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

CALENDAR_MONTH = 0
"""The window length, in seconds, that stands for a calendar month (UTC)."""


class Window(NamedTuple):
    """From its start to its end, exclusive; both aware."""

    start: datetime
    end: datetime


def window_from(first_grant: datetime, seconds: int) -> Window:
    """Give the window that a first grant opens: `seconds` long, or the month around it for CALENDAR_MONTH."""
    if seconds == CALENDAR_MONTH:
        return month_of(first_grant)
    return Window(first_grant, first_grant + timedelta(seconds=seconds))


def month_of(moment: datetime) -> Window:
    """Give the calendar month, in UTC, that the moment lies in."""
    start = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year, month = (start.year + 1, 1) if start.month == 12 else (start.year, start.month + 1)
    return Window(start, start.replace(year=year, month=month))
