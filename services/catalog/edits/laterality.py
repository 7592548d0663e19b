"""Diagnoses of an unspecified side where codes for the right and the left side stand beside them.

ICD-10-CM Official Guidelines FY 2026, section I.B.13: such codes should rarely be used.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from services.catalog.edits.claim import Claim
from services.catalog.edits.diagnoses import Coded, Uncoded
from services.catalog.edits.diagnosis import MOST_WORKED_OUT, Diagnosis, written
from services.catalog.edits.diagnosis_finding import about
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State

_SIDE = re.compile(r"\b(right|left|bilateral)\b", re.IGNORECASE)
_SIDE_WORDS = re.compile(r"\b(right|left|bilateral|unspecified|(non-?)?dominant|initial|side)\b|[,\s]+", re.IGNORECASE)


def check(claim: Claim, coded: Coded | Uncoded) -> Iterator[Finding | Asked]:
    """Look for a sided code beside each that says unspecified."""
    if isinstance(coded, Uncoded):
        yield coded.asked(Kind.LATERALITY)
        return
    yield Asked(Kind.LATERALITY, State.CHECKED, coded.edition)
    for number, diagnosis in coded.reportable:
        sided = sided_beside(diagnosis)
        if sided:
            yield about(
                claim, coded, [number], diagnosis, kind=Kind.LATERALITY, outcome=Outcome.REVIEW, section="I.B.13",
                rule="ICD-10-CM, laterality",
                message=f"{diagnosis.display} leaves the side open, and codes for a side stand beside it: "
                f"{', '.join(sided)}.",
                resolve="Code the side that the record shows, or ask the provider.",
            )  # fmt: skip


@lru_cache(maxsize=MOST_WORKED_OUT)
def sided_beside(diagnosis: Diagnosis) -> Sequence[str]:
    """The codes beside it that say the same of a side, where its own title says unspecified of it."""
    own = next((r for r in diagnosis.places() if not r.extension), None)
    if own is None or "unspecified" not in own.heading.lower() or _SIDE.search(own.heading):
        return []
    words = _without_side(own.heading)
    return [
        written(other.code + diagnosis.code[len(own.code) :])
        for other in diagnosis.beside
        if other.code != own.code and _SIDE.search(other.heading) and _without_side(other.heading) == words
    ]


def _without_side(title: str) -> str:
    return " ".join(_SIDE_WORDS.sub(" ", title.lower()).split())
