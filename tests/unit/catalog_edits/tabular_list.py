"""The Tabular List that an installed package carries, as a source of diagnoses in memory."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from types import MappingProxyType
from typing import Any

from services.catalog.edits.diagnoses import Beside, Diagnosis, padded
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
def records() -> Mapping[str, CodeRecord]:
    """Every place of the list by its code, in order."""
    file = one_member(dict(packaged_files())["icd10cm-tabular"], wanted="the Tabular List")
    defects = Defects()
    rows = Outline(file.label, defects).rows(_thinned(TabularReader(file, defects).chapters()))
    found = {row.code: _record(row) for row in rows}
    assert not defects.count
    return found


def _thinned(chapters: Iterable[Entry]) -> Iterator[Entry]:
    """Without most injuries, which are half of the list."""
    for chapter in chapters:
        if chapter.name == "19":
            chapter.children = [
                section for section in chapter.children if section.name in {"S00-S09", "S50-S59", "T36-T50"}
            ]
        yield chapter


def _record(row: CodeRow) -> CodeRecord:
    values: dict[str, Any] = {
        column.name: getattr(row, column.name) for column in fields(CodeRecord) if column.name != "ancestors"
    }
    return CodeRecord(**values, ancestors=tuple(row.ancestors))


@cache
def families() -> Mapping[str, tuple[CodeRecord, ...]]:
    """The places directly below each."""
    found: dict[str, list[CodeRecord]] = {}
    for record in records().values():
        if record.ancestors:
            found.setdefault(record.ancestors[-1], []).append(record)
    return {parent: tuple(children) for parent, children in found.items()}


class TabularSource:
    """Gives diagnoses from the list; another edition has the codes that are named, with their conversions."""

    def __init__(self, elsewhere: Mapping[str, tuple[Conversion, ...]] = NOWHERE) -> None:
        """Take the codes that another edition has."""
        self._elsewhere = elsewhere

    async def diagnoses(
        self,
        release: ReleaseRecord,  # noqa: ARG002 - there is one
        codes: Collection[str],
        beside: Beside,
    ) -> Mapping[str, Diagnosis]:
        """What is known of codes."""
        return {
            code: replace(
                self._one(code),
                elsewhere=tuple(beside.others) if code in self._elsewhere else (),
                conversions=self._elsewhere.get(code, ()),
            )
            for code in codes
        }

    def _one(self, code: str) -> Diagnosis:
        record = records().get(code)
        if record is None:
            nearest = next((records()[code[:n]] for n in range(len(code) - 1, 2, -1) if code[:n] in records()), None)
            above = (nearest, *_above(nearest)) if nearest else ()
            meant = next((spelling for spelling in padded(code) if spelling in records()), "")
            below = families().get(nearest.code, ()) if nearest is not None and not nearest.reportable else ()
            return Diagnosis(code, None, above, below=below, meant=meant)
        at = record.ancestors[-2 if "extension" in record.body else -1] if record.reportable else code
        family = families().get(at, ())
        beside, below = (family, ()) if record.reportable else ((), family)
        return Diagnosis(code, record, _above(record), beside=beside, below=below)


def _above(record: CodeRecord) -> tuple[CodeRecord, ...]:
    return tuple(records()[name] for name in reversed(record.ancestors))
