"""Reads the claims of a call piece by piece, so that ten thousand of them hold up nobody else.

What is wrong is named with its claim, line and field, up to a bound, and then nothing is checked.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from codingahead.catalog.v1 import edits_pb2 as pb
from pydantic import ValidationError
from pydantic_core import from_json

from gateway.api.claim_models import Claim, ClaimLine, PastLine
from gateway.api.claim_wording import words_of
from gateway.errors import MOST_DEFECTS
from shared.dates import date_message
from shared.errors import InvalidInput

GUESTS_CLAIMS = 100
MOST_CLAIMS = 10_000
LINES_A_CLAIM = 30
"""A call takes this many lines for each claim that it may have, spread over its claims as they come."""
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
MOST_DAYS = 366
LONGEST_ID_SHOWN = 40
_PIECE = 50
_SETTINGS = {
    "practitioner": pb.CLAIM_SETTING_PRACTITIONER,
    "outpatient": pb.CLAIM_SETTING_OUTPATIENT,
    "dme": pb.CLAIM_SETTING_DME,
}
_SEXES = {None: pb.SEX_UNSPECIFIED, "female": pb.SEX_FEMALE, "male": pb.SEX_MALE}
Place = tuple[str | int, ...]
Defect = Mapping[str, str]
"""Where, as a path in the body, and what, in a sentence that names the place."""


class BodyInvalid(Exception):
    """The body cannot be checked; each defect says where and what."""

    def __init__(self, defects: Sequence[Defect]) -> None:
        """Take the defects."""
        super().__init__()
        self.defects = list(defects)


async def claims_of(body: bytes, most: int) -> list[tuple[Claim, pb.Claim]]:
    """The claims of a body, as sent and as messages; BodyInvalid, or InvalidInput when there are more than `most`."""
    given = _list_of(body)
    if len(given) > most:
        raise InvalidInput("CLAIMS_TOO_MANY", _too_many(f"{len(given)} claims", most))
    claims: list[tuple[Claim, pb.Claim]] = []
    defects: list[Defect] = []
    lines = 0
    for number, value in enumerate(given):
        claim, found = claim_of(number, value)
        defects += found
        if claim is not None and not defects:
            lines += len(claim.lines)
            claims.append((claim, message_of(claim)))
        if len(defects) >= MOST_DEFECTS:
            break
        if number % _PIECE == _PIECE - 1:
            await asyncio.sleep(0)
    if defects:
        raise BodyInvalid(defects[:MOST_DEFECTS])
    if lines > most * LINES_A_CLAIM:
        raise InvalidInput("CLAIMS_TOO_MANY", _too_many(f"{lines} lines", most))
    return claims


def _too_many(what: str, most: int) -> str:
    further = "" if most == MOST_CLAIMS else f" Sign in, or use an API key, for up to {MOST_CLAIMS} claims."
    return (
        f"claims: {what} are more than one call takes; {most} claims with {most * LINES_A_CLAIM} lines together are "
        f"the most.{further}"
    )


def _list_of(body: bytes) -> list[Any]:
    try:
        given = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise BodyInvalid([{"where": "body", "what": f"body: this is no JSON: {error}"}]) from None
    claims = given.get("claims") if isinstance(given, dict) else None
    if not isinstance(claims, list) or not claims or set(given) != {"claims"}:
        what = 'body: an object with the one member "claims" is expected, a list of one claim or more'
        raise BodyInvalid([{"where": "claims", "what": what}])
    return claims


def claim_of(number: int, value: Any) -> tuple[Claim | None, list[Defect]]:
    """One claim of a call, or what is wrong with it; `number` is its position from 0."""
    try:
        claim = Claim.model_validate(value)
    except ValidationError as error:
        found: Iterator[tuple[Place, str]] = (
            (_place_of(defect["loc"]), words_of(defect)) for defect in error.errors(include_url=False)
        )
    else:
        found = _crossed(claim)
    identity = value.get("id") if isinstance(value, dict) else None
    defects = [_defect(number, identity, place, what) for place, what in dict.fromkeys(found)]
    return (None, defects) if defects else (claim, [])


def _place_of(place: Place) -> Place:
    """The place without the alternatives of a type that pydantic tries one after the other."""
    return place[: place.index("id") + 1] if "id" in place else place


def _defect(number: int, identity: object, place: Place, what: str) -> Defect:
    words = f"claim {number + 1}"
    if isinstance(identity, str | int) and identity != "":
        words += f' ("{str(identity)[:LONGEST_ID_SHOWN]}")'
    parts = list(place)
    if len(parts) > 1 and parts[0] in ("lines", "history") and isinstance(parts[1], int):
        words += f", {'line' if parts[0] == 'lines' else 'history line'} {parts[1] + 1}"
        del parts[:2]
    field = ".".join(map(str, parts))
    words += f", {field}" if field else ""
    return {"where": ".".join(map(str, ("claims", number, *place))), "what": f"{words}: {what}"}


def _crossed(claim: Claim) -> Iterator[tuple[Place, str]]:
    """What is wrong between fields, or with days."""
    day = claim.date or today()
    yield from _day(("date",), day)
    born = claim.patient.birth_date if claim.patient else None
    if born is not None and born > day:
        yield ("patient", "birth_date"), f"{born} lies after the day of service, {day}"
    for number, line in enumerate(claim.lines):
        yield from _crossed_line(("lines", number), line, day, len(claim.diagnoses))
    for number, past in enumerate(claim.history):
        yield from _day(("history", number, "date"), past.date)


def _crossed_line(place: Place, line: ClaimLine, claim_day: date, diagnoses: int) -> Iterator[tuple[Place, str]]:
    first = line.date or claim_day
    yield from _day((*place, "date"), first)
    if line.date_to is not None and line.date_to < first:
        yield (*place, "date_to"), f"{line.date_to} lies before the first day, {first}"
    elif line.date_to is not None and (line.date_to - first).days >= MOST_DAYS:
        yield (*place, "date_to"), f"a line covers up to {MOST_DAYS} days"
    for pointer in line.diagnoses:
        if pointer > diagnoses:
            has = f"the claim has diagnoses 1 to {diagnoses}" if diagnoses else "the claim has none"
            yield (*place, "diagnoses"), f"{pointer} points to no diagnosis; {has}"


def _day(place: Place, day: date) -> Iterator[tuple[Place, str]]:
    if not FIRST_DAY <= day <= LAST_DAY:
        yield place, f"{day} is not a day from {FIRST_DAY} to {LAST_DAY}"


def today() -> date:
    """The day of service of a claim that names none."""
    return datetime.now(UTC).date()


def message_of(claim: Claim) -> pb.Claim:
    """A claim as a message."""
    patient = claim.patient
    return pb.Claim(
        id="" if claim.id is None else str(claim.id),
        setting=_SETTINGS[claim.setting],
        date=date_message(claim.date),
        diagnoses=claim.diagnoses,
        lines=[_line(line) for line in claim.lines],
        patient=pb.Patient(sex=_SEXES[patient.sex], birth_date=date_message(patient.birth_date)) if patient else None,
        place_of_service=claim.place_of_service or "",
        rendering_provider=claim.rendering_provider or "",
        payer=claim.payer or "",
        history=[_past(past) for past in claim.history],
    )


def _line(line: ClaimLine) -> pb.ClaimLine:
    return pb.ClaimLine(
        code=line.code,
        units=line.units,
        modifiers=line.modifiers,
        diagnoses=line.diagnoses,
        date=date_message(line.date),
        date_to=date_message(line.date_to),
    )


def _past(past: PastLine) -> pb.PastLine:
    return pb.PastLine(
        code=past.code,
        date=date_message(past.date),
        units=past.units,
        modifiers=past.modifiers,
        rendering_provider=past.rendering_provider or "",
    )
