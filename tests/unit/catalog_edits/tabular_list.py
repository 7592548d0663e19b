"""The Tabular List that an installed package carries, as a table of diagnoses in memory."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from types import MappingProxyType
from typing import Any

from services.catalog.edits.diagnosis_table import DiagnosisTable, PlaceRow
from services.catalog.imports.archives import one_member
from services.catalog.imports.defects import Defects
from services.catalog.imports.packaged import packaged_files
from services.catalog.records import CodeRecord, Conversion, ReleaseRecord
from services.catalog.rows import CodeRow
from services.catalog.tabular.entry import Entry
from services.catalog.tabular.outline import Outline
from services.catalog.tabular.reading import TabularReader

NOWHERE: Mapping[str, tuple[Conversion, ...]] = MappingProxyType({})


@cache
def table(*, with_notes: bool = True) -> DiagnosisTable:
    """Every place of the list, as of an edition with notes or as of an order file."""
    return DiagnosisTable((_place(row) for row in _rows()), with_notes=with_notes)


@cache
def records() -> Mapping[str, CodeRecord]:
    """Every place of the list by its code, in order, as pages know it."""
    return {row.code: _record(row) for row in _rows()}


@cache
def _rows() -> Sequence[CodeRow]:
    file = one_member(dict(packaged_files())["icd10cm-tabular"], wanted="the Tabular List")
    defects = Defects()
    rows = list(Outline(file.label, defects).rows(_thinned(TabularReader(file, defects).chapters())))
    assert not defects.count
    return rows


def _record(row: CodeRow) -> CodeRecord:
    values: dict[str, Any] = {
        column.name: getattr(row, column.name) for column in fields(CodeRecord) if column.name != "ancestors"
    }
    return CodeRecord(**values, ancestors=tuple(row.ancestors))


def _thinned(chapters: Iterable[Entry]) -> Iterator[Entry]:
    """Without most injuries, which are half of the list."""
    for chapter in chapters:
        if chapter.name == "19":
            chapter.children = [
                section for section in chapter.children if section.name in {"S00-S09", "S50-S59", "T36-T50"}
            ]
        yield chapter


def _place(row: CodeRow) -> PlaceRow:
    body = row.body
    return PlaceRow(
        row.code, row.display, row.kind, row.heading, row.reportable, row.reportable_below, "extension" in body,
        row.parent, body.get("notes", ()), body.get("seven", ()),
    )  # fmt: skip


class Elsewhere:
    """Another edition that has the codes which are named, with their conversions."""

    def __init__(self, codes: Mapping[str, tuple[Conversion, ...]] = NOWHERE) -> None:
        """Take the codes."""
        self._codes = codes

    async def elsewhere(
        self, codes: Collection[str], releases: Sequence[ReleaseRecord]
    ) -> Mapping[str, tuple[ReleaseRecord, ...]]:
        """Every edition asked about has them."""
        return {code: tuple(releases) for code in codes if code in self._codes}

    async def conversions(
        self,
        codes: Collection[str],
        table: ReleaseRecord,  # noqa: ARG002 - there is one
    ) -> Mapping[str, tuple[Conversion, ...]]:
        """What is named with each code."""
        return {code: self._codes[code] for code in codes if code in self._codes}
