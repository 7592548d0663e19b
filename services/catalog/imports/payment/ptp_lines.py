"""Reads one line of a PTP file with all care: what the fast reader of blocks does not take as it stands, and what is
wrong in a line and where."""

import csv
import re
from datetime import date
from typing import NamedTuple

from services.catalog.imports.defects import Defects
from services.catalog.imports.payment.procedure_codes import EXPECTED, is_code
from services.catalog.imports.payment.ptp_layout import Layout

FIRST_DAY, LAST_DAY = date(1980, 1, 1), date(2199, 12, 31)
LONGEST_RATIONALE = 200
INDICATORS = ("0", "1", "9")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)


class PtpLine(NamedTuple):
    """An edit. Days are numbers such as 20240701, 0 where there is none."""

    column_1: str
    column_2: str
    effective: int
    deleted: int
    prior_1996: bool | None
    indicator: str
    rationale: str


class _Wrong(Exception):
    """A field that is wrong, and what would be right."""

    def __init__(self, field: int, what: str) -> None:
        super().__init__(what)
        self.field = field
        self.what = what


def read_line(line: bytes, layout: Layout, place: tuple[str, int], defects: Defects) -> PtpLine | None:
    """One line, at a place (file, line number); None when it is blank, or wrong, which is a defect then."""
    text = _decoded(line.rstrip(b"\r\n"))
    if not text.strip():
        return None
    file, number = place
    try:
        cells = _cells(text, layout)
        return _line(cells, layout)
    except _Wrong as wrong:
        defects.add(file, number, _column(text, layout, wrong.field), wrong.what)
        return None


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")  # as CMS's files are


def _cells(text: str, layout: Layout) -> list[str]:
    if '"' in text:
        try:
            cells = next(csv.reader([text], delimiter=layout.separator, strict=True))
        except csv.Error as error:
            raise _Wrong(0, f"the quotes do not come in pairs ({error})") from None
    else:
        cells = text.split(layout.separator)
    if len(cells) != len(layout.fields):
        expected = f"{len(layout.fields)} are expected: {', '.join(layout.fields)}"
        raise _Wrong(min(len(cells), len(layout.fields)), f"the line has {len(cells)} values where {expected}")
    return [cell.strip() for cell in cells]


def _line(cells: list[str], layout: Layout) -> PtpLine:
    codes = [_code(cells, layout, field) for field in (layout.column_1, layout.column_2)]
    prior = _prior(cells, layout)
    effective = _day(cells, layout, layout.effective) if layout.effective is not None else 0
    deleted = 0 if cells[layout.deleted] == layout.never else _day(cells, layout, layout.deleted, f'"{layout.never}"')
    if deleted and deleted < effective:
        said = f"the edit would be deleted ({cells[layout.deleted]}) before its first day"
        raise _Wrong(layout.deleted, f"{said} ({effective}); the deletion date is the same day or a later one")
    indicator = cells[layout.indicator]
    if indicator not in INDICATORS:
        raise _Wrong(layout.indicator, f'the modifier indicator is "{_short(indicator)}"; 0, 1 or 9 is expected')
    return PtpLine(codes[0], codes[1], effective, deleted, prior, indicator, _rationale(cells, layout))


def _code(cells: list[str], layout: Layout, field: int) -> str:
    if not is_code(cells[field]):
        raise _Wrong(field, f'{layout.fields[field]} is "{_short(cells[field])}"; expected is {EXPECTED}')
    return cells[field]


def _prior(cells: list[str], layout: Layout) -> bool | None:
    if layout.prior_1996 is None:
        return None
    if cells[layout.prior_1996] not in ("", "*"):
        what = f'the mark of edits prior to 1996 is "{_short(cells[layout.prior_1996])}"; * or nothing is expected'
        raise _Wrong(layout.prior_1996, what)
    return cells[layout.prior_1996] == "*"


def _day(cells: list[str], layout: Layout, field: int, otherwise: str = "") -> int:
    written = layout.dates.value
    found = (_ISO if "-" in written else _COMPACT).fullmatch(cells[field])
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        expected = f"{written} or {otherwise}" if otherwise not in ("", '""') else written
        what = f'the {layout.fields[field]} is "{_short(cells[field])}"; a day as {expected} is expected'
        raise _Wrong(field, what)
    return day.year * 10_000 + day.month * 100 + day.day


def _rationale(cells: list[str], layout: Layout) -> str:
    rationale = cells[layout.rationale]
    if len(rationale) > LONGEST_RATIONALE or not (rationale.isprintable()):
        what = f'the rationale "{_short(rationale)}" is no line of up to {LONGEST_RATIONALE} printable characters'
        raise _Wrong(layout.rationale, what)
    return rationale


def _column(text: str, layout: Layout, field: int) -> int:
    """Where a field begins, counted from 1; the end of the line where it has fewer."""
    at = -1
    for _ in range(field):
        at = text.find(layout.separator, at + 1)
        if at < 0:
            return len(text) + 1
    return at + 2


def _short(text: str) -> str:
    shown = "".join(character for character in text if character.isprintable())
    return shown if len(shown) <= 40 else f"{shown[:40]}…"
