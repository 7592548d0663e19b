"""A clock for tests that must say what time it is."""

from datetime import UTC, datetime, timedelta


class SteppedClock:
    """A clock that stands still until it is stepped."""

    def __init__(self, start: datetime) -> None:
        """Stand at `start`, which must be aware."""
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Give the time at which it stands."""
        return self._now

    def step(self, by: timedelta) -> None:
        """Move forwards, or back when `by` is negative."""
        self._now += by
