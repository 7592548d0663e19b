"""Procedure-to-procedure edits: of two codes on one day column 1 is paid and column 2 is denied.

NCCI Policy Manual for Medicare 2026, ch. I, A, D and E. The edits are about services of one day by the same provider to
the same patient, on whatever claims: lines of the history of that day meet those of the claim.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from services.catalog.edits import sources
from services.catalog.edits.bypass import Bypass, bypass, unfit, ways
from services.catalog.edits.claim import Claim, Line, Setting
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State
from services.catalog.edits.ptp_table import PtpEdit
from services.catalog.edits.shelf import Shelf, Silent

NO_DME = "Medicare publishes no procedure-to-procedure edits for suppliers of durable medical equipment."
UNKNOWN_START = "start date unknown"
_MEANING = {"0": "no modifier sets it aside", "1": "a fitting modifier sets it aside"}

_RULES = {indicator: f"NCCI procedure-to-procedure edit, modifier indicator {indicator}" for indicator in _MEANING}


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
        pairs = _Pairs(claim.setting, answering.edition, day)
        for edit in answering.table.applying(list(lines), day):
            yield from pairs.findings(edit, lines[edit.column_1], lines[edit.column_2])


class _Pairs:
    """The edits of a day against the lines of their two codes; what was billed before for the day counts as they do."""

    def __init__(self, setting: Setting, edition: str, day: date) -> None:
        self._setting, self._edition, self._day = setting, edition, day

    def findings(self, edit: PtpEdit, paid: list[Line], denied: list[Line]) -> Iterator[Finding]:
        """A line of column 2 is denied unless a modifier sets the edit aside with every line of column 1.

        Lines over several days meet on the first day they share; what met on an earlier day was told then.
        """
        if len(paid) == len(denied) == 1 and self._are_plain(paid[0], denied[0]):
            yield self._plainly_denied(edit, paid[0], denied[0])
            return  # as most are
        bare: list[tuple[Line, Line]] = []
        aside: list[tuple[Line, Bypass]] = []
        for line in denied:
            beside = [other for other in paid if self._meet(other, line)]
            if beside and not _may_help(edit, beside, line):
                bare.append((beside[0], line))
                continue
            helps = [bypass(other, line, self._setting) for other in beside]
            without = next((other for other, found in zip(beside, helps, strict=True) if found is None), None)
            if without is not None:
                bare.append((without, line))
            else:
                aside += [(line, found) for found in helps[:1] if found is not None]
        on_claim = [pair for pair in bare if not pair[1].past]
        if on_claim:
            yield self._denied(edit, on_claim, paid)
        if len(on_claim) < len(bare):
            yield self._billed_before(edit, [pair for pair in bare if pair[1].past], paid)
        if aside:
            yield self._set_aside(edit, aside, paid)

    def _are_plain(self, one: Line, other: Line) -> bool:
        """Whether two lines of the claim begin on the day, and no modifier may help."""
        if one.modifiers or other.modifiers or one.past or other.past:
            return False
        return one.begins == other.begins == self._day

    def _meet(self, one: Line, other: Line) -> bool:
        """Whether two lines meet on the day, and one is on the claim."""
        later = one.begins if one.begins > other.begins else other.begins
        return later == self._day and not (one.past and other.past)

    def _plainly_denied(self, edit: PtpEdit, one: Line, other: Line) -> Finding:
        """One line of each code, without modifiers: as `_denied`, and faster."""
        message = self._denial(edit, f"Line {other.number}, {edit.column_2}, is", f"line {one.number}")
        return Finding(
            Kind.PTP, Outcome.DENIED, (other.number,), edit.column_2, _RULES[edit.indicator], sources.PTP,
            self._edition, message, self._removal(edit, one, other), (one.number,), (), (),
            edit.column_1, edit.column_2, edit.indicator,
        )  # fmt: skip

    def _denied(self, edit: PtpEdit, pairs: list[tuple[Line, Line]], paid: list[Line]) -> Finding:
        column_1, column_2 = pairs[0]
        lines = [line for _, line in pairs]
        before = ", billed before" if column_1.past else ""
        message = self._denial(
            edit, f"{_lines(lines)}, {edit.column_2}, {_is(lines)}", f"{column_1.name}{before}"
        ) + _unfit(pairs)
        return self._finding(edit, Outcome.DENIED, lines, paid, (message, self._removal(edit, column_1, column_2)))

    def _denial(self, edit: PtpEdit, denied: str, beside: str) -> str:
        standing = _standing(edit.begins, edit.ends, edit.rationale, self._day)
        return f"{denied} denied beside {edit.column_1} on {beside}: {standing}, and {_MEANING[edit.indicator]}."

    def _removal(self, edit: PtpEdit, column_1: Line, column_2: Line) -> str:
        if edit.indicator == "0":
            return (
                f"No modifier helps: the indicator is 0. Report {edit.column_1} without {edit.column_2}; modifier 22 "
                f"on {edit.column_1} asks the contractor to look at work that was substantially greater."
            )
        return f"Remove {edit.column_2}, or set the edit aside with {ways(column_1, column_2, self._setting)}."

    def _billed_before(self, edit: PtpEdit, pairs: list[tuple[Line, Line]], paid: list[Line]) -> Finding:
        """Column 2 is no line of the claim: the edit denies what was billed before, and a person has to see to it."""
        column_1, column_2 = pairs[0]
        message = (
            f"{edit.column_2}, billed before ({_lines([line for _, line in pairs]).lower()}), is denied beside "
            f"{edit.column_1} on {column_1.name}: "
            f"{_standing(edit.begins, edit.ends, edit.rationale, self._day)}, and {_MEANING[edit.indicator]}."
            f"{_unfit(pairs)}"
        )
        resolve = f"Expect that what was paid for {edit.column_2} is taken back, or bill one of the two."
        if edit.indicator == "1":
            aside = ways(column_1, column_2, self._setting)
            resolve = f"Correct the claim for {edit.column_2}, or set the edit aside with {aside}."
        return self._finding(edit, Outcome.REVIEW, [line for _, line in pairs], paid, (message, resolve))

    def _set_aside(self, edit: PtpEdit, aside: list[tuple[Line, Bypass]], paid: list[Line]) -> Finding:
        _, first = aside[0]
        lines = [line for line, _ in aside]
        message = (
            f"{_lines(lines)}, {edit.column_2}, {_is(lines)} paid beside {edit.column_1}: "
            f"{_standing(edit.begins, edit.ends, edit.rationale, self._day)}, and {first.modifier} on "
            f"{first.line.name} sets it aside."
        )
        resolve = f"Nothing to change, if the record shows {first.record}. Otherwise remove the modifier."
        return self._finding(edit, Outcome.BYPASSED, lines, paid, (message, resolve))

    def _finding(
        self, edit: PtpEdit, outcome: Outcome, denied: list[Line], paid: list[Line], words: tuple[str, str]
    ) -> Finding:
        """The lines of column 2; where they were all billed before, those of column 1 are what it is about."""
        column_1, column_2, indicator, *_ = edit
        others, lines = _numbers(paid), _numbers(denied)
        if not lines:
            lines, others = others, ()
        return Finding(
            Kind.PTP, outcome, lines, column_2, _RULES[indicator], sources.PTP, self._edition, *words, others,
            history_lines=tuple([line.number for line in (*paid, *denied) if line.past]),
            column_1=column_1, column_2=column_2, indicator=indicator,
        )  # fmt: skip


def _may_help(edit: PtpEdit, beside: list[Line], line: Line) -> bool:
    """Whether an edit can be set aside at all, and there are modifiers that might."""
    return edit.indicator == "1" and bool(line.modifiers or any([other.modifiers for other in beside]))  # noqa: C419 - as below


@lru_cache(maxsize=20_000)
def _standing(begins: date | None, ends: date | None, rationale: str, day: date) -> str:
    known = f"since {begins}" if begins else UNKNOWN_START
    until = f", deleted after {ends}" if ends else ""
    why = f" ({rationale})" if rationale else ""
    return f"an edit stands between them on {day} ({known}{until}){why}"


def _numbers(lines: list[Line]) -> tuple[int, ...]:
    """Positions of those on the claim."""
    return tuple([line.number for line in lines if not line.past])


def _unfit(pairs: list[tuple[Line, Line]]) -> str:
    """Why the modifiers that stand on the lines do not help, a sentence behind the others."""
    if not any([one.modifiers or other.modifiers for one, other in pairs]):  # noqa: C419 - faster for one pair
        return ""
    return "".join([f" {why}" for why in dict.fromkeys(why for one, other in pairs for why in unfit(one, other))])


def _is(lines: list[Line]) -> str:
    return "is" if len(lines) == 1 else "are"


def _lines(lines: list[Line]) -> str:
    """Lines of the claim, then those of the history, at the beginning of a sentence."""
    if len(lines) == 1 and not lines[0].past:
        return f"Line {lines[0].number}"
    said = []
    for past, word in ((False, "line"), (True, "history line")):
        numbers = [str(line.number) for line in lines if line.past is past]
        if len(numbers) == 1:
            said.append(f"{word} {numbers[0]}")
        elif numbers:
            said.append(f"{word}s {', '.join(numbers[:-1])} and {numbers[-1]}")
    return " and ".join(said).capitalize()
