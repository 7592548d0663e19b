"""Kind `icd10cm-tabular`: the official XML of the ICD-10-CM Tabular List."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.source_files import SourceFile, one_member
from services.catalog.rows import CodeRow, Edition, Rows
from services.catalog.tabular.outline import Outline
from services.catalog.tabular.reading import TabularReader

_DAY_IN_NAME = re.compile(r"(January|April|July|October)-(\d{1,2})-(\d{4})", re.IGNORECASE)
_YEAR = re.compile(r"20\d\d", re.ASCII)


class Icd10cmTabular:
    """Reads the XML that the National Center for Health Statistics publishes, once or twice a fiscal year."""

    kind = "icd10cm-tabular"
    title = "ICD-10-CM Tabular List"
    publisher = "National Center for Health Statistics (NCHS)"
    systems = ("icd10cm",)
    subject = "code"
    settings: tuple[str, ...] = ()
    recognised = (called(r"icd-?10cm?[-_]tabular[-_].*\.xml"),)
    files = "the Tabular List's XML, e.g. icd10cm-tabular-April-1-2026.xml"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the one file."""
        plain = all(path.suffix.lower() != ".zip" for path in paths)
        file = one_member(paths, *(() if plain else self.recognised), wanted=self.files)
        reader = TabularReader(file, defects)
        outline = Outline(file.label, defects)

        def rows() -> Iterator[CodeRow]:
            yield from outline.rows(reader.chapters(lambda read: progress("reading ICD-10-CM", read, file.size)))
            if not defects.count:
                _check_whole(reader, outline, file, defects)

        tables: Rows = iter([("code", rows()), ("tabular_mention", (mention for mention in outline.mentions))])
        return Reading(rows=tables, edition=lambda: _edition(file.name, reader.version, choices, defects))


def _check_whole(reader: TabularReader, outline: Outline, file: SourceFile, defects: Defects) -> None:
    if not outline.codes:
        defects.add(file.label, 1, 1, "there is no reportable code in the file; chapters with sections are expected")
    if not _YEAR.fullmatch(reader.version):
        defects.add(
            file.label, 2, 3, f'<version> is "{reader.version}"; the fiscal year is expected there, such as 2026'
        )


def _edition(name: str, version: str, choices: Choices, defects: Defects) -> Edition:
    """The fiscal year that the file states (October 1 to September 30), begun on the day in the official file name.

    Both as published: https://www.cdc.gov/nchs/icd/icd-10-cm/files.html.
    """
    if defects.count or not _YEAR.fullmatch(version):
        return Edition("")
    year = int(version)
    begins, label = date(year - 1, 10, 1), f"FY {year}"
    ends = date(year, 9, 30)
    day = _DAY_IN_NAME.search(name)
    if day:
        updated = _day(day)
        if updated is not None and begins <= updated <= ends:
            begins, label = updated, f"FY {year}, {updated:%B} {updated.day}, {updated.year}"
    return Edition(choices.edition or label, choices.effective_from or begins, choices.effective_to or ends)


def _day(found: re.Match[str]) -> date | None:
    try:
        return datetime.strptime("-".join(found.groups()), "%B-%d-%Y").date()  # noqa: DTZ007 - a day, not a time
    except ValueError:
        return None
