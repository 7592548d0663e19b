"""Days as messages of the contracts."""

from datetime import date

from google.type.date_pb2 import Date


def date_message(day: date | None) -> Date | None:
    """Give a day as a message; None for no day, which leaves a field unset."""
    return Date(year=day.year, month=day.month, day=day.day) if day else None
