"""Which quarter a payment table is of: as its file's name says, or as the operator does.

NCCI's PTP files bear a version: 30.2 is the third of the versions of 2024, which begins on July 1 (version 30.0 began
on January 1, 2024; https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits).
"""

import calendar
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from services.catalog.imports.importer import Choices
from services.catalog.rows import Edition
from shared.errors import InvalidInput

_VERSION = re.compile(r"cci(?:pra|oph)-v(\d{2})([0-3])r(\d+)", re.ASCII | re.IGNORECASE)
_FIRST_VERSIONS = 1994
_QUARTER = re.compile(r"(20\d\d)[-_]?q([1-4])", re.ASCII | re.IGNORECASE)
_DAY = re.compile(r"(20\d\d)-(\d\d)(?:-(\d\d))?(?!\d)", re.ASCII)
_EFFECTIVE = re.compile(r"eff(?:ective)?[-_](\d\d)-(\d\d)-(20\d\d)", re.ASCII | re.IGNORECASE)
_FEES = re.compile(r"pprrvu(?:20)?(\d\d)_?(jan|apr|jul|oct)", re.ASCII | re.IGNORECASE)
_MONTHS = {"jan": 1, "apr": 4, "jul": 7, "oct": 10}


@dataclass(frozen=True, slots=True)
class _Named:
    """What a file's name says of its edition."""

    first_day: date
    version: str = ""


def edition_of(names: Iterable[str], around: Iterable[str], choices: Choices, setting: str = "") -> Edition:
    """The edition of files, a quarter unless the operator says otherwise: as their own names say or, where these say
    nothing, the names of the archives around them.

    Raises:
        InvalidInput: nobody says its first day, or the names differ in it.

    """
    named = {found for name in names for found in _named(name)} or {found for name in around for found in _named(name)}
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
    """What a name says; nothing where it says no day of the calendar."""
    if found := _VERSION.search(name):
        version = f"v{found[1]}.{found[2]}" + (f" r{int(found[3])}" if int(found[3]) else "")
        yield _Named(date(_FIRST_VERSIONS + int(found[1]), 3 * int(found[2]) + 1, 1), version)
    elif found := _QUARTER.search(name):
        yield _Named(date(int(found[1]), 3 * int(found[2]) - 2, 1))
    elif found := _FEES.search(name):
        yield _Named(date(2000 + int(found[1]), _MONTHS[found[2].lower()], 1))
    else:
        with suppress(ValueError):
            if found := _EFFECTIVE.search(name):
                yield _Named(date(int(found[3]), int(found[1]), int(found[2])))
            elif found := _DAY.search(name):
                yield _Named(date(int(found[1]), int(found[2]), int(found[3] or 1)))
