"""Checks a claim against every rule, and says of each rule what it was asked."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from time import perf_counter
from typing import Protocol

from services.catalog.edits import (
    add_on,
    diagnosis_validity,
    excludes1,
    fee_modifiers,
    fee_schedule,
    global_periods,
    laterality,
    mue,
    payer,
    place_of_service,
    ptp,
    sequence,
    sex_and_age,
)
from services.catalog.edits.claim import Claim
from services.catalog.edits.diagnoses import UNCODED, Coded, DiagnosisBook, Uncoded
from services.catalog.edits.finding import Asked, CheckedClaim, Finding, Outcome
from services.catalog.edits.shelf import Shelf

RULES: tuple[Callable[[Claim, Shelf], Iterator[Finding | Asked]], ...] = (
    ptp.check,
    mue.check,
    add_on.check,
    fee_schedule.check,
    fee_modifiers.check,
    global_periods.check,
    place_of_service.check,
    payer.check,
)
DIAGNOSIS_RULES: tuple[Callable[[Claim, Coded | Uncoded], Iterator[Finding | Asked]], ...] = (
    diagnosis_validity.check,
    excludes1.check,
    sequence.check,
    laterality.check,
    sex_and_age.check_sex,
    sex_and_age.check_age,
)
LONGEST_TURN = 0.005
"""Seconds after which other calls get their turn."""
_PRESSING = (Outcome.DENIED, Outcome.REVIEW, Outcome.BYPASSED, Outcome.INFO)
_BY_LINES = attrgetter("lines")


def check(claim: Claim, shelf: Shelf, coded: Sequence[Coded | Uncoded] = (UNCODED,)) -> CheckedClaim:
    """The findings on a claim, the pressing ones first, and what was asked.

    `coded` has the diagnoses as each edition of ICD-10-CM knows them that answers for a day of its lines.
    """
    said: list[Finding | Asked] = []
    for rule in RULES:
        said += rule(claim, shelf)
    for of_edition in coded:
        for of_diagnoses in DIAGNOSIS_RULES:
            said += of_diagnoses(claim, of_edition)
    return _answer(claim, said)


def _answer(claim: Claim, said: Sequence[Finding | Asked]) -> CheckedClaim:
    findings: dict[Outcome, list[Finding]] = {outcome: [] for outcome in _PRESSING}
    asked: dict[Asked, None] = {}
    for one in said:
        if isinstance(one, Finding):
            findings[one.outcome].append(one)
        else:
            asked[one] = None
    for of_outcome in findings.values():
        of_outcome.sort(key=_BY_LINES)
    return CheckedClaim(claim.id, tuple(chain.from_iterable(findings.values())), tuple(asked))


class Shelves(Protocol):
    """Where the present state of the tables is had."""

    async def shelf(self, claims: Sequence[Claim]) -> Shelf:
        """Give the tables for some claims as they are now; waits for what is not loaded yet."""
        ...


class Checker:
    """Checks the claims of a call, all against one state of the tables."""

    def __init__(self, shelves: Shelves, book: DiagnosisBook) -> None:
        """Take where tables are had, and what gathers diagnoses."""
        self._shelves = shelves
        self._book = book

    async def check(self, claims: Sequence[Claim]) -> list[CheckedClaim]:
        """The answers, one a claim, in order."""
        shelf = await self._shelves.shelf(claims)
        diagnoses = await self._book.of(claims, shelf)
        answers = []
        turn = perf_counter()
        for claim, coded in zip(claims, diagnoses, strict=True):
            answers.append(check(claim, shelf, coded))
            if perf_counter() - turn > LONGEST_TURN:
                await asyncio.sleep(0)
                turn = perf_counter()
        return answers
