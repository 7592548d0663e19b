"""A second opinion on claims, written from the rules' own words and from the files as they are, without the product.

It is slow and plain: rows are scanned one after the other, every pair of lines is looked at. It knows the procedure to
procedure edits, medically unlikely edits and add-on codes of CSV files without effective dates.
"""

import csv
import gzip
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple


class PairRow(NamedTuple):
    """A row of the file of pairs."""

    column_1: str
    column_2: str
    deleted: date | None
    indicator: str


@dataclass(frozen=True)
class PlainLine:
    """A line, with one day."""

    code: str
    units: int
    modifiers: tuple[str, ...]
    day: date


Verdict = tuple[object, ...]
"""What is said of a pair, of units or of an add-on code."""


def rows_of_file(path: Path) -> Iterator[list[str]]:
    """The rows of a file behind its heading."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows


def scan_pairs(path: Path, wanted: Collection[tuple[str, str]] = (), codes: Collection[str] = ()) -> list[PairRow]:
    """The rows of wanted pairs, or those between wanted codes, by a straight scan of the file."""
    found = []
    for one, two, deleted, indicator, _ in rows_of_file(path):
        if (one, two) in wanted or (one in codes and two in codes):
            found.append(PairRow(one, two, date.fromisoformat(deleted) if deleted else None, indicator))
    return found


def row_on(rows: Iterable[PairRow], one: str, two: str, day: date) -> PairRow | None:
    """Of a pair's rows the one not yet deleted on a day: the earliest deletion on or after it, else the active one."""
    mine = [row for row in rows if row.column_1 == one and row.column_2 == two and row.indicator != "9"]
    deleted_later = sorted(
        (row for row in mine if row.deleted and row.deleted >= day), key=lambda row: row.deleted or day
    )
    active = [row for row in mine if row.deleted is None]
    return next(iter([*deleted_later, *active]), None)


EYES = {"92002", "92004", "92012", "92014"}
HCPCS_VISITS = (
    "G0076-G0085 G0245-G0246 G0316-G0318 G0380-G0384 G0402-G0402 G0406-G0408 G0425-G0427 G0438-G0439 G0463-G0463"
    " G0466-G0470 G0508-G0509 G2001-G2009 G2013-G2013 G2212-G2212 G9481-G9489 G9978-G9987"
)
LEFT = {"E1", "E2", "FA", "F1", "F2", "F3", "F4", "TA", "T1", "T2", "T3", "T4"}
RIGHT = {"E3", "E4", "F5", "F6", "F7", "F8", "F9", "T5", "T6", "T7", "T8", "T9"}
HEART = {"LC", "LD", "LM", "RC", "RI"}

APART = {"59", "XE", "XS", "XP", "XU", "76", "77", "91", "LT", "RT", *LEFT, *RIGHT, *HEART}


def visit(code: str) -> bool:
    """An evaluation and management service."""
    if code.isdigit():
        return code in EYES or 99201 <= int(code) <= 99499
    return any(low <= code <= high for low, high in (pair.split("-") for pair in HCPCS_VISITS.split()))


def laboratory(code: str) -> bool:
    """A laboratory test."""
    return (code[0] == "8" and code.isdigit()) or (code[:4].isdigit() and code[4] in "UM")


def anesthesia(code: str) -> bool:
    """An anesthesia service."""
    return code.isdigit() and 100 <= int(code) <= 1999


def freed(one: PlainLine, other: PlainLine, setting: str) -> bool:
    """Whether a modifier on either line sets an edit of indicator 1 aside."""
    for mine, theirs in ((one, other), (other, one)):
        for m in mine.modifiers:
            if m in ("59", "XE", "XS", "XP", "XU"):
                return True
            if m in ("24", "25", "57") and visit(mine.code):
                return True
            if m == "27" and setting == "outpatient" and visit(mine.code) and visit(theirs.code):
                return True
            if m in ("58", "78", "79") and not (visit(mine.code) or laboratory(mine.code) or anesthesia(mine.code)):
                return True
            if m == "91" and laboratory(mine.code):
                return True
    return sites_differ(one.modifiers, other.modifiers)


