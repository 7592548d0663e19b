"""Modifiers that the indicators of the Physician Fee Schedule do not allow with a code, practitioners' claims only.

CMS, Physician Fee Schedule Relative Value Files, Attachment A: PC/TC, multiple procedure, bilateral, assistant,
co-surgeons and team surgery indicators.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.catalog.edits import sources
from services.catalog.edits.claim import Claim, Line, Setting
from services.catalog.edits.fee_schedule import PAYABLE, PRACTITIONERS_ONLY
from services.catalog.edits.fee_table import FeeRow
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State
from services.catalog.edits.shelf import Shelf, Silent

_NO_CONCEPT = "the concept does not apply to it"


@dataclass(frozen=True, slots=True)
class _Rule:
    """What one indicator says of some modifiers."""

    modifiers: frozenset[str]
    field: str
    name: str
    outcomes: Mapping[str, tuple[Outcome, str]]
    """By value of the indicator; what is not named is allowed."""
    resolve: str


def _all(outcome: Outcome, values: Mapping[str, str]) -> dict[str, tuple[Outcome, str]]:
    return {value: (outcome, why) for value, why in values.items()}


_WHOLE = {
    "0": "it is a physician's service without components",
    "2": "it is the professional component alone",
    "3": "it is the technical component alone",
    "4": "it is the global test alone, and codes of its components stand beside it",
    "5": "it is an incident-to service",
    "9": _NO_CONCEPT,
}
_REMOVE = "Remove the modifier, or bill the code that it belongs to."
RULES = (
    _Rule(frozenset({"26"}), "pc_tc", "PC/TC", _all(Outcome.DENIED, _WHOLE), _REMOVE),
    _Rule(
        frozenset({"TC"}),
        "pc_tc",
        "PC/TC",
        _all(
            Outcome.DENIED,
            {**_WHOLE, "6": "a laboratory interpretation has none", "8": "an interpretation of a smear has none"},
        ),
        _REMOVE,
    ),
    _Rule(
        frozenset({"50"}),
        "bilateral",
        "Bilateral surgery",
        _all(
            Outcome.REVIEW,
            {
                "0": "both sides are paid as one",
                "2": "its price is that for both sides already",
                "9": _NO_CONCEPT,
            },
        ),
        "Bill one unit without modifier 50: it brings no further payment here.",
    ),
    _Rule(
        frozenset({"51"}),
        "multiple",
        "Multiple procedures",
        _all(Outcome.REVIEW, {"0": "its payment is not reduced beside other procedures", "9": _NO_CONCEPT}),
        "Remove modifier 51.",
    ),
    _Rule(
        frozenset({"62"}),
        "co_surgeons",
        "Co-surgeons",
        _all(Outcome.DENIED, {"0": "co-surgeons are not permitted", "9": _NO_CONCEPT})
        | _all(Outcome.REVIEW, {"1": "two surgeons are paid only when the record shows why they were needed"}),
        "Send what shows that two surgeons of different specialties were needed, or remove the modifier.",
    ),
    _Rule(
        frozenset({"66"}),
        "team",
        "Team surgery",
        _all(Outcome.DENIED, {"0": "team surgery is not permitted", "9": _NO_CONCEPT})
        | _all(
            Outcome.REVIEW, {"1": "a team is paid only when the record shows the need", "2": "it is priced by report"}
        ),
        "Send the report that shows what each surgeon of the team did, or remove the modifier.",
    ),
    _Rule(
        frozenset({"80", "81", "82", "AS"}),
        "assistant",
        "Assistant at surgery",
        _all(Outcome.DENIED, {"1": "the law restricts payment for assistants", "9": _NO_CONCEPT})
        | _all(Outcome.REVIEW, {"0": "an assistant is paid only when the record shows the medical need"}),
        "Send what shows that an assistant was needed, or do not bill the assistant.",
    ),
)


def check(claim: Claim, shelf: Shelf) -> Iterator[Finding | Asked]:
    """Compare the modifiers of each line with the indicators of its code."""
    if claim.setting is not Setting.PRACTITIONER:
        yield Asked(Kind.MODIFIER, State.NOT_APPLICABLE, because=PRACTITIONERS_ONLY)
        return
    for day in claim.first_days():
        answering = shelf.fees(day)
        if isinstance(answering, Silent):
            yield answering.asked(Kind.MODIFIER)
            continue
        yield Asked(Kind.MODIFIER, State.CHECKED, answering.edition)
        for line in claim.lines_from(day):
            row = answering.table.of(line.code) if line.modifiers else None
            if row is not None and row.status in PAYABLE:
                yield from _of_line(line, row, answering.edition)


def _of_line(line: Line, row: FeeRow, edition: str) -> Iterator[Finding]:
    for rule in RULES:
        value = getattr(row, rule.field)
        for modifier in line.modifiers:
            if modifier in rule.modifiers and value in rule.outcomes:
                outcome, why = rule.outcomes[value]
                yield Finding(
                    kind=Kind.MODIFIER,
                    outcome=outcome,
                    lines=(line.number,),
                    code=line.code,
                    rule=f"Physician Fee Schedule, indicator {rule.name} {value}",
                    source=sources.FEE_SCHEDULE,
                    edition=edition,
                    message=f"{line.code} with modifier {modifier} on line {line.number}: {why}.",
                    resolve=rule.resolve,
                )
