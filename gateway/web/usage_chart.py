"""Page views by day as an accessible chart: bars drawn on the server, the same figures in a table beside them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 600, 190
"""Units of the drawing."""
DAYS = 30
GAP = 4
HEAD_ROOM = 24
"""Above the fullest day, for its number."""
BASE_LINE = 165.5
"""Below it the first and the last day are written."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the chart, with its place in units of the drawing."""

    day: date
    pages: int
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Where its number stands."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class UsageChart:
    """The last thirty days."""

    bars: tuple[Bar, ...]
    most: int
    """Pages of the fullest day."""
    total: int
    height: int = HEIGHT
    base_line: float = BASE_LINE

    @property
    def read_days(self) -> tuple[Bar, ...]:
        """The days on which something was opened, the newest first."""
        return tuple(bar for bar in reversed(self.bars) if bar.pages)


def usage_chart(granted_on: Iterable[date], today: date) -> UsageChart:
    """Count grants by their day (UTC) and place a bar for each of the thirty days that end today."""
    counted = Counter(granted_on)
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    most = max((counted[day] for day in days), default=0)
    slot = WIDTH / DAYS
    bars = []
    for place, day in enumerate(days):
        height = round((BASE_LINE - HEAD_ROOM) * counted[day] / most, 1) if most else 0.0
        top = round(BASE_LINE - height, 1)
        bars.append(Bar(day, counted[day], round(place * slot + GAP / 2, 1), top, slot - GAP, height))
    return UsageChart(tuple(bars), most, sum(bar.pages for bar in bars))
