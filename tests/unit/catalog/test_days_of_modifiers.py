"""Modifiers that no edition of HCPCS Level II holds here: our content tells their first day where it is known."""

from datetime import date

import pytest

from services.catalog.content.loading import load_content
from services.catalog.validity import days_of, own_days


@pytest.mark.parametrize(
    ("code", "day", "valid"),
    [
        ("JW", date(2002, 12, 31), False),
        ("JW", date(2003, 1, 1), True),
        ("JZ", date(2022, 12, 31), False),
        ("JZ", date(2023, 1, 1), True),
        ("25", date(2020, 1, 1), None),
    ],
)
def test_a_modifier_is_valid_from_its_first_day_and_without_one_nothing_is_told(
    code: str, day: date, valid: bool | None
) -> None:
    found = {entry.code: entry for part in load_content(with_facts=False).claim_codes for entry in part.codes}
    added = found[code].added
    assert days_of(own_days("2026-11", added.isoformat() if added else None), day).valid is valid
