"""Medically unlikely edits: the most units of a code that one provider bills for one patient and day.

NCCI Policy Manual for Medicare 2026, ch. I, V: MAI 1 compares each line, 2 and 3 the day's sum; what exceeds the value
is denied whole. The edits are about one provider, patient and day (Introduction), so the sum has what was billed before
for the day. Units of a line over several days are divided by its days and rounded.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from services.catalog.edits import sources
from services.catalog.edits.claim import Claim, Line
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State
from services.catalog.edits.modifiers import OF_REPEATED_LINES
from services.catalog.edits.mue_table import MueEdit
from services.catalog.edits.shelf import Shelf, Silent

NO_VALUE = "no published value"
_RESOLVE = {
    1: "Correct the units. Units that were truly furnished may stand on separate lines, each up to the value, with a "
    "modifier that fits: 59, XE, XS, XP, XU, 76, 77, 91 or an anatomic one.",
    2: "Correct the units. This value follows from statute, regulation or coding rules: no modifier and no record "
    "sets it aside, and the contractor may not do so on reopening or redetermination either.",
    3: "Correct the units, or have the record ready: the contractor may pay more units when it shows that they were "
    "furnished, correctly coded and medically necessary.",
}
_BOTH_SIDES = (
    "A surgical procedure on both sides whose bilateral indicator is 1 or 3 is billed on one line with modifier 50 and "
    "one unit, not on a line for each side. "
)
"""NCCI Policy Manual for Medicare 2026, ch. I, V; Medicare Claims Processing Manual, ch. 12, section 40.7.B."""


def check(claim: Claim, shelf: Shelf) -> Iterator[Finding | Asked]:
    """Compare each line, or the sum of a day."""
    for day in claim.first_days():
        answering = shelf.mue(claim.setting, day)
        if isinstance(answering, Silent):
            yield answering.asked(Kind.MUE)
            continue
        yield Asked(Kind.MUE, State.CHECKED, answering.edition)
        edit_of = answering.table.get
        for code, lines in claim.lines_on(day).items():
            edit = edit_of(code)
            if edit is not None and len(lines) == 1 and lines[0].units <= edit.units:
                continue  # as most are
            own = [line for line in lines if not line.past] if claim.history else lines
            if any([line.begins == day for line in own]):  # noqa: C419 - a list of one is faster than a generator
                yield from _of_code(edit, code, own, lines[len(own) :], (answering.edition, day))


def units_a_day(line: Line) -> int:
    """Units of one of the line's days, rounded to the nearest whole number (ch. I, V)."""
    return line.units if line.days == 1 else (2 * line.units + line.days) // (2 * line.days)


def _of_code(
    edit: MueEdit | None, code: str, lines: list[Line], before: list[Line], said: tuple[str, date]
) -> Iterator[Finding]:
    """A code's lines of a day, and what was billed of it before for that day, which counts with the sum alone."""
    edition, day = said
    if edit is None:
        yield _no_value(code, lines, edition)
    elif edit.mai == 1:
        for line in lines:
            if line.begins == day and units_a_day(line) > edit.units:
                yield _exceeded(edit, code, [line], f"{units_a_day(line)} units on the line", edition)
        yield from _alike(edit, code, [line for line in lines if line.begins == day], edition)
    else:
        total = sum([units_a_day(line) for line in (*lines, *before)])
        if total > edit.units:
            counted = f"{total} units on {day}, all lines together"
            if before:
                names = ", ".join(line.name for line in before)
                counted += f" and with what was billed before ({names})"
            yield _exceeded(edit, code, lines, counted, edition, before=before)


def _exceeded(
    edit: MueEdit,
    code: str,
    lines: list[Line],
    counted: str,
    edition: str,
    *,
    before: Sequence[Line] = (),
) -> Finding:
    denied = "may all be denied" if edit.mai == 3 else "are all denied"
    why = f" ({edit.rationale})" if edit.rationale else ""
    return Finding(
        kind=Kind.MUE,
        outcome=Outcome.REVIEW if edit.mai == 3 else Outcome.DENIED,
        lines=tuple(line.number for line in lines),
        code=code,
        rule=f"Medically unlikely edit, MAI {edit.mai}",
        source=sources.MUE,
        edition=edition,
        message=f"{code}: {counted}, and the value is {edit.units}{why}. The units {denied}, not only those above it.",
        resolve=_both_sides(lines) + _RESOLVE[edit.mai],
        value=edit.units,
        mai=edit.mai,
        history_lines=tuple(line.number for line in before),
    )


def _both_sides(lines: list[Line]) -> str:
    """What to say first where some lines are of the right side and others of the left."""
    sides = [{"RT", "LT"}.intersection(line.modifiers) for line in lines]
    return _BOTH_SIDES if {"RT"} in sides and {"LT"} in sides else ""


def _alike(edit: MueEdit, code: str, lines: list[Line], edition: str) -> Iterator[Finding]:
    """Lines that each keep to the value, together exceed it, and bear nothing that tells them apart (ch. I, V)."""
    bare = [line for line in lines if OF_REPEATED_LINES.isdisjoint(line.modifiers) and units_a_day(line) <= edit.units]
    if len(bare) > 1 and sum(units_a_day(line) for line in bare) > edit.units:
        yield Finding(
            kind=Kind.MUE,
            outcome=Outcome.INFO,
            lines=tuple(line.number for line in bare),
            code=code,
            rule=f"Medically unlikely edit, MAI {edit.mai}",
            source=sources.MUE,
            edition=edition,
            message=f"{code} stands on {len(bare)} lines without a modifier that tells them apart. Each keeps to the "
            f"value of {edit.units}, and the edit passes them; the contractor may deny the later ones as duplicates.",
            resolve=_RESOLVE[1],
            value=edit.units,
            mai=edit.mai,
        )


def _no_value(code: str, lines: list[Line], edition: str) -> Finding:
    numbers = tuple([line.number for line in lines])
    message = f"{code} has {NO_VALUE}. Some values are confidential, so this does not mean that there is no limit."
    resolve = "Bill the units that the record shows."
    return Finding(
        Kind.MUE, Outcome.INFO, numbers, code, "Medically unlikely edit", sources.MUE, edition, message, resolve
    )
