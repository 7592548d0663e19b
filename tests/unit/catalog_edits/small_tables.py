"""Small invented tables, and claims to check against them. The codes are real ones; what is said of them is not."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from services.catalog.editions import Editions
from services.catalog.edits.add_on_table import AddOnEdit, AddOnTable
from services.catalog.edits.checker import check
from services.catalog.edits.claim import Claim, Line, PastLine, Setting
from services.catalog.edits.fee_table import FeeRow, FeeTable
from services.catalog.edits.finding import CheckedClaim, Finding, Kind, State
from services.catalog.edits.mue_table import MueEdit
from services.catalog.edits.ptp_table import NO_END, UNKNOWN_START, PtpRows, PtpTable
from services.catalog.edits.shelf import Shelf
from services.catalog.records import ReleaseRecord

DAY = date(2024, 7, 15)
Row = tuple[str, str, date | None, date | None, str]
"""Column 1, column 2, effective date, deletion date, indicator."""


def ptp_table(rows: Iterable[Row]) -> PtpTable:
    """A table of rows."""
    rows = list(rows)
    codes = sorted({code for row in rows for code in row[:2]})
    number = {code: place for place, code in enumerate(codes)}
    return PtpTable(
        PtpRows(
            codes=codes,
            column_1=np.array([number[row[0]] for row in rows], dtype=np.int32),
            column_2=np.array([number[row[1]] for row in rows], dtype=np.int32),
            begins=np.array([row[2].toordinal() if row[2] else UNKNOWN_START for row in rows], dtype=np.int32),
            ends=np.array([row[3].toordinal() if row[3] else NO_END for row in rows], dtype=np.int32),
            indicators=np.array([ord(row[4]) for row in rows], dtype=np.uint8),
            rationales=np.zeros(len(rows), dtype=np.uint8),
            rationale_names=("Mutually exclusive procedures",),
        )
    )


def release(kind: str, setting: str = "", begins: date | None = date(2024, 7, 1)) -> ReleaseRecord:
    """The record of a release, of the third quarter of 2024."""
    name = f"{kind}-{setting}" if setting else kind
    return ReleaseRecord(
        id=name, kind=kind, title=name, publisher="CMS", edition="July 2024", effective_from=begins,
        effective_to=date(2024, 9, 30), systems=(), checksum="", entries=1, imported_by="tester",
        imported_at=datetime(2024, 7, 2, tzinfo=UTC), in_force=True, setting=setting,
    )  # fmt: skip


def shelf(**tables: Any) -> Shelf:
    """A shelf with the tables that are named: ptp and mue for practitioners and outpatients, add_on, fees."""
    placed: dict[str, Any] = {}
    releases = []
    for kind, name in (("ncci-ptp", "ptp"), ("ncci-mue", "mue")):
        for setting in ("practitioner", "outpatient", "dme"):
            if name in tables and (name, setting) != ("ptp", "dme"):
                releases.append(release(kind, setting))
                placed[releases[-1].id] = tables[name]
    for kind, name in (("ncci-aoc", "add_on"), ("pfs-rvu", "fees")):
        if name in tables:
            releases.append(release(kind))
            placed[releases[-1].id] = tables[name]
    return Shelf(Editions(releases), placed)


def line(number: int, code: str, *modifiers: str, units: int = 1, day: date = DAY, ends: date | None = None) -> Line:
    """A line."""
    return Line(number, code, units, day, ends or day, modifiers)


def claim(
    *lines: Line,
    setting: Setting = Setting.PRACTITIONER,
    history: Sequence[PastLine] = (),
    place: str = "",
    payer: str = "",
) -> Claim:
    """A claim of lines."""
    return Claim("c", setting, lines[0].begins, lines, history=tuple(history), place_of_service=place, payer=payer)


def findings(checked: CheckedClaim, kind: Kind) -> list[Finding]:
    """The findings of one rule."""
    return [finding for finding in checked.findings if finding.kind is kind]


def checked(claim_: Claim, **tables: Any) -> CheckedClaim:
    """A claim checked against tables."""
    return check(claim_, shelf(**tables))


def state(answer: CheckedClaim, kind: Kind) -> set[State]:
    """The states that a rule is in."""
    return {asked.state for asked in answer.asked if asked.rule is kind}


def mue(**values: tuple[int, int]) -> dict[str, MueEdit]:
    """A table of values: the code behind an underscore, units and MAI."""
    return {
        code.removeprefix("_"): MueEdit(units, mai, "Nature of Service/Procedure")
        for code, (units, mai) in values.items()
    }


def add_on(*rows: tuple[str, str | None, int]) -> AddOnTable:
    """A table of add-on code, primary code and type."""
    return AddOnTable(AddOnEdit(code, primary, kind, None, None) for code, primary, kind in rows)


def fee(code: str, status: str = "A", modifier: str = "", **indicators: Any) -> FeeRow:
    """A row of the fee schedule; indicators that are not named do not apply."""
    usual = dict.fromkeys(("pc_tc", "multiple", "bilateral", "assistant", "co_surgeons", "team"), "9")
    return FeeRow(code=code, modifier=modifier, status=status, **{"global_days": "XXX", **usual, **indicators})


def fees(*rows: FeeRow) -> FeeTable:
    """A fee schedule of rows."""
    return FeeTable(rows)
