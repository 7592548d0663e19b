"""Whether the diagnoses of a claim are valid codes on its day: they exist, are complete, and stand once.

ICD-10-CM Official Guidelines FY 2026, sections I.A.3 to I.A.5, I.B.2 and I.B.12.
"""

from collections.abc import Iterator
from datetime import date

from services.catalog.edits.claim import Claim
from services.catalog.edits.diagnoses import Coded, Uncoded
from services.catalog.edits.diagnosis import FULL_LENGTH, Diagnosis, written
from services.catalog.edits.diagnosis_ending import ending_of
from services.catalog.edits.diagnosis_finding import about
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State

MOST_NAMED = 8


def check(claim: Claim, coded: Coded | Uncoded) -> Iterator[Finding | Asked]:
    """Look at each diagnosis by itself."""
    if isinstance(coded, Uncoded):
        yield coded.asked(Kind.ICD10CM)
        return
    yield Asked(Kind.ICD10CM, State.CHECKED, coded.edition)
    seen: dict[str, int] = {}
    for number, diagnosis in enumerate(coded.diagnoses, 1):
        if diagnosis.code in seen:
            yield _twice(claim, coded, number, seen[diagnosis.code], diagnosis)
            continue
        seen[diagnosis.code] = number
        if diagnosis.reportable:
            continue
        ending = ending_of(diagnosis, coded.day, coded.ended)
        if ending is not None:
            wrong = (ending.message(diagnosis, coded.day), ending.resolve(), "I.A.3")
        else:
            wrong = _incomplete(diagnosis) if diagnosis.place is not None else _absent(diagnosis, coded.day)
        message, resolve, section = wrong
        yield about(
            claim, coded, [number], diagnosis, kind=Kind.ICD10CM, section=section, message=message, resolve=resolve,
            outcome=ending.outcome if ending is not None else Outcome.DENIED, rule="ICD-10-CM, valid code",
        )  # fmt: skip


def _incomplete(diagnosis: Diagnosis) -> tuple[str, str, str]:
    """A header: what stands below it completes it."""
    below = diagnosis.place.reportable_below if diagnosis.place is not None else 0
    if diagnosis.lacks_seventh:
        message = f"{diagnosis.display} cannot be reported: its seventh character is missing."
        return message, f"Add the one that the record supports: {_characters(diagnosis)}.", "I.A.5"
    message = f"{diagnosis.display} is a header and cannot be reported."
    if below == 1:
        return message, "Report the one complete code below it, if it is what the record says.", "I.A.3"
    return message, f"Choose one of the {below:,} complete codes below it.", "I.A.3"


def _absent(diagnosis: Diagnosis, day: date) -> tuple[str, str, str]:
    """A code that the edition does not have: why not, as far as it can be told."""
    nearest = diagnosis.nearest
    missing = f"{diagnosis.display} is no ICD-10-CM code on {day}"
    if diagnosis.meant:
        message = f"{missing}: its seventh character does not stand in the seventh place."
        return message, f"Fill the places before it with X: {written(diagnosis.meant)}.", "I.A.4 and I.A.5"
    if nearest is None:
        return f"{missing}.", "Look the code up, and bill one that exists.", "I.A.3"
    if nearest.reportable:
        message = f"{missing}: {nearest.display} is complete without further characters."
        return message, f"Bill {nearest.display}, if that is what was meant.", "I.B.2"
    if len(diagnosis.code) == FULL_LENGTH and diagnosis.seventh():
        message = f"{missing}: {diagnosis.code[-1]} is not one of the seventh characters of {nearest.display}."
        return message, f"Use the seventh character that the record supports: {_characters(diagnosis)}.", "I.A.5"
    return f"{missing}.", f"Choose one of the codes below {nearest.display}.", "I.A.3"


def _characters(diagnosis: Diagnosis) -> str:
    named = [f"{character} ({meaning})" for character, meaning in diagnosis.seventh()]
    if not named:
        return "see the codes below it"
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return ", ".join(named[:MOST_NAMED]) + more


def _twice(claim: Claim, coded: Coded, number: int, first: int, diagnosis: Diagnosis) -> Finding:
    return about(
        claim, coded, [number], diagnosis, kind=Kind.ICD10CM, outcome=Outcome.REVIEW, section="I.B.12",
        rule="ICD-10-CM, a code once", message=f"{diagnosis.display} is diagnosis {first} and {number}.",
        resolve="Report each code once for an encounter, and point lines to the first one.",
    )  # fmt: skip
