"""Kind `hcpcs`: HCPCS Level II codes and modifiers, as CMS publishes them (text or workbook), or as the CSV edition.

CDT codes (D series) are copyright of the American Dental Association and are left out, whatever file holds them.
"""

import calendar
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from services.catalog.imports.archives import SourceFile, members
from services.catalog.imports.code_sets import hcpcs_sections, hcpcs_tables, hcpcs_text
from services.catalog.imports.code_sets.hcpcs_record import HcpcsRecord, checked, day_of
from services.catalog.imports.code_sets.hierarchy import rows_of_tree
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.text_lines import numbered_lines
from services.catalog.imports.workbooks import workbook_rows
from services.catalog.rows import CodeRow, Edition
from shared.errors import InvalidInput

_TEXT = called(r"hcpc\d{4}.*anweb.*\.txt")
_WORKBOOK = called(r"hcpc\d{4}.*anweb.*\.xlsx")
_CSV = called(r"hcpcs_level2_.*\.csv")
_NAME = re.compile(r"hcpc(20\d\d)_(?:contr_)?(?:(jan|apr|jul|oct)_)?", re.ASCII)
_CSV_NAME = re.compile(r"hcpcs_level2_(20\d\d)-(01|04|07|10)", re.ASCII)
_QUARTERS = {"jan": 1, "apr": 4, "jul": 7, "oct": 10}


class Hcpcs:
    """Reads one edition from one of its forms; of an archive that holds the text and the workbook, the text."""

    kind = "hcpcs"
    title = "HCPCS Level II"
    publisher = "Centers for Medicare & Medicaid Services (CMS)"
    systems = ("hcpcs", "modifier")
    subject = "code"
    settings: tuple[str, ...] = ()
    recognised = (
        _TEXT,
        _WORKBOOK,
        called(r"hcpcs_level2_.*\.csv(?:\.gz)?"),
        called(r".*alpha-?numeric-hcpcs-file.*\.zip"),
    )
    files = "HCPC2019_CONTR_ANWEB.txt or .xlsx, or the zip archive that holds them"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the one file."""
        file = _file(paths, self.files)
        edition = edition_of(file.name, choices)
        systems: list[str] = []  # a list of codes may be published without the modifiers

        def rows() -> Iterator[CodeRow]:
            told: Callable[[int, int], None] = lambda read, size: progress("reading HCPCS", read, size)  # noqa: E731
            records = list(checked(_records(file, defects, told), defects))
            progress("reading HCPCS", 1, 1)
            procedures = [record for record in records if not record.modifier]
            for record in hcpcs_sections.outside(procedures):
                defects.add(record.file, record.line, 1, f"{record.code} begins with no letter of HCPCS Level II")
            if not defects.count:
                systems.extend(_systems(len(procedures), len(records) - len(procedures)))
                yield from _rows(records, procedures, edition.effective_from)

        return Reading(rows=iter([("code", rows())]), edition=lambda: replace(edition, systems=tuple(systems)))


def _systems(codes: int, modifiers: int) -> Iterator[str]:
    if codes:
        yield "hcpcs"
    if modifiers:
        yield "modifier"


def _rows(records: list[HcpcsRecord], procedures: list[HcpcsRecord], begins: date | None) -> Iterator[CodeRow]:
    valid = [record.code for record in records if is_valid(record, begins)]
    modifiers = [record for record in records if record.modifier]
    yield from rows_of_tree("hcpcs", hcpcs_sections.code_tree(procedures, valid))
    yield from rows_of_tree("modifier", hcpcs_sections.modifier_tree(modifiers, valid))


def is_valid(record: HcpcsRecord, on: date | None) -> bool:
    """Whether a code may be reported: its last day, where it has one, is not before the edition's first."""
    last = day_of(record.values.get("terminated", ""))
    return last is None or (on is not None and last >= on)


def _file(paths: Sequence[Path], wanted: str) -> SourceFile:
    found = list(members(paths, _TEXT, _WORKBOOK, _CSV, wanted=wanted))
    for pattern in (_TEXT, _WORKBOOK, _CSV):
        fitting = [file for file in found if pattern.match(file.name) is not None]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            break
    named = ", ".join(file.label for file in found[:5])
    raise InvalidInput("FILES_WRONG", f"One edition is expected, {wanted}; named were {named}.")


def _records(file: SourceFile, defects: Defects, told: Callable[[int, int], None]) -> Iterator[HcpcsRecord]:
    if _TEXT.match(file.name) is not None:
        return hcpcs_text.records(file.label, numbered_lines(file, "latin-1", defects, told), defects)
    if _WORKBOOK.match(file.name) is not None:
        return hcpcs_tables.workbook_records(file.label, workbook_rows(file, defects), defects)
    return hcpcs_tables.csv_records(file.label, numbered_lines(file, "utf-8", defects, told), defects)


def edition_of(name: str, choices: Choices) -> Edition:
    """The year, or since 2020 the quarter, that the file's name states, and its days."""
    found = _NAME.match(name.lower())
    csv_name = _CSV_NAME.match(name.lower())
    if found and found[2] is None:
        year = int(found[1])
        label, begins, ends = str(year), date(year, 1, 1), date(year, 12, 31)
    elif found or csv_name:
        year, month = (int(found[1]), _QUARTERS[found[2]]) if found else _year_and_month(csv_name)
        begins = date(year, month, 1)
        ends = date(year, month + 2, calendar.monthrange(year, month + 2)[1])
        label = f"{begins:%B} {year}"
    elif choices.edition and choices.effective_from:
        return Edition(choices.edition, choices.effective_from, choices.effective_to)
    else:
        raise InvalidInput(
            "EDITION_MISSING",
            f"{name} does not name its edition: keep the published name, such as HCPC2020_OCT_ANWEB.xlsx, or say the "
            'edition and its first day, e.g. --edition "October 2020" --effective 2020-10-01.',
        )
    return Edition(choices.edition or label, choices.effective_from or begins, choices.effective_to or ends)


def _year_and_month(found: re.Match[str] | None) -> tuple[int, int]:
    return (int(found[1]), int(found[2])) if found else (0, 0)
