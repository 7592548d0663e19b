"""Kind `pfs-rvu`: relative values and payment indicators of the Medicare physician fee schedule, one quarter's edition.

Since 2026 an edition has two files, for qualifying participants in alternative payment models (QPP) and for all others
(non-QPP), with a conversion factor each.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.catalog.imports.archives import SourceFile
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.payment.fields import Fields
from services.catalog.imports.payment.files import files_of
from services.catalog.imports.payment.pfs_layout import PAIRED, is_official, official_columns, pair_columns
from services.catalog.imports.payment.pfs_rows import Values, row_of, values_of
from services.catalog.imports.payment.quarters import edition_of
from services.catalog.imports.payment.records import Record, records_of
from services.catalog.payment_rows import PfsRvuRow
from shared.errors import InvalidInput

_NON_QPP, _QPP = re.compile(r"non[-_ ]?qpp", re.IGNORECASE), re.compile(r"qpp", re.IGNORECASE)
MOST_ABOVE = 40
"""Lines of notice and names before the first row."""
_Key = tuple[str, str]


class PhysicianFeeSchedule:
    """Reads CMS's PPRRVU files, or the pair of a CSV edition."""

    kind = "pfs-rvu"
    title = "Medicare Physician Fee Schedule relative values"
    publisher = "Centers for Medicare & Medicaid Services (CMS)"
    systems = ("cpt", "hcpcs", "cdt")
    subject = "pfs_rvu"
    settings = ()
    recognised = (
        called(r"pprrvu(?:20)?(\d\d_?[a-z]+).*\.csv(?:\.gz)?"),
        called(r"pfs_rvu_(?:amt|ind)(.*)\.csv(?:\.gz)?"),
        called(r"rvu\d\d[a-z].*\.zip"),
    )
    files = (
        "PPRRVU24_JUL.csv, or since 2026 the two of an edition, PPRRVU2026_Jan_QPP.csv and PPRRVU2026_Jan_nonQPP.csv, "
        "zipped or not; or pfs_rvu_amt and pfs_rvu_ind as CSV"
    )

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the one or two files."""
        files = files_of(self, paths)
        if len(files) > 2:
            raise InvalidInput("FILES_WRONG", f"{len(files)} files are too many; expected are {self.files}.")
        edition = edition_of([file.name for file in files], [path.name for path in paths], choices)

        def rows() -> Iterator[PfsRvuRow]:
            yield from _Files(files, defects).rows()
            progress("reading the fee schedule", 1, 1)

        return Reading(rows=iter([("pfs_rvu", rows())]), edition=lambda: edition)


@dataclass(slots=True)
class _Table:
    """A file whose header has been read."""

    file: SourceFile
    lines: Iterator[Record]
    columns: Mapping[str, int]
    qpp: str
    """As in `PfsRvuRow`."""
    whole: bool = False
    """Whether it is CMS's own file, with every column."""


class _Files:
    """The files of an edition on their way to rows."""

    def __init__(self, files: list[SourceFile], defects: Defects) -> None:
        self._files = files
        self._defects = defects

    def rows(self) -> Iterator[PfsRvuRow]:
        """Rows of each of CMS's files, or of a pair joined by code and modifier."""
        tables = [self._opened(file) for file in self._files]
        known = [table for table in tables if table is not None]
        if len(known) < len(tables):
            return
        self._check_together(known)
        if known[0].whole:
            for table in known:
                yield from (row_of(values, table.qpp) for values in self._values(table).values())
        else:
            yield from self._joined(*known)

    def _opened(self, file: SourceFile) -> _Table | None:
        """A file up to its header; None where it has none, which is a defect then."""
        lines, above = records_of(file, self._defects), []
        for record in lines:
            above.append(record)
            columns = pair_columns(record)
            if columns:
                return _Table(file, lines, columns, "")
            if is_official(record):
                official = official_columns(above)
                if isinstance(official, str):
                    record.wrong(0, official, self._defects)
                    return None
                return _Table(file, lines, official, _qpp(file.name), whole=True)
            if len(above) > MOST_ABOVE:
                break
        if not self._defects.count:
            what = "no line names the columns HCPCS, MOD, DESCRIPTION and so on, as a PPRRVU file has them"
            self._defects.add(file.label, 1, 1, what)
        return None

    @staticmethod
    def _check_together(tables: list[_Table]) -> None:
        """An edition is one file of CMS, one for each conversion factor, or amounts and indicators.

        Raises:
            InvalidInput: the files are none of these.

        """
        if all(table.whole for table in tables):
            right = len(tables) == 1 or sorted(table.qpp for table in tables) == ["non-qpp", "qpp"]
        else:
            right = len(tables) == 2 and tables[0].columns.keys() | tables[1].columns.keys() >= PAIRED
        if not right:
            named = " and ".join(table.file.name for table in tables)
            raise InvalidInput(
                "FILES_WRONG", f"{named} are no edition together; expected are {PhysicianFeeSchedule.files}."
            )

    def _values(self, table: _Table) -> dict[_Key, Values]:
        found: dict[_Key, Values] = {}
        before = self._defects.count
        for record in table.lines:
            fields = Fields(record, self._defects)
            values = values_of(fields, table.columns)
            key = values["code"], values["modifier"]
            if key in found:
                fields.wrong(0, f"{' '.join(key).strip()} stands twice; each code and modifier stands once")
            if fields.right:
                found[key] = values
        if not found and self._defects.count == before:
            self._defects.add(table.file.label, 1, 1, "there is no row of the fee schedule in the file")
        return found

    def _joined(self, one: _Table, other: _Table) -> Iterator[PfsRvuRow]:
        first, second = self._values(one), self._values(other)
        for values, table, others in ((first, other, second), (second, one, first)):
            for key in values.keys() - others.keys() if not self._defects.count else ():
                what = f"there is no row of {' '.join(key).strip()}, which the other file has"
                self._defects.add(table.file.label, 1, 1, what)
        if not self._defects.count:
            yield from (row_of(values | second[key], "") for key, values in first.items())


def _qpp(name: str) -> str:
    if _NON_QPP.search(name):
        return "non-qpp"
    return "qpp" if _QPP.search(name) else ""
