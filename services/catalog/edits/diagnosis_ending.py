"""Codes that were valid before the day of service, or will be after it: their last or first day, their successors.

ICD-10-CM Conversion Table (CMS): it names each code added since 2016 with the code that was assigned before, and the
day. A successor is named only where the old code is not valid on the day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.catalog.edits.diagnosis import Diagnosis, written
from services.catalog.edits.finding import Outcome

MOST_SUCCESSORS = 40
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ended:
    """A code that could be reported until a day."""

    last_day: date | None
    """None where it is not known."""
    successors: Sequence[str]
    """Undotted."""
    outcome = Outcome.DENIED

    def message(self, diagnosis: Diagnosis, day: date) -> str:
        """What is wrong."""
        last = f"its last day was {self.last_day}" if self.last_day else "its last day is not known here"
        if diagnosis.place is not None:
            return f"{diagnosis.display} is a header on {day} and cannot be reported: it was divided, and {last}."
        return f"{diagnosis.display} is no ICD-10-CM code on {day}: it was deleted, and {last}."

    def resolve(self) -> str:
        """What took its place."""
        if not self.successors:
            return "Bill the code that is valid on the day; the tables loaded here name no successor."
        named = ", ".join(written(code) for code in self.successors[:MOST_SUCCESSORS])
        if len(self.successors) == 1:
            return f"Bill its successor, {named}, if it is what the record says."
        return f"Bill the one of its successors that the record supports: {named}."


@dataclass(frozen=True, slots=True)
class NotBegun:
    """A code that can be reported from a day on."""

    first_day: date
    outcome = Outcome.DENIED

    def message(self, diagnosis: Diagnosis, day: date) -> str:
        """What is wrong."""
        return f"{diagnosis.display} is not valid on {day}: its first day is {self.first_day}."

    def resolve(self) -> str:
        """What to do."""
        return "Bill the code that is valid on the day of service."


@dataclass(frozen=True, slots=True)
class BetweenEditions:
    """A code that an edition lacks which had ended by the day, and that the next one loaded has."""

    ended: date
    begins: date
    outcome = Outcome.REVIEW

    def message(self, diagnosis: Diagnosis, day: date) -> str:
        """What is not known."""
        return (
            f"{diagnosis.display} cannot be reported by the edition that ended on {self.ended}, and can by the one "
            f"that begins on {self.begins}: no edition of {day} is loaded here that would tell."
        )

    def resolve(self) -> str:
        """What to do."""
        return "Look the code up in the edition of the day."


def ending_of(diagnosis: Diagnosis, day: date, ended: date | None = None) -> Ended | NotBegun | BetweenEditions | None:
    """What is known of other days of a code that cannot be reported on this one; None where nothing is.

    `ended` is the last day of the edition that was asked, where the day lies behind it.
    """
    before = [r for r in diagnosis.elsewhere if r.effective_from is not None and r.effective_from <= day]
    after = [r.effective_from for r in diagnosis.elsewhere if r.effective_from is not None and r.effective_from > day]
    named_as_previous = [c for c in diagnosis.conversions if c.code != diagnosis.code and c.effective <= day]
    exactly = [c for c in named_as_previous if c.previous.strip() == diagnosis.display]
    own = [c.effective for c in diagnosis.conversions if c.code == diagnosis.code and c.effective > day]
    if before or (exactly if diagnosis.place is not None else named_as_previous):
        last = max((r.effective_to for r in before if r.effective_to is not None), default=None)
        at_once = [c for c in named_as_previous if last is not None and c.effective == last + _ONE_DAY]
        leading = at_once or exactly or named_as_previous
        first = min((c.effective for c in leading), default=None)
        return Ended(last or (first - _ONE_DAY if first else None), [c.code for c in leading])
    if after and not own and ended is not None:
        return BetweenEditions(ended, min(after))
    if after or own:
        return NotBegun(min(own) if own else min(after))
    return None
