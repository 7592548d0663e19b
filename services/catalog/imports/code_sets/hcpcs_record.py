"""What the HCPCS Level II files say of a code or modifier, and the checks that hold for every form of the file."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.catalog.imports.defects import Defects

PROCEDURE = re.compile(r"[A-V][0-9]{4}", re.ASCII)
MODIFIER = re.compile(r"[A-Z][0-9A-Z]|[0-9][A-Z]", re.ASCII)
"""Modifiers of two digits are of CPT and belong to the AMA; the public files hold none."""
CDT_LETTER = "D"
_DAY = re.compile(r"((?:19|20)[0-9]{2})-?([0-9]{2})-?([0-9]{2})", re.ASCII)


@dataclass(slots=True)
class HcpcsRecord:
    """A code or modifier, with its values as the file has them; empty where the file says nothing."""

    file: str
    line: int
    code: str
    long: str
    short: str
    values: dict[str, str] = field(default_factory=dict)
    """Values of one character string: coverage, action, betos, asc_group, statute ..., and the days as in the file."""
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Values that may stand several times: pricing, types_of_service, cross_references ..."""

    @property
    def modifier(self) -> bool:
        """Whether it is a modifier."""
        return len(self.code) == 2


DAYS = ("added", "action_date", "terminated", "asc_from")
"""Values that are days."""


def checked(records: Iterable[HcpcsRecord], defects: Defects) -> Iterator[HcpcsRecord]:
    """The records that are right, each code once; CDT codes, which belong to the ADA, are left out."""
    seen: dict[str, int] = {}
    for record in records:
        wrong = _wrong(record)
        if wrong:
            defects.add(record.file, record.line, *wrong)
        elif record.code in seen:
            what = f"{record.code} stands twice, first in line {seen[record.code]}; each code stands once"
            defects.add(record.file, record.line, 1, what)
        elif not record.code.startswith(CDT_LETTER) or record.modifier:
            seen[record.code] = record.line
            yield record


def _wrong(record: HcpcsRecord) -> tuple[int, str] | None:
    if not (MODIFIER if record.modifier else PROCEDURE).fullmatch(record.code):
        return 1, f'"{record.code}" is no HCPCS Level II code such as J0120, and no modifier such as RT'
    if not record.long:
        return 12, f"{record.code} has no long description"
    for name in DAYS:
        text = record.values.get(name, "")
        if text and day_of(text) is None:
            return 1, f'{record.code}: "{text}" is no day ({name}); one such as 20240701 is expected'
    return None


def day_of(text: str) -> date | None:
    """The day of yyyymmdd or yyyy-mm-dd; None when it is none."""
    found = _DAY.fullmatch(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def body_of(record: HcpcsRecord) -> Mapping[str, Any]:
    """The record as it is kept: values that are there, days as yyyy-mm-dd."""
    body: dict[str, Any] = {"short": record.short} if record.short else {}
    for name, value in sorted(record.values.items()):
        day = day_of(value) if name in DAYS else None
        if value:
            body[name] = day.isoformat() if day else value
    body |= {name: list(values) for name, values in sorted(record.lists.items()) if values}
    return body
