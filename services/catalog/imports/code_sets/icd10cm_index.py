"""Kind `icd10cm-index`: the Alphabetic Index, the External Cause Index, the Neoplasm Table and the Table of Drugs.

One release holds the files that one import brings, one to four of one fiscal year.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from services.catalog.code_set_rows import IndexEntryRow
from services.catalog.imports.archives import SourceFile, members
from services.catalog.imports.code_sets.fiscal_year import fiscal_year_edition
from services.catalog.imports.code_sets.index_reading import IndexReader, Reference, Term
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.rows import Edition
from shared.errors import InvalidInput

FILES = {
    "index": called(r"icd-?10-?cm[-_]index[-_].*\.xml"),
    "external-cause": called(r"icd-?10-?cm[-_]e-?index[-_].*\.xml"),
    "neoplasm": called(r"icd-?10-?cm[-_]neoplasm[-_].*\.xml"),
    "drug": called(r"icd-?10-?cm[-_]drug[-_].*\.xml"),
}
"""The four indexes, by the names under which their entries are kept."""
TABLES = ("external-cause", "neoplasm", "drug")
"""Indexes in which each term stands once; the Alphabetic Index repeats some."""
EMPTY = {("cell", "--"), ("cell", "-")}
"""Cells without a code: of the Table of Drugs, and of the Neoplasm Table."""
RELATIONS = {"code": "code", "manif": "manifestation", "subcat": "subcategory", "seecat": "category", "cell": "code"}
_CODE = re.compile(r"([A-Z][0-9A][0-9A-Z](?:\.[0-9A-Z]{1,4})?)\.?(-?)", re.ASCII)
_YEAR = re.compile(r"20[0-9]{2}", re.ASCII)


class Icd10cmIndex:
    """Reads the files of one import."""

    kind = "icd10cm-index"
    title = "ICD-10-CM Index and Tables"
    publisher = "National Center for Health Statistics (NCHS)"
    systems = ("icd10cm",)
    subject = IndexEntryRow.table
    settings: tuple[str, ...] = ()
    recognised = (
        called(r"icd-?10-?cm[-_](?:index|e-?index|neoplasm|drug)[-_].*\.xml(?:\.gz)?"),
        called(r"(?:.*[-_])?table-and-index.*\.zip"),
    )
    files = "icd10cm-index-2026.xml, icd10cm-eindex-..., icd10cm-neoplasm-... and icd10cm-drug-..., one to four of them"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the files."""
        files = _files(paths, self.files)
        editions = {fiscal_year_edition(file.name, choices) for file in files.values()}
        if len(editions) != 1:
            named = ", ".join(sorted(edition.name for edition in editions))
            raise InvalidInput("FILES_WRONG", f"The files are of several editions ({named}); name those of one.")
        edition = editions.pop()

        def rows() -> Iterator[IndexEntryRow]:
            for done, (name, file) in enumerate(files.items()):
                yield from _entries(name, file, edition, defects)
                progress("reading the indexes", done + 1, len(files))

        return Reading(rows=iter([(IndexEntryRow.table, rows())]), edition=lambda: edition)


def _files(paths: Sequence[Path], wanted: str) -> dict[str, SourceFile]:
    files: dict[str, SourceFile] = {}
    for file in members(paths, *FILES.values(), wanted=wanted):
        name = next(name for name, pattern in FILES.items() if pattern.match(file.name) is not None)
        if name in files:
            raise InvalidInput("FILES_WRONG", f"{file.label} is a second file of its index; expected: {wanted}.")
        files[name] = file
    return files


def _entries(name: str, file: SourceFile, edition: Edition, defects: Defects) -> Iterator[IndexEntryRow]:
    reader = IndexReader(file, defects)
    ordinal = 0
    seen: dict[tuple[str, ...], int] = {}
    for term in reader.terms():
        ordinal += 1
        key = (*term.path, *term.nonessential)
        if key in seen and name in TABLES:
            what = f'"{", ".join(term.path)}" stands twice, first in line {seen[key]}; each term stands once'
            defects.add(file.label, term.line, term.column, what)
        seen[key] = term.line
        named = list(_named(file.label, term, reader.columns, defects))
        yield from _rows(name, ordinal, term, named or [_Named()])
    if not defects.count:
        _check_whole(file.label, reader, ordinal, edition, defects)


def _check_whole(label: str, reader: IndexReader, terms: int, edition: Edition, defects: Defects) -> None:
    if not terms:
        defects.add(label, 1, 1, "there is no term in the file; letters with main terms are expected")
    elif not _YEAR.fullmatch(reader.version):
        what = f'<version> is "{reader.version}"; the fiscal year is expected there, such as 2026'
        defects.add(label, 3, 3, what)
    elif edition.effective_to and reader.version != str(edition.effective_to.year):
        what = f"<version> is {reader.version}, but the file is imported for {edition.name}"
        defects.add(label, 3, 3, what)


class _Named(NamedTuple):
    """A code that a term names, and where."""

    column_title: str = ""
    relation: str = ""
    code: str | None = None
    more: bool = False


def _rows(name: str, ordinal: int, term: Term, named: Sequence[_Named]) -> Iterator[IndexEntryRow]:
    for each in named:
        yield IndexEntryRow(
            index_name=name,
            ordinal=ordinal,
            level=len(term.path) - 1,
            path=list(term.path),
            nonessential=[*term.nonessential[:-1], _explained(term)],
            see=_texts(term, "see"),
            see_also=_texts(term, "seeAlso"),
            **each._asdict(),
        )


def _texts(term: Term, kind: str) -> str:
    return "; ".join(reference.text for reference in term.references if reference.element == kind)


def _explained(term: Term) -> str:
    """The term's nonessential modifiers; one term of the Neoplasm Table has words of theirs in <manif>."""
    words = [reference.text for reference in term.references if _is_words(reference)]
    return " ".join([part for part in (term.nonessential[-1], *words) if part])


def _is_words(reference: Reference) -> bool:
    return reference.element == "manif" and not any(character.isdigit() for character in reference.text)


def _named(label: str, term: Term, columns: dict[str, str], defects: Defects) -> Iterator[_Named]:
    """Every code that the term names."""
    for reference in term.references:
        element, col, text, line, column = reference
        if element not in RELATIONS or (element, text) in EMPTY or _is_words(reference):
            continue
        found = _CODE.fullmatch(text)
        if found is None:
            what = f'"{text}" in <{element}> is no code with its dot, such as T36.0X1 or C79.8-'
            defects.add(label, line, column, what)
        elif element == "cell" and col not in columns:
            what = f'the cell\'s col="{col}" is none of the columns {", ".join(columns)} of <indexHeading>'
            defects.add(label, line, column, what)
        else:
            yield _Named(columns.get(col, ""), RELATIONS[element], found[1].replace(".", ""), found[2] == "-")
