"""Windows: how long a quota counts, to the microsecond."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metering.policy import Tier, default_policy
from services.metering.reader import Reader
from services.metering.window import CALENDAR_MONTH, month_of, window_from

MICROSECOND = timedelta(microseconds=1)
POLICY = default_policy()
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@given(MOMENTS, st.integers(60, 10**7))
def test_a_window_is_closed_at_its_end_and_not_before(first: datetime, seconds: int) -> None:
    window = window_from(first, seconds)
    assert window == (first, first + timedelta(seconds=seconds))
    reader = Reader("account:a", Tier.FREE, window=window, used=1)
    assert reader.at(first, POLICY) is reader
    assert reader.at(window.end - MICROSECOND, POLICY) is reader
    assert reader.at(window.end, POLICY).window is None


@given(MOMENTS)
def test_months_follow_each_other_without_gap_or_overlap(moment: datetime) -> None:
    month = window_from(moment, CALENDAR_MONTH)
    assert month.start <= moment < month.end
    assert month_of(month.end).start == month.end
    assert month_of(month.start - MICROSECOND).end == month.start


@pytest.mark.parametrize(
    ("moment", "start", "end"),
    [
        ("2024-02-29T23:59:59.999999+00:00", "2024-02-01T00:00:00+00:00", "2024-03-01T00:00:00+00:00"),
        ("2023-02-28T23:59:59.999999+00:00", "2023-02-01T00:00:00+00:00", "2023-03-01T00:00:00+00:00"),
        ("2100-02-28T12:00:00+00:00", "2100-02-01T00:00:00+00:00", "2100-03-01T00:00:00+00:00"),
        ("2025-12-31T23:59:59.999999+00:00", "2025-12-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00"),
        ("2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00"),
    ],
)
def test_a_month_ends_where_the_calendar_says(moment: str, start: str, end: str) -> None:
    month = month_of(datetime.fromisoformat(moment))
    assert month == (datetime.fromisoformat(start), datetime.fromisoformat(end))


def test_a_month_is_one_of_utc_wherever_the_moment_was_written_down() -> None:
    evening_in_new_york = datetime(2026, 3, 31, 21, 0, tzinfo=timezone(timedelta(hours=-4)))
    assert month_of(evening_in_new_york).start == datetime(2026, 4, 1, tzinfo=UTC)
