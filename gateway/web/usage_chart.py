"""Page views by day as an accessible chart: bars drawn on the server, the same figures in a table beside them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 600, 160
"""Units of the drawing."""
DAYS = 30
GAP = 4
BASE_LINE = HEIGHT - 1


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the chart, with its place in units of the drawing."""

    day: date
    pages: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class UsageChart:
    """The last thirty days."""

    bars: tuple[Bar, ...]
    most: int
    """Pages of the fullest day."""
    total: int

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
        height = round((HEIGHT - 10) * counted[day] / most, 1) if most else 0.0
        bars.append(Bar(day, counted[day], round(place * slot + GAP / 2, 1), BASE_LINE - height, slot - GAP, height))
    return UsageChart(tuple(bars), most, sum(bar.pages for bar in bars))
