"""The two layouts of NCCI PTP files: CMS's tab-separated text behind a preamble, and a CSV edition without first days.

CMS's columns are Column 1, Column 2, "* = in existence prior to 1996", Effective Date, Deletion Date (`*` = no data),
Modifier (0 = not allowed, 1 = allowed, 9 = not applicable) and PTP Edit Rationale, with dates as yyyymmdd.
"""

import codecs
import re
from dataclasses import dataclass
from enum import Enum

from services.catalog.imports.defects import Defects

PREAMBLE_LINES = 60
CSV_HEADER = "column_1,column_2,deletion_date,modifier_indicator,rationale"
_NAMES = ("column 1", "column 2", "existence", "effective", "deletion", "modifier", "rationale")
"""What CMS's header says of each column, on one line or on several below each other."""


class Dates(Enum):
    """How dates are written."""

    COMPACT = "yyyymmdd"
    ISO = "yyyy-mm-dd"

    @property
    def length(self) -> int:
        """Characters of a date."""
        return len(self.value)

    @property
    def digits(self) -> list[int]:
        """Places of the digits: four of the year, two of the month, two of the day."""
        return [place for place, character in enumerate(self.value) if character != "-"]

    @property
    def dashes(self) -> list[int]:
        """Places of the dashes."""
        return [place for place, character in enumerate(self.value) if character == "-"]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns are; a file may lack the first days and the mark of 1996."""

    separator: str
    fields: tuple[str, ...]
    """What each column holds, for a person."""
    dates: Dates
    never: str
    """What stands for no deletion date."""
    column_1: int
    column_2: int
    prior_1996: int | None
    effective: int | None
    deleted: int
    indicator: int
    rationale: int


OFFICIAL = Layout(
    separator="\t",
    fields=("column 1", "column 2", "prior to 1996", "effective date", "deletion date", "modifier", "rationale"),
    dates=Dates.COMPACT,
    never="*",
    column_1=0,
    column_2=1,
    prior_1996=2,
    effective=3,
    deleted=4,
    indicator=5,
    rationale=6,
)
CSV = Layout(
    separator=",",
    fields=("column 1", "column 2", "deletion date", "modifier indicator", "rationale"),
    dates=Dates.ISO,
    never="",
    column_1=0,
    column_2=1,
    prior_1996=None,
    effective=None,
    deleted=2,
    indicator=3,
    rationale=4,
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file's first lines say."""

    layout: Layout
    lines: int
    """Lines before the first edit."""
    length: int
    """Their bytes."""


def open_layout(head: bytes, file: str, defects: Defects) -> Opened | None:
    """Read the beginning of a file; None when it is no PTP file, which is a defect then."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        defects.add(file, 1, 1, "the file is UTF-16; bring it as published, in latin-1 or plain ASCII")
        return None
    begin = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    lines = head[begin:].split(b"\n")[:PREAMBLE_LINES]
    if _plain(lines[0]).replace('"', "").replace(" ", "") == CSV_HEADER:
        return Opened(CSV, 1, begin + len(lines[0]) + 1)
    return _official(lines, begin, file, defects)


def _official(lines: list[bytes], begin: int, file: str, defects: Defects) -> Opened | None:
    at = next((n for n, line in enumerate(lines) if _cells(line)[:2] == list(_NAMES[:2])), None)
    if at is None:
        what = (
            f'no line begins with the columns "Column 1" and "Column 2"; expected is CMS\'s file, or CSV: {CSV_HEADER}'
        )
        defects.add(file, 1, 1, what)
        return None
    names = _cells(lines[at])
    end = at + 1
    while end < len(lines) and _continues(lines[end]):  # the names go on below each other
        cells = _cells(lines[end])
        names = [f"{name} {cell}" for name, cell in zip(names, cells + [""] * len(names), strict=False)]
        end += 1
    wrong = next((n for n, part in enumerate(_NAMES) if n >= len(names) or part not in names[n]), None)
    if wrong is not None:
        said = names[wrong].strip() if wrong < len(names) else ""
        what = f'column {wrong + 1} is headed "{said}"; the columns are {", ".join(OFFICIAL.fields)}'
        defects.add(file, at + 1, 1, what)
        return None
    return Opened(OFFICIAL, end, begin + sum(len(line) + 1 for line in lines[:end]))


def _continues(line: bytes) -> bool:
    cells = _cells(line)
    return len(cells) > 1 and not cells[0] and not cells[1] and any(cells)


def _cells(line: bytes) -> list[str]:
    return [re.sub(r"\s+", " ", cell.strip().strip('"')) for cell in _plain(line).split("\t")]


def _plain(line: bytes) -> str:
    return line.decode("latin-1").strip("\r ").lower()
