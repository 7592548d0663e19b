"""Kind `icd10cm-conversion`: the conversion table, which names for each code added since 2016 what stood for it before.

Columns: current code, effective (a year means its October 1, as the table says; otherwise the day), previous codes.
Previous codes are one code, several, a range, or the word None. The table is cumulative.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from services.catalog.code_set_rows import ConversionRow
from services.catalog.code_spans import Span, spans_in
from services.catalog.imports.archives import SourceFile, one_member
from services.catalog.imports.code_sets.fiscal_year import fiscal_year_edition
from services.catalog.imports.code_sets.hcpcs_record import day_of
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.workbooks import workbook_rows

HEADER = ("Current code assignment", "Effective", "Previous Code(s) Assignment")
NONE = "none"
_CODE = re.compile(r"[A-Z][0-9A][0-9A-Z](\.?[0-9A-Z]{1,4})?", re.ASCII)
"""With its dot; three codes were published without theirs."""
_YEAR = re.compile(r"20[0-9]{2}", re.ASCII)
_NAME = called(r"icd-?10-?cm[-_]conversion[-_]table.*\.xlsx")


class Icd10cmConversion:
    """Reads the workbook."""

    kind = "icd10cm-conversion"
    title = "ICD-10-CM Conversion Table"
    publisher = "National Center for Health Statistics (NCHS)"
    systems = ("icd10cm",)
    subject = ConversionRow.table
    settings: tuple[str, ...] = ()
    recognised = (_NAME, called(r"(?:.*[-_])?icd-?10-?cm[-_]conversion[-_]table.*\.zip"))
    files = "the conversion table, e.g. ICD-10-CM-CONVERSION-TABLE-FY2026.xlsx"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the one file."""
        file = one_member(paths, _NAME, wanted=self.files)
        edition = fiscal_year_edition(file.name, choices)

        def rows() -> Iterator[ConversionRow]:
            yield from _rows(file, defects)
            progress("reading the conversion table", 1, 1)

        return Reading(rows=iter([(ConversionRow.table, rows())]), edition=lambda: edition)


def _rows(file: SourceFile, defects: Defects) -> Iterator[ConversionRow]:
    header = 0
    seen: set[tuple[str, ...]] = set()
    for line, cells in workbook_rows(file, defects):
        row = tuple(" ".join(cell.split()) for cell in cells[: len(HEADER)])
        if not header:
            header = line if row == HEADER else 0
            continue
        wrong = _wrong(row)
        if wrong:
            defects.add(file.label, line, *wrong)
        elif row not in seen:  # rows of obstetric codes were published twice
            seen.add(row)
            yield from _conversions(row, len(seen))
    if not seen and not defects.count:
        what = f"the header {', '.join(HEADER)} and rows below it are expected"
        defects.add(file.label, header or 1, 1, what)


def _wrong(row: tuple[str, ...]) -> tuple[int, str] | None:
    """The column and sentence of what is wrong."""
    if len(row) != len(HEADER):
        return 1, f"the row has {len(row)} columns; {', '.join(HEADER)} are expected"
    if not _CODE.fullmatch(row[0]):
        return 1, f'"{row[0]}" is no ICD-10-CM code with its dot, such as A04.71'
    if effective_day(row[1]) is None:
        return 2, f'"{row[1]}" is no year such as 2025 and no day; it says since when {row[0]} is valid'
    if row[2].lower() != NONE and not spans_in(row[2]):
        return 3, f'"{row[2]}" names no code; one such as A04.7, several, a range or None is expected'
    return None


def effective_day(text: str) -> date | None:
    """October 1 of a year, or the day."""
    return date(int(text), 10, 1) if _YEAR.fullmatch(text) else day_of(text)


def _conversions(row: tuple[str, ...], ordinal: int) -> Iterator[ConversionRow]:
    code, day = row[0].replace(".", ""), effective_day(row[1])
    if day is None:
        return
    for span in [Span("", "")] if row[2].lower() == NONE else spans_in(row[2]):
        yield ConversionRow(ordinal, code, day, row[2], *span)
