"""The payment indicators of one release of the Physician Fee Schedule in memory."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

COMPONENTS = ("26", "TC", "53")
"""Modifiers that have rows of their own."""


class FeeRow(NamedTuple):
    """What the schedule says of a code, or of a code with a modifier; values as in the official file."""

    code: str
    modifier: str
    """Empty for the code itself."""
    status: str
    pc_tc: str
    global_days: str
    multiple: str
    bilateral: str
    assistant: str
    co_surgeons: str
    team: str
    non_facility_na: bool = False
    """Whether it is rarely or never furnished outside a facility."""
    facility_na: bool = False
    """Whether it is rarely or never furnished in one."""


class FeeTable:
    """The rows of a release."""

    def __init__(self, rows: Iterable[FeeRow]) -> None:
        """Take the rows."""
        self._rows: Mapping[tuple[str, str], FeeRow] = {(row.code, row.modifier): row for row in rows}

    def of(self, code: str, modifiers: Iterable[str] = ()) -> FeeRow | None:
        """The row of a code with its modifiers; that of the code itself where no modifier has one."""
        for modifier in modifiers:
            if modifier in COMPONENTS and (row := self._rows.get((code, modifier))):
                return row
        return self._rows.get((code, ""))
