"""Findings about diagnoses, which name the lines that point to them."""

from collections.abc import Sequence

from services.catalog.edits import sources
from services.catalog.edits.claim import Claim
from services.catalog.edits.diagnoses import Coded
from services.catalog.edits.diagnosis import Diagnosis
from services.catalog.edits.finding import Finding, Kind, Outcome


def about(
    claim: Claim,
    coded: Coded,
    numbers: Sequence[int],
    diagnosis: Diagnosis,
    *,
    kind: Kind,
    outcome: Outcome,
    section: str,
    rule: str,
    message: str,
    resolve: str,
    source: str = "",
) -> Finding:
    """A finding about the diagnoses at some positions; `section` is one of the Guidelines."""
    lines = _pointing(claim, coded, numbers) if claim.pointing else ()
    code, source = diagnosis.display, source or sources.guidelines(section)
    return Finding(kind, outcome, lines, code, rule, source, coded.edition, message, resolve, diagnoses=tuple(numbers))


def _pointing(claim: Claim, coded: Coded, numbers: Sequence[int]) -> tuple[int, ...]:
    """The lines that point to diagnoses, of the days that the edition answers for."""
    wanted = set(numbers)
    return tuple(
        [line.number for line in claim.pointing if line.begins in coded.days and not wanted.isdisjoint(line.diagnoses)]
    )
