"""Procedure-to-procedure edits: of two codes on one day column 1 is paid and column 2 is denied.

NCCI Policy Manual for Medicare 2026, ch. I, A and E. The edits are about the same provider and the same patient.
"""

from collections.abc import Iterator
from datetime import date

from services.catalog.edits import sources
from services.catalog.edits.bypass import Bypass, bypass, unfit, ways
from services.catalog.edits.claim import Claim, Line, Setting
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State
from services.catalog.edits.ptp_table import PtpEdit
from services.catalog.edits.shelf import Shelf, Silent

NO_DME = "Medicare publishes no procedure-to-procedure edits for suppliers of durable medical equipment."
UNKNOWN_START = "start date unknown"
_MEANING = {"0": "no modifier sets it aside", "1": "a fitting modifier sets it aside"}


def check(claim: Claim, shelf: Shelf) -> Iterator[Finding | Asked]:
    """Look for every pair of codes of a day, in both orders."""
    if claim.setting is Setting.DME:
        yield Asked(Kind.PTP, State.NOT_APPLICABLE, because=NO_DME)
        return
    for day in claim.first_days():
        answering = shelf.ptp(claim.setting, day)
        if isinstance(answering, Silent):
            yield answering.asked(Kind.PTP)
            continue
        yield Asked(Kind.PTP, State.CHECKED, answering.edition)
        lines = claim.lines_on(day)
        for edit in answering.table.applying(list(lines), day):
            pair = _Pair(edit, claim.setting, answering.edition, day)
            yield from pair.findings(lines[edit.column_1], lines[edit.column_2])


class _Pair:
    """One edit against the lines of its two codes."""

    def __init__(self, edit: PtpEdit, setting: Setting, edition: str, day: date) -> None:
        self._edit, self._setting, self._edition, self._day = edit, setting, edition, day

    def findings(self, paid: list[Line], denied: list[Line]) -> Iterator[Finding]:
        """A line of column 2 is denied unless a modifier sets the edit aside with every line of column 1.

        Lines over several days meet on the first day they share; what met on an earlier day was told then.
        """
        bare: list[tuple[Line, Line]] = []
        aside: list[tuple[Line, Bypass]] = []
        for line in denied:
            beside = [other for other in paid if max(other.begins, line.begins) == self._day]
            helps = [self._bypass(other, line) for other in beside]
            without = next((other for other, found in zip(beside, helps, strict=True) if found is None), None)
            if without is not None:
                bare.append((without, line))
            else:
                aside += [(line, found) for found in helps[:1] if found is not None]
        if bare:
            yield self._denied(bare, paid)
        if aside:
            yield self._set_aside(aside, paid)

    def _bypass(self, one: Line, other: Line) -> Bypass | None:
        return bypass(one, other, self._setting) if self._edit.indicator == "1" else None

    def _denied(self, pairs: list[tuple[Line, Line]], paid: list[Line]) -> Finding:
        edit, (column_1, column_2) = self._edit, pairs[0]
        lines = tuple(line.number for _, line in pairs)
        wrong = " ".join(dict.fromkeys(s for one, other in pairs for s in unfit(one, other)))
        message = (
            f"{_lines(lines)}, {edit.column_2}, {_is(lines)} denied beside {edit.column_1} on line {column_1.number}: "
            f"{self._stands()}, and {_MEANING[edit.indicator]}. {wrong}"
        )
        if edit.indicator == "0":
            resolve = (
                f"No modifier helps: the indicator is 0. Report {edit.column_1} without {edit.column_2}; modifier 22 "
                f"on {edit.column_1} asks the contractor to look at work that was substantially greater."
            )
        else:
            resolve = f"Remove {edit.column_2}, or set the edit aside with {ways(column_1, column_2, self._setting)}."
        return self._finding(Outcome.DENIED, lines, paid, message.strip(), resolve)

    def _set_aside(self, aside: list[tuple[Line, Bypass]], paid: list[Line]) -> Finding:
        edit, (_, first) = self._edit, aside[0]
        lines = tuple(line.number for line, _ in aside)
        message = (
            f"{_lines(lines)}, {edit.column_2}, {_is(lines)} paid beside {edit.column_1}: {self._stands()}, and "
            f"{first.modifier} on line {first.line.number} sets it aside."
        )
        resolve = f"Nothing to change, if the record shows {first.record}. Otherwise remove the modifier."
        return self._finding(Outcome.BYPASSED, lines, paid, message, resolve)

    def _stands(self) -> str:
        edit = self._edit
        known = f"since {edit.begins}" if edit.begins else UNKNOWN_START
        until = f", deleted after {edit.ends}" if edit.ends else ""
        why = f" ({edit.rationale})" if edit.rationale else ""
        return f"an edit stands between them on {self._day} ({known}{until}){why}"

    def _finding(
        self, outcome: Outcome, lines: tuple[int, ...], paid: list[Line], message: str, resolve: str
    ) -> Finding:
        edit = self._edit
        return Finding(
            kind=Kind.PTP,
            outcome=outcome,
            lines=lines,
            code=edit.column_2,
            rule=f"NCCI procedure-to-procedure edit, modifier indicator {edit.indicator}",
            source=sources.PTP,
            edition=self._edition,
            message=message,
            resolve=resolve,
            other_lines=tuple(line.number for line in paid),
            column_1=edit.column_1,
            column_2=edit.column_2,
            indicator=edit.indicator,
        )


def _is(numbers: tuple[int, ...]) -> str:
    return "is" if len(numbers) == 1 else "are"


def _lines(numbers: tuple[int, ...]) -> str:
    if len(numbers) == 1:
        return f"Line {numbers[0]}"
    return f"Lines {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
