"""The payment indicators of one release of the Physician Fee Schedule in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from services.catalog.edits.claim import Line

COMPONENTS = ("26", "TC", "53")
"""Modifiers that have rows of their own."""
MOST_PLACES = 10


@dataclass(frozen=True, slots=True, eq=False)
class FeeRow:
    """What the schedule says of a code, or of a code with a modifier; values as in the official file.

    Rules keep what they worked out of one.
    """

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
        self._rows: dict[str, FeeRow] = {}
        self._components: dict[tuple[str, str], FeeRow] = {}
        self._kept: dict[str, dict[str, Any]] = {}
        for row in rows:
            if row.modifier:
                self._components[row.code, row.modifier] = row
            else:
                self._rows[row.code] = row

    def of(self, code: str, modifiers: Sequence[str] = ()) -> FeeRow | None:
        """The row of a code with its modifiers; that of the code itself where no modifier has one."""
        for modifier in modifiers:
            if modifier in COMPONENTS and (row := self._components.get((code, modifier))):
                return row
        return self._rows.get(code)

    def kept(self, place: str) -> dict[str, Any]:
        """What a rule keeps of codes of the table at a place of service; a few places stay."""
        if place not in self._kept:
            if len(self._kept) >= MOST_PLACES:
                self._kept.clear()
            self._kept[place] = {}
        return self._kept[place]

    def of_lines(self, lines: Sequence[Line]) -> list[FeeRow | None]:
        """The row of each line, its modifiers counted."""
        plain = self._rows.get
        return [self.of(line.code, line.modifiers) if line.modifiers else plain(line.code) for line in lines]
