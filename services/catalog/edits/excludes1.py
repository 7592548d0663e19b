"""Excludes1 notes, own and inherited and in both directions: two codes that are not reported together.

ICD-10-CM Official Guidelines FY 2026, section I.A.12.a, which allows both where the conditions are unrelated: a person
decides. A note that names no code is shown, and not tested.
"""

from collections.abc import Iterator
from typing import NamedTuple

from services.catalog.edits.claim import Claim
from services.catalog.edits.diagnoses import Coded, Diagnosis, Uncoded
from services.catalog.edits.diagnosis_finding import about
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State
from services.catalog.edits.note_patterns import patterns_of
from services.catalog.records import CodeRecord

NO_NOTES = "The notes of the Tabular List are not loaded here for the day."
_RULE = "ICD-10-CM, Excludes1"


def check(claim: Claim, coded: Coded | Uncoded) -> Iterator[Finding | Asked]:
    """Hold every diagnosis against the notes of every other one."""
    if isinstance(coded, Uncoded):
        yield coded.asked(Kind.EXCLUDES1)
        return
    if not coded.with_notes:
        yield Asked(Kind.EXCLUDES1, State.NOT_LOADED, because=NO_NOTES)
        return
    yield Asked(Kind.EXCLUDES1, State.CHECKED, coded.edition)
    diagnoses = list(coded.numbered())
    told: set[tuple[int, int]] = set()
    for number, diagnosis in diagnoses:
        for place, text in diagnosis.notes("excludes1"):
            for other_number, other in diagnoses:
                pair = (min(number, other_number), max(number, other_number))
                if other.code != diagnosis.code and pair not in told and _names(text, other.code):
                    told.add(pair)
                    yield _together(claim, coded, pair, _Note(diagnosis, place, text), other)
    yield from _untested(claim, coded, diagnoses)


class _Note(NamedTuple):
    """A note that applies to a diagnosis, and the place where it stands."""

    diagnosis: Diagnosis
    place: CodeRecord
    text: str


def _names(text: str, code: str) -> bool:
    return any(pattern.covers(code) for pattern in patterns_of(text))


def _together(claim: Claim, coded: Coded, pair: tuple[int, int], note: _Note, other: Diagnosis) -> Finding:
    diagnosis, place = note.diagnosis, note.place
    where = "" if place is diagnosis.record else f" of {place.display}, which {diagnosis.display} inherits,"
    return about(
        claim, coded, pair, other, kind=Kind.EXCLUDES1, outcome=Outcome.REVIEW, section="I.A.12.a", rule=_RULE,
        message=f"{diagnosis.display} and {other.display} are not reported together: the Excludes1 note{where} names "
        f"“{note.text}”.",
        resolve="Report the one that the record supports. Both may stand when the conditions are unrelated to each "
        "other; ask the provider where that is not clear.",
    )  # fmt: skip


def _untested(claim: Claim, coded: Coded, diagnoses: list[tuple[int, Diagnosis]]) -> Iterator[Finding]:
    """Notes without a code, each once with the diagnoses that it applies to; headings of further notes are none."""
    found: dict[str, list[int]] = {}
    by_number = dict(diagnoses)
    for number, diagnosis in diagnoses:
        for _, text in diagnosis.notes("excludes1"):
            if len(diagnoses) > 1 and not patterns_of(text) and not text.rstrip().endswith(":"):
                numbers = found.setdefault(text, [])
                numbers += [number] if number not in numbers else []
    for text, numbers in found.items():
        yield about(
            claim, coded, numbers, by_number[numbers[0]], kind=Kind.EXCLUDES1, outcome=Outcome.INFO, section="I.A.12.a",
            rule=_RULE, message=f"An Excludes1 note names no code and was not tested: “{text}”.",
            resolve="See that no other diagnosis of the claim is what the note names.",
        )  # fmt: skip
