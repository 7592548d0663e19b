"""The edition that the name of an ICD-10 file states: its fiscal year, and the day of an update within it.

Codes of a fiscal year are valid for discharges and encounters from October 1 of the year before to September 30; an
update within the year begins on the day in its name (45 CFR 162.1002; https://www.cms.gov/medicare/coding-billing/
icd-10-codes).
"""

import re
from datetime import date

from services.catalog.imports.importer import Choices
from services.catalog.rows import Edition
from shared.errors import InvalidInput

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)", re.ASCII)
_SHORT_YEAR = re.compile(r"fy(\d\d)(?!\d)", re.ASCII | re.IGNORECASE)
_MONTH = re.compile(r"(january|april|july)(?:[-_ ](\d{1,2}))?(?!\d)", re.ASCII | re.IGNORECASE)
_MONTHS = {"january": 1, "april": 4, "july": 7}


def fiscal_year_edition(name: str, choices: Choices) -> Edition:
    """The edition by the file's name and what the operator says; InvalidInput when neither says it."""
    year = year_in(name)
    if year is None:
        if not choices.edition or choices.effective_from is None:
            raise InvalidInput(
                "EDITION_MISSING",
                f"{name} does not name its fiscal year: keep the published name, such as icd10cm_order_2026.txt, or "
                'say the edition and its first day, e.g. --edition "FY 2026" --effective 2025-10-01.',
            )
        return Edition(choices.edition, choices.effective_from, choices.effective_to)
    begins, label = date(year - 1, 10, 1), f"FY {year}"
    updated = _updated(name, year)
    if updated is not None:
        begins, label = updated, f"FY {year}, {updated:%B} {updated.day}, {year}"
    return Edition(
        choices.edition or label, choices.effective_from or begins, choices.effective_to or date(year, 9, 30)
    )


def _updated(name: str, year: int) -> date | None:
    """The day of an update within the fiscal year; None when the name states none."""
    found = _MONTH.search(name)
    if found is None:
        return None
    try:
        return date(year, _MONTHS[found[1].lower()], int(found[2] or 1))
    except ValueError:
        return None


def year_in(name: str) -> int | None:
    """The fiscal year that a name states, such as 2026 or FY26; None when it states none or several."""
    years = {int(year) for year in _YEAR.findall(name)} | {2000 + int(year) for year in _SHORT_YEAR.findall(name)}
    return years.pop() if len(years) == 1 else None
