"""Which quarter a payment table is of: as its file's name says, or as the operator does.

NCCI's PTP files bear a version: 30.2 is the third of the versions of 2024, which begins on July 1 (version 30.0 began
on January 1, 2024; https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits).
"""

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from services.catalog.imports.importer import Choices
from services.catalog.rows import Edition
from shared.errors import InvalidInput

_VERSION = re.compile(r"cci(?:pra|oph)-v(\d{2})([0-3])r(\d+)", re.ASCII | re.IGNORECASE)
_FIRST_VERSIONS = 1994
_QUARTER = re.compile(r"(20\d\d)[-_]?q([1-4])", re.ASCII | re.IGNORECASE)
_DAY = re.compile(r"(20\d\d)-(\d\d)(?:-(\d\d))?(?!\d)", re.ASCII)
_AMERICAN_DAY = re.compile(r"(\d\d)-(\d\d)-(20\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Named:
    """What a file's name says of its edition."""

    first_day: date
    version: str = ""


def edition_of(names: Iterable[str], choices: Choices, setting: str = "") -> Edition:
    """The edition of files, a quarter unless the operator says otherwise.

    Raises:
        InvalidInput: nobody says its first day, or the files' names differ in it.

    """
    named = {found for name in names for found in _named(name)}
    days = {found.first_day for found in named}
    if choices.effective_from is None and len(days) != 1:
        said = " and ".join(f"{day:%B %-d, %Y}" for day in sorted(days))
        what = f"the names of the files say {said}" if days else "the names of the files do not say it"
        raise InvalidInput(
            "EFFECTIVE_MISSING",
            f"effective: a quarter's table answers from its first day on, and {what}: say it, "
            "e.g. --effective 2024-07-01.",
        )
    begins = choices.effective_from or days.pop()
    version = next((found.version for found in named if found.first_day == begins and found.version), "")
    name = f"{version}, {begins:%B %Y}" if version else f"{begins:%B %Y}"
    return Edition(choices.edition or name, begins, choices.effective_to or _last_day(begins), setting=setting)


def _last_day(begins: date) -> date:
    """The last day of the quarter that a day is in."""
    month = (begins.month + 2) // 3 * 3
    return date(begins.year, month, calendar.monthrange(begins.year, month)[1])


def _named(name: str) -> Iterator[_Named]:
    version = _VERSION.search(name)
    if version:
        year, quarter, revision = _FIRST_VERSIONS + int(version[1]), int(version[2]), int(version[3])
        said = f"v{version[1]}.{version[2]}" + (f" r{revision}" if revision else "")
        yield _Named(date(year, 3 * quarter + 1, 1), said)
        return
    for pattern, order in ((_QUARTER, (1, 2, 0)), (_DAY, (1, 2, 3)), (_AMERICAN_DAY, (3, 1, 2))):
        found = pattern.search(name)
        day = _day(found, order, quarter=pattern is _QUARTER) if found else None
        if day is not None:
            yield _Named(day)
            return


def _day(found: re.Match[str], order: tuple[int, int, int], *, quarter: bool) -> date | None:
    year, second, third = (int(found[group]) if group and found[group] else 1 for group in order)
    try:
        return date(year, 3 * second - 2, 1) if quarter else date(year, second, third)
    except ValueError:
        return None
