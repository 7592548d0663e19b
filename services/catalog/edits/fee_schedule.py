"""What the Physician Fee Schedule says of the codes of a practitioner's claim: their status.

CMS, Physician Fee Schedule Relative Value Files, record layout and Attachment A.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.catalog.edits import sources
from services.catalog.edits.claim import Claim, Line, Setting
from services.catalog.edits.fee_table import FeeTable
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State
from services.catalog.edits.shelf import Answering, Shelf, Silent

PRACTITIONERS_ONLY = "The Physician Fee Schedule is for practitioners' claims."
_ELSEWHERE = "not paid under this schedule; it may be under the laboratory, drug or another one"


class _Status(NamedTuple):
    outcome: Outcome
    meaning: str
    resolve: str


_DELETED = _Status(Outcome.DENIED, "deleted", "Bill the code that is valid on the day of service.")
STATUSES = {
    "B": _Status(
        Outcome.DENIED,
        "bundled: its payment is always part of that for other services",
        "Do not bill it, or expect no payment of its own. The patient cannot be billed for it.",
    ),
    "C": _Status(
        Outcome.REVIEW,
        "priced by the contractor, usually case by case",
        "Have the report and what shows the price ready for the contractor.",
    ),
    "D": _DELETED,
    "E": _Status(Outcome.INFO, _ELSEWHERE, "See which schedule pays it, and bill it there."),
    "F": _DELETED,
    "G": _Status(Outcome.DENIED, "not valid for Medicare, which asks for another code", "Bill Medicare's own code."),
    "H": _DELETED,
    "I": _Status(Outcome.DENIED, "not valid for Medicare, which asks for another code", "Bill Medicare's own code."),
    "J": _Status(
        Outcome.INFO,
        "an anesthesia service: paid by base units and time, not by relative values",
        "Report the minutes, and the modifier that says who furnished it.",
    ),
    "M": _Status(Outcome.INFO, "for measurement alone: reported, and not paid", "Nothing to change."),
    "N": _Status(
        Outcome.DENIED,
        "not covered by Medicare",
        "Tell the patient before the service that Medicare does not pay; bill the patient or another payer.",
    ),
    "P": _Status(
        Outcome.DENIED,
        "bundled or excluded: there is no separate payment",
        "Do not bill it to this schedule. Incident to a physician's service it is part of that one's payment.",
    ),
    "R": _Status(
        Outcome.REVIEW,
        "of restricted coverage: special instructions apply",
        "Look at the coverage instructions and have what they ask for in the record.",
    ),
    "X": _Status(Outcome.INFO, _ELSEWHERE, "See which schedule pays it, and bill it there."),
}
"""Statuses that say more than that a code is paid. A is active; T is paid unless something else is (see below)."""
_ONLY_ALONE = _Status(
    Outcome.INFO,
    "paid only when nothing else under the schedule is paid to the same provider on the day",
    "Bill it without another payment of the day, or expect none.",
)
PAYABLE = frozenset("ACRT")
_ACTIVE = "A"
_PAID_BESIDE = ("A", "R")


def check(claim: Claim, shelf: Shelf) -> Iterator[Finding | Asked]:
    """Tell the status of each code that is not simply paid."""
    if claim.setting is not Setting.PRACTITIONER:
        yield Asked(Kind.FEE_SCHEDULE, State.NOT_APPLICABLE, because=PRACTITIONERS_ONLY)
        return
    for day in claim.first_days():
        answering = shelf.fees(day)
        if isinstance(answering, Silent):
            yield answering.asked(Kind.FEE_SCHEDULE)
            continue
        yield Asked(Kind.FEE_SCHEDULE, State.CHECKED, answering.edition)
        yield from _of_day(claim.lines_from(day), answering)


def _of_day(lines: Sequence[Line], answering: Answering[FeeTable]) -> Iterator[Finding]:
    told: dict[tuple[str, str], list[Line]] = {}
    paid = False
    for line, row in zip(lines, answering.table.of_lines(lines), strict=True):
        letter = row.status if row is not None else ""
        paid = paid or letter in _PAID_BESIDE
        if letter != _ACTIVE:
            told.setdefault((line.code, letter), []).append(line)
    for (code, letter), of_code in told.items():
        status = _ONLY_ALONE if letter == "T" and paid else STATUSES.get(letter)
        if not letter:
            yield _finding(_no_row(code), "Physician Fee Schedule", code, of_code, answering.edition)
        elif status is not None:
            yield _finding(status, f"Physician Fee Schedule, status {letter}", code, of_code, answering.edition)


def _no_row(code: str) -> _Status:
    return _Status(Outcome.INFO, "not in the schedule", f"See that {code} is a code, and which schedule pays it.")


def _finding(status: _Status, rule: str, code: str, lines: list[Line], edition: str) -> Finding:
    outcome, meaning, resolve = status
    numbers, message = tuple([line.number for line in lines]), f"{code} is {meaning}."
    return Finding(Kind.FEE_SCHEDULE, outcome, numbers, code, rule, sources.FEE_SCHEDULE, edition, message, resolve)
