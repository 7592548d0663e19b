"""The date of service as callers write it."""

from datetime import date

import pytest

from gateway.spelling import service_day
from shared.errors import InvalidInput


@pytest.mark.parametrize("text", ["2026-03-31", " 2026-03-31 ", "20260331"])
def test_a_day_is_read_in_iso_form(text: str) -> None:
    assert service_day(text) == date(2026, 3, 31)


def test_an_empty_field_names_no_day() -> None:
    assert service_day(" ") is None


@pytest.mark.parametrize("text", ["2026-02-30", "31.3.2026", "yesterday", "0001-01-01", "9999-12-31"])
def test_what_is_no_date_of_service_is_told_with_what_would_be(text: str) -> None:
    with pytest.raises(InvalidInput, match="such as 2026-03-31"):
        service_day(text)
