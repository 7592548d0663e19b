"""Kind `icd10cm-poa`: the codes that are exempt from reporting whether a condition was present on admission.

CMS publishes the list of a fiscal year as text divided by TABs and as a workbook with the same three columns (order
number, code with its dot, description), in an archive with the lists of what was added, deleted and revised.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from services.catalog.code_set_rows import PoaExemptRow
from services.catalog.imports.archives import SourceFile, members
from services.catalog.imports.code_sets.fiscal_year import fiscal_year_edition
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.text_lines import numbered_lines
from services.catalog.imports.workbooks import workbook_rows
from services.catalog.rows import Edition
from shared.errors import InvalidInput

_TEXT = called(r"poaexemptcodes.*\.txt")
_WORKBOOK = called(r"poaexemptcodes.*\.xlsx")
_CODE = re.compile(r"[A-Z][0-9A][0-9A-Z](\.[0-9A-Z]{1,4})?", re.ASCII)
_HEADER = re.compile(r"Order[0-9]{2}", re.ASCII)
COLUMNS = ("POAexemptCode", "Description")


class Icd10cmPoa:
    """Reads the list from its text, or from the workbook where the text is not there."""

    kind = "icd10cm-poa"
    title = "Codes exempt from present-on-admission reporting"
    publisher = "Centers for Medicare & Medicaid Services (CMS)"
    systems = ("icd10cm",)
    subject = PoaExemptRow.table
    settings: tuple[str, ...] = ()
    recognised = (_TEXT, _WORKBOOK, called(r"poaexemptcodes.*\.zip"))
    files = "POAexemptCodesFY26.txt or .xlsx, or the zip archive that holds them"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the one file."""
        file = _file(paths, self.files)
        edition = _edition(file, choices)
        text = _TEXT.match(file.name) is not None

        def rows() -> Iterator[PoaExemptRow]:
            found = _text_rows(file, defects) if text else workbook_rows(file, defects)
            yield from _codes(file.label, found, defects)
            progress("reading the exempt codes", 1, 1)

        return Reading(rows=iter([(PoaExemptRow.table, rows())]), edition=lambda: edition)


def _edition(file: SourceFile, choices: Choices) -> Edition:
    return fiscal_year_edition(file.name, choices)


def _file(paths: Sequence[Path], wanted: str) -> SourceFile:
    found = list(members(paths, _TEXT, _WORKBOOK, wanted=wanted))
    for pattern in (_TEXT, _WORKBOOK):
        fitting = [file for file in found if pattern.match(file.name) is not None]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            break
    raise InvalidInput("FILES_WRONG", f"One list is expected, {wanted}; {len(found)} were named.")


def _text_rows(file: SourceFile, defects: Defects) -> Iterator[tuple[int, tuple[str, ...]]]:
    for line, text in numbered_lines(file, "utf-8", defects):
        if text.strip():
            try:
                yield line, tuple(next(csv.reader([text], delimiter="\t", strict=True)))
            except csv.Error as error:
                what = f"the line is not well-formed ({error}); values are divided by TABs, quotes come in pairs"
                defects.add(file.label, line, 1, what)


def _codes(label: str, rows: Iterable[tuple[int, tuple[str, ...]]], defects: Defects) -> Iterator[PoaExemptRow]:
    header = False
    seen: dict[str, int] = {}
    for line, cells in rows:
        row = [cell.strip() for cell in cells]
        if not header:
            if len(row) < 3 or not _HEADER.fullmatch(row[0]) or tuple(row[1:3]) != COLUMNS:
                defects.add(label, line, 1, "the first line must name the columns Order26, POAexemptCode, Description")
                return
            header = True
        elif len(row) < 3 or not _CODE.fullmatch(row[1]):
            what = f'"{row[1] if len(row) > 1 else row[0]}" is no ICD-10-CM code with its dot, such as B90.0'
            defects.add(label, line, 2, what)
        elif row[1] in seen:
            defects.add(label, line, 2, f"{row[1]} stands twice, first in line {seen[row[1]]}; each code stands once")
        else:
            seen[row[1]] = line
            yield PoaExemptRow(row[1].replace(".", ""))
    if not seen and not defects.count:
        defects.add(label, 1, 1, "the list is empty; lines of order number, code and description are expected")
