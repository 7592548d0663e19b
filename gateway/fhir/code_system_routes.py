"""CodeSystem as instances, and $validate-code: whether a code is in a code system. Not metered as pages."""

from typing import Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway.fhir import concepts
from gateway.fhir.answers import fhir_json
from gateway.fhir.capabilities import code_system
from gateway.fhir.code_systems import FhirSystem, by_uri, code_system_named, version_of
from gateway.fhir.held import held_code, loaded_system
from gateway.fhir.negotiation import negotiated
from gateway.fhir.parameters import Coding, Given, asked, flag, parameters, text
from gateway.platform import gateway_of, reader_of
from gateway.web.by_number import NAMES_ONLY
from gateway.web.links import LICENSED_SYSTEMS
from gateway.web.shown import shown_part
from shared.errors import InvalidInput, NotFound

router = APIRouter(prefix="/fhir", dependencies=[Depends(negotiated)])


@router.api_route("/CodeSystem/$validate-code", methods=["GET", "HEAD", "POST"])
async def validate_code(request: Request) -> Response:
    """Whether a code is in a code system, on a day or in a version."""
    given = await asked(request)
    if "codeSystem" in given:
        raise InvalidInput("FHIR_NOT_SUPPORTED", "codeSystem: only code systems that are held here are validated.")
    url = given.get("url")
    return await _validated(request, given, by_uri(url) if url else None)


@router.api_route("/CodeSystem/{system}/$validate-code", methods=["GET", "HEAD", "POST"])
async def validate_code_of(request: Request, system: str) -> Response:
    """The same in the code system of an instance."""
    return await _validated(request, await asked(request), code_system_named(system))


@router.api_route("/CodeSystem/{system}", methods=["GET", "HEAD"])
async def read(request: Request, system: str) -> Response:
    """A code system without its codes: its address, its version and how many codes have a page here."""
    named = code_system_named(system)
    here = await loaded_system(gateway_of(request), named)
    if here is None:
        raise NotFound("FHIR_SYSTEM_UNKNOWN", f"No {named.name} codes are loaded here.")
    return fhir_json(code_system(named, version_of(named, here.releases), here.pages))


async def _validated(request: Request, given: Given, system: FhirSystem | None) -> Response:
    """Right when one of the codings is; otherwise what is wrong with each of them."""
    codings, abstract = given.codings(), given.flag("abstract")
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
    if system is None:
        return _wrong(f"The coding {coding.code} names no code system.")
    if expected is not None and system != expected:
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