def sites_differ(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether both name sites, and no site of one can be one of the other."""
    mine, theirs = sites(one), sites(other)
    if not mine or not theirs:
        return False
    for a in mine:
        for b in theirs:
            left = {a, b} <= {"LT", *LEFT} and "LT" in (a, b)
            right = {a, b} <= {"RT", *RIGHT} and "RT" in (a, b)
            if a == b or left or right or (a in HEART) != (b in HEART):
                return False
    return True


def sites(modifiers: tuple[str, ...]) -> set[str]:
    """The sites that modifiers name; 50 names both sides."""
    named = {m for m in modifiers if m in LEFT | RIGHT | HEART | {"LT", "RT"}}
    return named | {"LT", "RT"} if "50" in modifiers else named


def check_pairs(lines: list[PlainLine], rows: list[PairRow], setting: str) -> set[Verdict]:
    """Column 1, column 2, indicator, outcome and the lines of column 2, for every pair of lines of a day."""
    if setting == "dme":
        return set()
    fate: dict[tuple[str, str, date, str], dict[int, bool]] = {}
    for i, paid in enumerate(lines, 1):
        for j, denied in enumerate(lines, 1):
            if i == j or paid.day != denied.day or paid.code == denied.code:
                continue
            row = row_on(rows, paid.code, denied.code, paid.day)
            if row is not None:
                free = row.indicator == "1" and freed(paid, denied, setting)
                lines_of = fate.setdefault((row.column_1, row.column_2, paid.day, row.indicator), {})
                lines_of[j] = lines_of.get(j, True) and free
    said: set[Verdict] = set()
    for (one, two, _, indicator), of_lines in fate.items():
        for outcome, free in (("denied", False), ("bypassed", True)):
            which = tuple(sorted(line for line, is_free in of_lines.items() if is_free is free))
            if which:
                said.add(("ptp", one, two, indicator, outcome, which))
    return said


def check_units(lines: list[PlainLine], values: dict[str, tuple[int, int]]) -> set[Verdict]:
    """Code, outcome, value, MAI and lines, where units exceed the value, and where none is published."""
    said: set[Verdict] = set()
    for day in {line.day for line in lines}:
        for code in {line.code for line in lines if line.day == day}:
            mine = [(n, line) for n, line in enumerate(lines, 1) if line.code == code and line.day == day]
            numbers = tuple(n for n, _ in mine)
            if code not in values:
                said.add(("mue", code, "info", None, None, numbers))
                continue
            value, mai = values[code]
            if mai == 1:
                said |= {("mue", code, "denied", value, 1, (n,)) for n, line in mine if line.units > value}
                alike = [(n, line) for n, line in mine if line.units <= value and not set(line.modifiers) & APART]
                if len(alike) > 1 and sum(line.units for _, line in alike) > value:
                    said.add(("mue", code, "info", value, 1, tuple(n for n, _ in alike)))
            elif sum(line.units for _, line in mine) > value:
                said.add(("mue", code, "denied" if mai == 2 else "review", value, mai, numbers))
    return said


def check_add_ons(lines: list[PlainLine], primaries: dict[str, tuple[int, set[str]]]) -> set[Verdict]:
    """Code, outcome and lines of add-on codes without a listed primary code on their day."""
    said: set[Verdict] = set()
    for day in {line.day for line in lines}:
        for code in {line.code for line in lines if line.day == day and line.code in primaries}:
            kind, listed = primaries[code]
            if any(line.code in listed and line.day == day for line in lines):
                continue
            elsewhere = any(line.code in listed for line in lines)
            outcome = "denied" if kind == 1 and not elsewhere else "review"
            numbers = tuple(n for n, line in enumerate(lines, 1) if line.code == code and line.day == day)
            said.add(("add_on", code, outcome, numbers))
    return said
