"""The order of diagnoses: manifestations and external causes are never first, and notes ask for codes before or after.

ICD-10-CM Official Guidelines FY 2026, sections I.A.13, I.B.7, I.C.19.e.5 and I.C.20.a.6.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from services.catalog.edits.claim import Claim
from services.catalog.edits.diagnoses import Coded, Uncoded
from services.catalog.edits.diagnosis import MOST_WORKED_OUT, Diagnosis, Place
from services.catalog.edits.diagnosis_finding import about
from services.catalog.edits.excludes1 import NO_NOTES
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State
from services.catalog.edits.note_patterns import CodePattern, patterns_of
from services.catalog.tabular import titles
from services.catalog.tabular.titles import Toxicity

MOST_SHOWN = 3
_RULE = "ICD-10-CM, order of diagnoses"
_AFTER_NOTHING = frozenset({Toxicity.POISONING, Toxicity.UNDERDOSING})
"""The code first note of T36 to T50 is for adverse effects alone."""


def check(claim: Claim, coded: Coded | Uncoded) -> Iterator[Finding | Asked]:
    """Look at the first-listed diagnosis, then at what notes ask for."""
    if isinstance(coded, Uncoded):
        yield coded.asked(Kind.SEQUENCE)
        return
    yield Asked(Kind.SEQUENCE, State.CHECKED, coded.edition)
    if coded.diagnoses[0].reportable:
        yield from _first(claim, coded, coded.diagnoses[0])
    if coded.with_notes:
        yield from _asked_for(claim, coded)
    else:
        yield Asked(Kind.SEQUENCE, State.NOT_LOADED, because=NO_NOTES)


def is_manifestation(diagnosis: Diagnosis) -> bool:
    """Whether the title says that it is one (I.A.13)."""
    return diagnosis.place is not None and titles.is_manifestation(diagnosis.place.heading)


def _place_of_manifestations(diagnosis: Diagnosis) -> Place | None:
    """The category of manifestations above a code whose own title does not say that it is one, if a note says so."""
    if diagnosis.place is None or not _asked_by(diagnosis.place).before:
        return None
    above = (place for place in diagnosis.places() if place is not diagnosis.place)
    return next((place for place in above if titles.is_manifestation(place.heading)), None)


def _first(claim: Claim, coded: Coded, first: Diagnosis) -> Iterator[Finding]:
    if is_manifestation(first):
        yield about(
            claim, coded, [1], first, kind=Kind.SEQUENCE, outcome=Outcome.DENIED, section="I.A.13", rule=_RULE,
            message=f"{first.display} is a manifestation and is never first-listed.",
            resolve="Put the code of the underlying disease before it.",
        )  # fmt: skip
    elif place := _place_of_manifestations(first):
        yield about(
            claim, coded, [1], first, kind=Kind.SEQUENCE, outcome=Outcome.REVIEW, section="I.A.13", rule=_RULE,
            message=f"{first.display} is first-listed, and stands below {place.display}, {place.heading}, with a code "
            "first note.",
            resolve="Put the code of the underlying disease before it.",
        )  # fmt: skip
    elif first.code[0] in "VWXY":
        yield about(
            claim, coded, [1], first, kind=Kind.SEQUENCE, outcome=Outcome.DENIED, section="I.C.20.a.6", rule=_RULE,
            message=f"{first.display} tells an external cause and is never first-listed.",
            resolve="Put the code of the injury or condition before it.",
        )  # fmt: skip
    elif _toxicity(first) is Toxicity.UNDERDOSING:
        yield about(
            claim, coded, [1], first, kind=Kind.SEQUENCE, outcome=Outcome.DENIED, section="I.C.19.e.5.c", rule=_RULE,
            message=f"{first.display} tells that too little of a drug was taken and is never first-listed.",
            resolve="Put the code of the condition that the drug was for before it.",
        )  # fmt: skip


def _toxicity(diagnosis: Diagnosis) -> Toxicity | None:
    return titles.toxicity(diagnosis.code, diagnosis.place.heading) if diagnosis.place is not None else None


def _asked_for(claim: Claim, coded: Coded) -> Iterator[Finding]:
    """What code first and use additional code notes ask for and the claim has not in that order; each place once."""
    found: dict[_Note, list[int]] = {}
    letters = {diagnosis.code[0] for _, diagnosis in coded.reportable}
    for number, diagnosis in coded.reportable:
        for note, by_letter in _notes_of(diagnosis):
            if letters.isdisjoint(by_letter) or not _answered(by_letter, number, coded.reportable, before=note.before):
                found.setdefault(note, []).append(number)
    for before in (True, False):
        for note, numbers in found.items():
            if note.before is before:
                yield _note(claim, coded, numbers, coded.diagnoses[numbers[0] - 1], note)


class _Note(NamedTuple):
    """A note, the place where it stands, and whether it asks for a code before or after."""

    display: str
    texts: tuple[str, ...]
    before: bool


_ByLetter = Mapping[str, Sequence[CodePattern]]
"""The patterns of codes that may begin with a letter."""


class _Asked(NamedTuple):
    """What a place asks for by its own notes and those of the places above it, with the codes that answer each."""

    before: Sequence[tuple[_Note, _ByLetter]]
    after: Sequence[tuple[_Note, _ByLetter]]


@lru_cache(maxsize=MOST_WORKED_OUT)
def _notes_of(diagnosis: Diagnosis) -> Sequence[tuple[_Note, _ByLetter]]:
    """The notes that apply to a diagnosis, with the codes that answer them."""
    if diagnosis.place is None:
        return ()
    asked = _asked_by(diagnosis.place)
    return asked.after if _toxicity(diagnosis) in _AFTER_NOTHING else (*asked.before, *asked.after)


@lru_cache(maxsize=MOST_WORKED_OUT)
def _asked_by(place: Place) -> _Asked:
    inherited = _asked_by(place.above) if place.above is not None else _Asked((), ())
    if not place.notes:
        return inherited
    return _Asked(
        (*_own(place, "code_first", before=True), *inherited.before),
        (*_own(place, "use_additional", before=False), *inherited.after),
    )


def _own(place: Place, kind: str, *, before: bool) -> Iterator[tuple[_Note, _ByLetter]]:
    """The notes of one kind that stand at a place."""
    for block, texts in place.notes:
        for group in _groups(texts) if block == kind else ():
            answers = _by_letter(pattern for text in group for pattern in patterns_of(text))
            yield _Note(place.display, group, before), answers


def _by_letter(patterns: Iterable[CodePattern]) -> _ByLetter:
    found: dict[str, list[CodePattern]] = {}
    for pattern in patterns:
        for letter in range(ord(pattern.first[0]), ord(pattern.last[0]) + 1):
            found.setdefault(chr(letter), []).append(pattern)
    return found


def _groups(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Notes of one block, each with the list that it heads: one code of a list answers it."""
    groups: list[list[str]] = []
    for text in texts:
        heads = bool(groups) and groups[-1][0].rstrip().endswith(":")
        if heads and not text.startswith("code") and not text.rstrip().endswith(":"):
            groups[-1].append(text)
        else:
            groups.append([text])
    return [tuple(group) for group in groups]


