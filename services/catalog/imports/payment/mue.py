"""Kind `ncci-mue`: Medically Unlikely Edit values of one setting and quarter."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from services.catalog.imports.archives import SourceFile
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.payment.fields import Fields
from services.catalog.imports.payment.files import one_file_of, stated_setting
from services.catalog.imports.payment.quarters import edition_of
from services.catalog.imports.payment.records import Record, records_of
from services.catalog.payment_rows import NcciMueRow
from services.catalog.rows import Edition

SETTINGS = ("practitioner", "outpatient", "dme")
"""As the names of columns and services say them, too."""
CSV_COLUMNS = ["hcpcs_code", "mue_units", "mue_mai", "mue_rationale", "mue_service"]
MOST_UNITS = 9_999_999
_NAMES = [
    re.compile(name)
    for name in (r"hcpcs/? ?cpt code", r".* mue values?", "mue adjudication indicator", "mue rationale")
]
_ADJUDICATION = re.compile(r"([123])(?:\s.*)?")


class NcciMueValues:
    """Reads CMS's CSV, whose notice and header stand in quotes over several lines, or a CSV edition of it."""

    kind = "ncci-mue"
    title = "NCCI Medically Unlikely Edits"
    publisher = "Centers for Medicare & Medicaid Services (CMS)"
    systems = ("cpt", "hcpcs", "cdt")
    subject = "ncci_mue"
    settings = SETTINGS
    recognised = (
        called(r"mcr_mue_practitioner.*\.csv(?:\.gz)?", "practitioner"),
        called(r"mcr_mue_outpatient.*\.csv(?:\.gz)?", "outpatient"),
        called(r"mcr_mue_dme.*\.csv(?:\.gz)?", "dme"),
        called(r"ncci_mue_prac.*\.csv(?:\.gz)?", "practitioner"),
        called(r"ncci_mue_out.*\.csv(?:\.gz)?", "outpatient"),
        called(r"ncci_mue_dme.*\.csv(?:\.gz)?", "dme"),
        called(r".*practitioner-?services-?mue-?table.*\.zip", "practitioner"),
        called(r".*outpatient-?hospital-?services-?mue-?table.*\.zip", "outpatient"),
        called(r".*dme-?supplier-?services-?mue-?table.*\.zip", "dme"),
    )
    files = "one table, e.g. MCR_MUE_PractitionerServices_Eff_07-01-2024.csv, zipped or not"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the one table."""
        file = one_file_of(self, paths)
        edition = edition_of([file.name], [path.name for path in paths], choices, stated_setting(self, [file]))
        table = _Table(file, defects)

        def rows() -> Iterator[NcciMueRow]:
            yield from table.rows()
            progress("reading MUE values", 1, 1)

        def whole() -> Edition:
            return replace(edition, setting=table.setting or edition.setting)

        return Reading(rows=iter([("ncci_mue", rows())]), edition=whole)


class _Table:
    """One table on its way to rows."""

    def __init__(self, file: SourceFile, defects: Defects) -> None:
        self._file = file
        self._defects = defects
        self._csv = False
        self._seen: set[str] = set()
        self.setting = ""
        """What the table says of itself."""

    def rows(self) -> Iterator[NcciMueRow]:
        before = self._defects.count
        records = records_of(self._file, self._defects)
        if self._header(records):
            for record in records:
                fields = Fields(record, self._defects)
                row = self._row(fields)
                if fields.right:
                    yield row
        if not self._seen and self._defects.count == before:
            self._defects.add(self._file.label, 1, 1, "there is no MUE value in the file")

    def _header(self, records: Iterator[Record]) -> bool:
        """Read up to the header."""
        for record in records:
            names = [" ".join(cell.lower().split()) for cell in record.cells]
            if names == CSV_COLUMNS:
                self._csv = True
                return True
            found = [column.fullmatch(name) for column, name in zip(_NAMES, names, strict=False)]
            if len(found) == len(_NAMES) and all(found):
                return self._states(record, 1, names[1])
        expected = "HCPCS/CPT Code, ... MUE Values, MUE Adjudication Indicator, MUE Rationale"
        what = f"no line names the columns {expected}, or {','.join(CSV_COLUMNS)}"
        if not self._defects.count:
            self._defects.add(self._file.label, 1, 1, what)
        return False

    def _states(self, record: Record, place: int, said: str) -> bool:
        """Take the setting that a record states; a defect when it is none, or another one than before."""
        setting = next((name for name in SETTINGS if name in said.lower()), "")
        if not setting or self.setting not in ("", setting):
            expected = (
                f"all values are for {self.setting}" if self.setting else "a practitioner, outpatient or DME table"
            )
            record.wrong(place, f'the values are "{said}"; expected is {expected}', self._defects)
            return False
        self.setting = setting
        return True

    def _row(self, fields: Fields) -> NcciMueRow:
        code = fields.code(0, "the code")
        if code in self._seen:
            fields.wrong(0, f"{code} stands twice; each code has one value")
        self._seen.add(code)
        units = fields.count(1, "the MUE value", MOST_UNITS)
        adjudication = fields.one_of(
            2, "the adjudication indicator", lambda text: bool(_ADJUDICATION.fullmatch(text)),
            '1, 2 or 3, with or without its words ("3 Date of Service Edit: Clinical"),',
        )  # fmt: skip
        rationale = fields.text(3, "the rationale")
        if self._csv and fields.right:
            fields.right = self._states(fields.record, 4, fields.record.cell(4))
        return NcciMueRow(code, units, int(adjudication[0]) if fields.right else 0, rationale)
