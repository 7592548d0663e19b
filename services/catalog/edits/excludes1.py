"""Excludes1 notes, own and inherited and in both directions: two codes that are not reported together.

ICD-10-CM Official Guidelines FY 2026, section I.A.12.a, which allows both where the conditions are unrelated: a person
decides. A note that names no code is shown, and not tested.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from services.catalog.edits.claim import Claim
from services.catalog.edits.diagnoses import Coded, Uncoded
from services.catalog.edits.diagnosis import MOST_WORKED_OUT, Diagnosis, Place
from services.catalog.edits.diagnosis_finding import about
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State
from services.catalog.edits.note_patterns import CodePattern, patterns_of

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
    if len(coded.reportable) > 1:
        noted = [
            (number, one, notes) for number, one in coded.reportable if (notes := _notes_of(one.place)) is not _NONE
        ]
        yield from _tested(claim, coded, noted)
        yield from _untested(claim, coded, noted)


def _tested(claim: Claim, coded: Coded, noted: "Sequence[_Noted]") -> Iterator[Finding]:
    """Pairs of which a note of one names the other, each once."""
    letters: dict[str, list[tuple[int, Diagnosis]]] = {}
    for number, diagnosis in coded.reportable:
        letters.setdefault(diagnosis.code[0], []).append((number, diagnosis))
    told: set[tuple[int, int]] = set()
    for number, diagnosis, (by_letter, _) in noted:
        for letter in [letter for letter in letters if letter in by_letter]:
            patterns = by_letter[letter]
            for other_number, other in letters[letter]:
                note = _naming(patterns, other.code) if other.code != diagnosis.code else None
                pair = (number, other_number) if number < other_number else (other_number, number)
                if note is not None and pair not in told:
                    told.add(pair)
                    yield _together(claim, coded, pair, note, (diagnosis, other))


class _Note(NamedTuple):
    """A note, and the place where it stands."""

    place: Place
    text: str


class _Notes(NamedTuple):
    """The notes that apply to a place, its own ones and those of the places above it."""

    by_letter: Mapping[str, Sequence[tuple[CodePattern, _Note]]]
    """The patterns of codes that may begin with a letter, with their notes, near to far."""
    without_code: Sequence[str]
    """Those that name no code; headings of further notes are none."""


_NONE = _Notes(MappingProxyType({}), ())
_Noted = tuple[int, Diagnosis, _Notes]
"""A diagnosis that notes apply to, with its position and them."""


def _naming(patterns: Sequence[tuple[CodePattern, _Note]], code: str) -> _Note | None:
    """The nearest note that names a code."""
    for pattern, note in patterns:
        if pattern.covers(code):
            return note
    return None


@lru_cache(maxsize=MOST_WORKED_OUT)
def _notes_of(place: Place | None) -> _Notes:
    if place is None:
        return _NONE
    inherited = _notes_of(place.above)
    own = [text for kind, texts in place.notes if kind == "excludes1" for text in texts]
    if not own:
        return inherited
    by_letter: dict[str, list[tuple[CodePattern, _Note]]] = {}
    without_code = []
    for text in own:
        patterns = patterns_of(text)
        for pattern in patterns:
            for letter in range(ord(pattern.first[0]), ord(pattern.last[0]) + 1):
                by_letter.setdefault(chr(letter), []).append((pattern, _Note(place, text)))
        if not patterns and not text.rstrip().endswith(":"):
            without_code.append(text)
    for initial, above in inherited.by_letter.items():
        by_letter.setdefault(initial, []).extend(above)
    return _Notes(by_letter, [*without_code, *inherited.without_code])


def _together(
    claim: Claim, coded: Coded, pair: tuple[int, int], note: _Note, diagnoses: tuple[Diagnosis, Diagnosis]
) -> Finding:
    """The note stands with the first diagnosis, and names the other."""
    place, (diagnosis, other) = note.place, diagnoses
    where = "" if place is diagnosis.place else f" of {place.display}, which {diagnosis.display} inherits,"
    return about(
        claim, coded, pair, other, kind=Kind.EXCLUDES1, outcome=Outcome.REVIEW, section="I.A.12.a", rule=_RULE,
        message=f"{diagnosis.display} and {other.display} are not reported together: the Excludes1 note{where} names "
        f"“{note.text}”.",
        resolve="Report the one that the record supports. Both may stand when the conditions are unrelated to each "
        "other; ask the provider where that is not clear.",
    )  # fmt: skip


def _untested(claim: Claim, coded: Coded, noted: "Sequence[_Noted]") -> Iterator[Finding]:
    """Notes without a code, each once with the diagnoses that it applies to; headings of further notes are none."""
    found: dict[str, list[int]] = {}
    for number, _, (_, without_code) in noted:
        for text in without_code:
            numbers = found.setdefault(text, [])
            numbers += [number] if number not in numbers else []
    for text, numbers in found.items():
        yield about(
            claim, coded, numbers, coded.diagnoses[numbers[0] - 1], kind=Kind.EXCLUDES1, outcome=Outcome.INFO,
            section="I.A.12.a", rule=_RULE, message=f"An Excludes1 note names no code and was not tested: “{text}”.",
            resolve="See that no other diagnosis of the claim is what the note names.",
        )  # fmt: skip