def _answered(by_letter: _ByLetter, number: int, diagnoses: Sequence[tuple[int, Diagnosis]], *, before: bool) -> bool:
    """Whether a code that a note names stands where it asks for it."""
    for other_number, other in diagnoses:
        if other_number < number if before else other_number > number:
            for pattern in by_letter.get(other.code[0], ()):
                if pattern.covers(other.code):
                    return True
    return False


def _note(claim: Claim, coded: Coded, numbers: list[int], diagnosis: Diagnosis, note: _Note) -> Finding:
    message, resolve = _wording(diagnosis, note)
    return about(
        claim, coded, numbers, diagnosis, kind=Kind.SEQUENCE, outcome=Outcome.INFO, section="I.A.13 and I.B.7",
        rule=_RULE, message=message, resolve=resolve,
    )  # fmt: skip


@lru_cache(maxsize=MOST_WORKED_OUT)
def _wording(diagnosis: Diagnosis, note: _Note) -> tuple[str, str]:
    """What is told of a note that is not answered, and what would resolve it."""
    name, place = ("Code first", "before") if note.before else ("Use additional", "after")
    head, *listed = note.texts
    head = f"{name}{head}" if head.startswith(",") else f"{name} {head}"
    shown = " ".join([head, "; ".join(listed[:MOST_SHOWN])]).strip()
    more = f" and {len(listed) - MOST_SHOWN} more" if len(listed) > MOST_SHOWN else ""
    inherited = "" if note.display == diagnosis.display else f", from {note.display}"
    message = f"{diagnosis.display} has a note{inherited}: “{shown}”{more}."
    return message, f"Where the record shows it, put that code {place} {diagnosis.display}."
