"""Kind `ncci-aoc`: add-on codes, each with the primary codes that it may be paid with, and its type.

CMS's columns are AOC_Edit_Type, Add-On_Code, AOC_DelDT, Primary_Code (CCCCC where the Medicare contractor defines it),
Primary_Code_DelDT, AOC_Edit_EffDT, AOC_Edit_DelDT and Special_Instruction_Notes; dates are a year and a day of it, such
as 2024001. A notice stands before them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from services.catalog.imports.archives import SourceFile
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.payment.fields import Fields
from services.catalog.imports.payment.files import one_file_of
from services.catalog.imports.payment.procedure_codes import EXPECTED, is_code
from services.catalog.imports.payment.quarters import edition_of
from services.catalog.imports.payment.records import Record, records_of
from services.catalog.imports.workbooks import workbook_rows
from services.catalog.payment_rows import NcciAocRow

CONTRACTOR_DEFINED = "CCCCC"
_HEADINGS = {
    "aocedittype": "type",
    "addoncode": "add_on",
    "primarycode": "primary",
    "aocediteffdt": "effective",
    "aoceditdeldt": "deleted",
}
"""Columns by their letters, which stand with blanks, lines or dashes between them."""
_NEEDED = ("type", "add_on", "primary")
_ORDINAL = re.compile(r"(\d{4})(\d{3})", re.ASCII)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class NcciAddOnCodes:
    """Reads CMS's table of a quarter, or a CSV edition that has no days."""

    kind = "ncci-aoc"
    title = "NCCI add-on code edits"
    publisher = "Centers for Medicare & Medicaid Services (CMS)"
    systems = ("cpt", "hcpcs")
    subject = "ncci_aoc"
    settings = ()
    recognised = (
        called(r"aoc_v(20\d\dq\d).*\.(?:txt|csv|xlsx)(?:\.gz)?"),
        called(r"ncci_aoc.*\.csv(?:\.gz)?"),
        called(r".*add-?on-?code-?edits.*\.zip"),
    )
    files = "one table, e.g. AOC_V2024Q3-MCR.txt, zipped or not"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the one table."""
        file = one_file_of(self, paths)
        edition = edition_of([file.name], [path.name for path in paths], choices)

        def rows() -> Iterator[NcciAocRow]:
            yield from _Table(file, defects).rows()
            progress("reading add-on codes", 1, 1)

        return Reading(rows=iter([("ncci_aoc", rows())]), edition=lambda: edition)


class _Table:
    """One table on its way to rows."""

    def __init__(self, file: SourceFile, defects: Defects) -> None:
        self._file = file
        self._defects = defects
        self._seen: set[NcciAocRow] = set()

    def rows(self) -> Iterator[NcciAocRow]:
        before = self._defects.count
        records = self._records()
        columns = self._header(records)
        for record in records if columns else ():
            fields = Fields(record, self._defects)
            row = _row(fields, columns)
            if row in self._seen:
                fields.wrong(columns["add_on"], f"the relation of {row.add_on} stands twice; each stands once")
            if fields.right:
                self._seen.add(row)
                yield row
        if not self._seen and self._defects.count == before:
            self._defects.add(self._file.label, 1, 1, "there is no add-on code in the file")

    def _records(self) -> Iterator[Record]:
        """The records in whatever form the table comes."""
        name = self._file.name.lower()
        if not name.endswith(".xlsx"):
            return records_of(self._file, self._defects, "," if name.endswith(".csv") else "\t")
        rows = workbook_rows(self._file, self._defects)
        return (record for n, cells in rows if not (record := Record(self._file.label, n, cells)).blank)

    def _header(self, records: Iterator[Record]) -> Mapping[str, int]:
        """The places of the columns, behind the notice; none, which is a defect, where no line names them."""
        for record in records:
            columns = {
                _HEADINGS[name]: place
                for place, cell in enumerate(record.cells)
                if (name := re.sub(r"[^a-z]|julian", "", cell.lower())) in _HEADINGS
            }
            if all(name in columns for name in _NEEDED):
                return columns
        if not self._defects.count:
            expected = "AOC_Edit_Type, Add-On_Code and Primary_Code"
            self._defects.add(self._file.label, 1, 1, f"no line names the columns {expected}")
        return {}


def _row(fields: Fields, columns: Mapping[str, int]) -> NcciAocRow:
    add_on = fields.code(columns["add_on"], "the add-on code")
    primary = fields.one_of(
        columns["primary"], "the primary code", lambda text: text == CONTRACTOR_DEFINED or is_code(text),
        f"{EXPECTED}, or {CONTRACTOR_DEFINED},",
    )  # fmt: skip
    kind = fields.one_of(columns["type"], "the type", lambda text: text in ("1", "2", "3"), "1, 2 or 3")
    effective, deleted = (_day(fields, columns.get(name), name) for name in ("effective", "deleted"))
    if effective and deleted and deleted < effective:
        fields.wrong(
            columns["deleted"], "the edit would be deleted before its first day; the same day or later is right"
        )
    return NcciAocRow(
        add_on, None if primary == CONTRACTOR_DEFINED else primary, int(kind) if fields.right else 0, effective, deleted
    )


def _day(fields: Fields, place: int | None, name: str) -> date | None:
    """A day, where there is one."""
    if place is None or not fields.record.cell(place):
        return None
    value = fields.record.cell(place)
    found = _ORDINAL.fullmatch(value)
    if found and 1900 < int(found[1]) < 2200 and int(found[2]) > 0:
        day = date(int(found[1]), 1, 1) + timedelta(days=int(found[2]) - 1)
        if day.year == int(found[1]):
            return day
    fields.wrong(place, f'the {name} date is "{value}"; a year and a day of it, such as 2024001, is expected')
    return None
