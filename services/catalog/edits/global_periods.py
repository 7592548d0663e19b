"""Global periods: what is part of the payment for an operation that was billed before, or on another day of the claim.

Medicare Claims Processing Manual (Pub. 100-04), ch. 12, 40.1 to 40.4; NCCI Policy Manual for Medicare 2026, ch. I, D.
The periods are those of the same provider, or of one of the same group and specialty.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.catalog.edits import sources
from services.catalog.edits.claim import Claim, Line, PastLine, Setting
from services.catalog.edits.fee_schedule import PRACTITIONERS_ONLY
from services.catalog.edits.fee_table import FeeTable
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State
from services.catalog.edits.services import is_visit
from services.catalog.edits.shelf import Answering, Shelf, Silent

NO_HISTORY = "The claim has no history lines, and global periods are those of operations billed before."
SURGICAL_CARE_ONLY = "54"
_DAYS = {"000": (0, 0), "010": (0, 10), "090": (-1, 90)}
"""First and last day of the period, counted from the operation."""
_AFTER = frozenset({"58", "78", "79"})
_ON_THE_DAY = frozenset({"25", "57"})
_CRITICAL_CARE = frozenset({"99291", "99292"})


def check(claim: Claim, shelf: Shelf) -> Iterator[Finding | Asked]:
    """Compare each line with the operations billed before."""
    if claim.setting is not Setting.PRACTITIONER:
        yield Asked(Kind.GLOBAL_PERIOD, State.NOT_APPLICABLE, because=PRACTITIONERS_ONLY)
        return
    days = claim.first_days()
    if not claim.history:
        yield Asked(Kind.GLOBAL_PERIOD, State.NOT_CHECKED, because=NO_HISTORY)
        if len(days) == 1:
            return
    for day in days:
        answering = shelf.fees(day)
        if isinstance(answering, Silent):
            yield answering.asked(Kind.GLOBAL_PERIOD)
            continue
        if claim.history:
            yield Asked(Kind.GLOBAL_PERIOD, State.CHECKED, answering.edition)
        for line in claim.lines_from(day):
            yield from _of_line(claim, line, answering)


def _of_other_days(claim: Claim, line: Line) -> Iterator[PastLine]:
    """The claim's own lines of other days; those of one day are for the edits of pairs."""
    for other in claim.lines:
        if other.begins != line.begins:
            yield PastLine(other.code, other.begins, other.units, other.modifiers)


def _of_line(claim: Claim, line: Line, answering: Answering[FeeTable]) -> Iterator[Finding]:
    own = answering.table.of(line.code, line.modifiers)
    procedure = own is not None and own.global_days in _DAYS and not is_visit(line.code)
    if not procedure and not is_visit(line.code):
        return
    for past in (*claim.history, *_of_other_days(claim, line)):
        operation = answering.table.of(past.code, past.modifiers)
        if not claim.is_own(past) or operation is None or operation.global_days not in _DAYS:
            continue
        found = _Period(past, operation.global_days, line)
        if found.visit_within() if is_visit(line.code) else procedure and found.procedure_within():
            yield found.finding(answering.edition)


@dataclass(frozen=True, slots=True)
class _Period:
    """The global period of an operation, and a line that may fall into it."""

    past: PastLine
    global_days: str
    line: Line

    @property
    def after(self) -> int:
        """Days from the operation to the line."""
        return (self.line.begins - self.past.day).days

    def visit_within(self) -> bool:
        """Whether a visit falls into it; who only operated has no days after it."""
        first, last = _DAYS[self.global_days]
        return first <= self.after <= (0 if SURGICAL_CARE_ONLY in self.past.modifiers else last)

    def procedure_within(self) -> bool:
        """Whether a procedure of a later day falls into it."""
        return self.after > 0 and self.visit_within()

    def needed(self) -> frozenset[str]:
        """The modifiers with which the line is paid all the same."""
        if not is_visit(self.line.code):
            return _AFTER
        if self.after <= 0:
            minor = self.global_days != "090"
            return frozenset({"25"}) if minor else _ON_THE_DAY if self.after == 0 else frozenset({"57"})
        return frozenset({"24", "FT"}) if self.line.code in _CRITICAL_CARE else frozenset({"24"})

    def finding(self, edition: str) -> Finding:
        """What becomes of the line."""
        line, needed = self.line, self.needed()
        helps = next((modifier for modifier in line.modifiers if modifier in needed), "")
        days = f"{self.after} day{'s' if self.after != 1 else ''} after"
        where = {0: "on the day of", -1: "on the day before"}.get(self.after, days)
        what = f"Line {line.number}, {line.code}, is {where} {self.past.code} ({self.past.day})"
        period = f"within its global period ({self.global_days})"
        said = " or ".join(sorted(needed))
        return Finding(
            kind=Kind.GLOBAL_PERIOD,
            outcome=Outcome.BYPASSED if helps else Outcome.DENIED,
            lines=(line.number,),
            code=line.code,
            rule=f"Global surgery, period {self.global_days}",
            source=sources.GLOBAL_SURGERY,
            edition=edition,
            message=f"{what}, {period}"
            + (f", and {helps} says why it is paid." if helps else ", and part of its payment."),
            resolve=f"Nothing to change, if the record shows what {helps} says."
            if helps
            else f"Add modifier {said}, if the record shows that it fits; otherwise do not bill the line.",
        )
