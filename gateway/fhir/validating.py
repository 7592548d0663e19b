"""$validate-code of code systems and of value sets: whether codings are right, and what is wrong with them."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway.fhir import concepts
from gateway.fhir.answers import fhir_json
from gateway.fhir.code_systems import MODIFIERS, FhirSystem, by_uri, fhir_system_of, system_holding
from gateway.fhir.held import held_code
from gateway.fhir.parameters import Coding, Given, flag, parameters, text
from gateway.platform import gateway_of, reader_of
from gateway.spelling import undotted
from gateway.web.by_number import NAMES_ONLY
from gateway.web.links import LICENSED_SYSTEMS
from gateway.web.shown import shown_part
from shared.errors import InvalidInput, NotFound


async def validated(
    request: Request, given: Given, system: FhirSystem | None, codings: Sequence[Coding] | None = None
) -> Response:
    """Right when one of the codings is; otherwise what is wrong with each of them."""
    codings, abstract = given.codings() if codings is None else codings, given.flag("abstract")
    if system is None and len(codings) == 1:
        system = by_uri(codings[0].system)
    if request.method != "HEAD":
        gateway_of(request).room.count(reader_of(request), "lookup")
    answers = [await _of_coding(request, coding, system, given.get("date"), abstract) for coding in codings]
    right = next((answer for answer in answers if _result(answer)), None)
    if right is not None or len(answers) == 1:
        return fhir_json(right or answers[0])
    messages = [part["valueString"] for answer in answers for part in answer["parameter"] if part["name"] == "message"]
    return fhir_json(parameters(flag("result", value=False), text("message", " ".join(messages))))


async def _of_coding(
    request: Request, coding: Coding, expected: FhirSystem | None, date: str, abstract: bool | None
) -> dict[str, Any]:
    try:
        system = by_uri(coding.system) if coding.system else expected
    except NotFound as error:
        return _wrong(error.message)
    if system is MODIFIERS:
        system = fhir_system_of(MODIFIERS.system, undotted(coding.code))
    if system is None:
        return _wrong(f"The coding {coding.code} names no code system.")
    if expected is MODIFIERS:
        if system_holding(system, undotted(coding.code)) != MODIFIERS.system:
            return _wrong(f"{coding.code} is no modifier of {system.name}.")
    elif expected is not None and system != expected:
        return _wrong(f"{coding.code} is named as a code of {system.name}, and {expected.name} was asked for.")
    try:
        held = await held_code(request, system, coding, date)
    except (NotFound, InvalidInput) as error:
        if error.reason not in {"CODE_UNKNOWN", "CODE_MALFORMED"}:
            raise
        return _wrong(error.message)
    shown = shown_part(held.code, NAMES_ONLY) if held.code.system in LICENSED_SYSTEMS else held.code
    return concepts.validated(shown, system, coding.display, abstract=abstract)


def _wrong(message: str) -> dict[str, Any]:
    return parameters(flag("result", value=False), text("message", message))


def _result(answer: dict[str, Any]) -> bool:
    return any(part["name"] == "result" and part["valueBoolean"] for part in answer["parameter"])
