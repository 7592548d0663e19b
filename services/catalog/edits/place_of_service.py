"""Where a practitioner's service was furnished: what is not paid there, and visits that belong to another place.

CMS, Physician Fee Schedule Relative Value Files, Attachment A (PC/TC and NA indicators); Medicare Claims Processing
Manual (Pub. 100-04), ch. 12, 20.4.2 (facilities), 30.6.9 to 30.6.14 (visits), and ch. 26, 10.5 (places of service).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.catalog.edits import sources
from services.catalog.edits.claim import Claim, Line, Setting
from services.catalog.edits.fee_schedule import PAYABLE, PRACTITIONERS_ONLY
from services.catalog.edits.fee_table import FeeRow, FeeTable
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State
from services.catalog.edits.shelf import Answering, Shelf, Silent

NO_PLACE = "The claim does not say the place of service."
FACILITIES = frozenset({"02", "19", "21", "22", "23", "24", "26", "31", "34", "41", "42", "51", "52", "53", "56", "61"})
"""Places that are paid at the facility rate (ch. 12, 20.4.2). 02 is telehealth beyond the patient's home."""
INPATIENT = frozenset({"21", "51", "61"})
HOSPITAL = INPATIENT | {"19", "22", "23"}
_INCIDENT_TO, _THERAPY, _SMEAR = "5", "7", "8"

_Said = tuple[Outcome, str, str, str]
_NOT_KEPT: _Said = (Outcome.INFO, "", "", "")


class _Visits(NamedTuple):
    """Visits that belong to some places."""

    first: str
    last: str
    places: frozenset[str]
    where: str


_VISITS = (
    _Visits(
        "99221", "99239", HOSPITAL | {"34", "52"}, "a hospital, for inpatients and patients under observation (21, 22)"
    ),
    _Visits("99281", "99285", frozenset({"23"}), "an emergency department (23)"),
    _Visits("99304", "99316", frozenset({"31", "32", "54", "56"}), "a nursing facility (31, 32)"),
    _Visits(
        "99341",
        "99350",
        frozenset({"04", "12", "13", "14", "16", "33", "55"}),
        "the patient's home or residence (12, 13)",
    ),
)
_OFFICE_FIRST, _OFFICE_LAST = "99202", "99215"


def check(claim: Claim, shelf: Shelf) -> Iterator[Finding | Asked]:
    """Compare each line with the place of the claim."""
    if claim.setting is not Setting.PRACTITIONER:
        yield Asked(Kind.PLACE_OF_SERVICE, State.NOT_APPLICABLE, because=PRACTITIONERS_ONLY)
        return
    if not claim.place_of_service:
        yield Asked(Kind.PLACE_OF_SERVICE, State.NOT_CHECKED, because=NO_PLACE)
        return
    for day in claim.first_days():
        answering = shelf.fees(day)
        if isinstance(answering, Silent):
            yield answering.asked(Kind.PLACE_OF_SERVICE)
            continue
        yield Asked(Kind.PLACE_OF_SERVICE, State.CHECKED, answering.edition)
        yield from _of_day(claim.lines_from(day), claim.place_of_service, answering)


def _of_day(lines: Sequence[Line], place: str, answering: Answering[FeeTable]) -> Iterator[Finding]:
    known = answering.table.kept(place)
    for line in lines:
        said: _Said | None = known.get(line.code, _NOT_KEPT) if not line.modifiers else _NOT_KEPT
        if said is _NOT_KEPT:
            row = answering.table.of(line.code, line.modifiers)
            said = _said_of(line.code, row, "TC" in line.modifiers, "26" in line.modifiers, place)
            if row is not None and not line.modifiers:
                known[line.code] = said
        if said is not None:
            yield _finding(line, place, said, answering.edition)


def _finding(line: Line, place: str, said: _Said, edition: str) -> Finding:
    outcome, why, resolve, source = said
    code, number, rule = line.code, line.number, f"Place of service {place}"
    message = f"{code} on line {number} at place of service {place}: {why}."
    return Finding(Kind.PLACE_OF_SERVICE, outcome, (number,), code, rule, source, edition, message, resolve)


def _said_of(code: str, row: FeeRow | None, technical: bool, professional: bool, place: str) -> _Said | None:
    said = _unpaid(row, technical, professional, place) if row is not None and row.status in PAYABLE else None
    return said or _misplaced_visit(code, place) or (_seldom(row, place) if row is not None else None)


def _unpaid(row: FeeRow, technical: bool, professional: bool, place: str) -> _Said | None:
    """What the schedule does not pay to a practitioner at the place, for the hospital is paid for it."""
    attachment = sources.FEE_SCHEDULE
    hospital_pays = "The hospital bills it; take the line from the practitioner's claim, or correct the place."
    if row.pc_tc == _INCIDENT_TO and place in HOSPITAL:
        why = "a service incident to a physician's is not paid for hospital patients (PC/TC indicator 5)"
        return Outcome.DENIED, why, hospital_pays, attachment
    if row.pc_tc == _SMEAR and place != "21":
        why = "the interpretation is paid for hospital inpatients alone (PC/TC indicator 8)"
        return Outcome.DENIED, why, "Do not bill it for other patients, or correct the place.", attachment
    if row.pc_tc == _THERAPY and place in HOSPITAL:
        why = "a therapist in independent practice is not paid for hospital patients (PC/TC indicator 7)"
        return Outcome.REVIEW, why, hospital_pays, attachment
    technical_alone = row.pc_tc == "3" or (row.pc_tc == "1" and technical)
    whole = row.pc_tc == "4" or (row.pc_tc == "1" and not professional)
    if place in HOSPITAL and technical_alone:
        why = "the technical component for hospital patients is the hospital's, and not paid to a practitioner"
        return Outcome.DENIED, why, hospital_pays, sources.TECHNICAL_COMPONENT
    if place in HOSPITAL and whole:
        alone = "with modifier 26" if row.pc_tc == "1" else "by the code that stands for it"
        why = "it includes the technical component, which for hospital patients is not paid to a practitioner"
        resolve = f"Bill the professional component alone, {alone}."
        return Outcome.DENIED, why, resolve, sources.TECHNICAL_COMPONENT
    return None


def _misplaced_visit(code: str, place: str) -> _Said | None:
    """Visits that are told by their place: those of a hospital, an emergency department and so on."""
    for visits in _VISITS:
        if visits.first <= code <= visits.last and place not in visits.places:
            why = f"this visit belongs to {visits.where}"
            return Outcome.REVIEW, why, "Correct the place, or bill the visit that belongs to it.", sources.VISITS
    if _OFFICE_FIRST <= code <= _OFFICE_LAST and place in INPATIENT:
        why = "this visit is for outpatients, and the place is for inpatients"
        return Outcome.REVIEW, why, "Correct the place, or bill the visit to an inpatient.", sources.VISITS
    return None


def _seldom(row: FeeRow, place: str) -> _Said | None:
    """Services that are rarely or never furnished in a facility, or outside of one (NA indicators)."""
    facility = place in FACILITIES
    if not (row.facility_na if facility else row.non_facility_na) or row.status not in PAYABLE:
        return None
    why = f"it is rarely or never furnished {'in' if facility else 'outside'} a facility (NA indicator)"
    return Outcome.REVIEW, why, "See that the place is the one where the service was furnished.", sources.FEE_SCHEDULE
