"""ValueSet as instances, $expand, which tells no more than a search and is counted and held back as one, and
$validate-code."""

from dataclasses import replace

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway.fhir.answers import fhir_json
from gateway.fhir.capabilities import value_set
from gateway.fhir.code_systems import FhirSystem, by_value_set, value_set_named
from gateway.fhir.held import loaded_system
from gateway.fhir.negotiation import negotiated
from gateway.fhir.parameters import Given, asked
from gateway.fhir.validating import validated
from gateway.fhir.value_sets import NOT_EXPANDED, expanded, expanded_whole, refuse_unsupported, refuse_whole, request_of
from gateway.platform import gateway_of, reader_of
from gateway.spelling import name_as_here, service_day
from shared.clock import SystemClock
from shared.errors import InvalidInput, NotFound

router = APIRouter(prefix="/fhir", dependencies=[Depends(negotiated)])
CLOCK = SystemClock()
_NOT_VALIDATED = ("valueSet", "context", "valueSetVersion")


@router.api_route("/ValueSet/$expand", methods=["GET", "HEAD", "POST"])
async def expand(request: Request) -> Response:
    """The codes of a value set, a page at a time: those that a text fits, or all of a small one."""
    given = await asked(request)
    return await _expanded(request, given, by_value_set(given.get("url")))


@router.api_route("/ValueSet/{system}/$expand", methods=["GET", "HEAD", "POST"])
async def expand_one(request: Request, system: str) -> Response:
    """The same of an instance."""
    return await _expanded(request, await asked(request), value_set_named(system))


@router.api_route("/ValueSet/$validate-code", methods=["GET", "HEAD", "POST"])
async def validate_code(request: Request) -> Response:
    """Whether a code is in a value set, on a day or in a version of its code system."""
    given = await asked(request)
    return await _validated(request, given, by_value_set(given.get("url")))


@router.api_route("/ValueSet/{system}/$validate-code", methods=["GET", "HEAD", "POST"])
async def validate_code_of(request: Request, system: str) -> Response:
    """The same in the value set of an instance."""
    return await _validated(request, await asked(request), value_set_named(system))


@router.api_route("/ValueSet/{system}", methods=["GET", "HEAD"])
async def read(system: str) -> Response:
    """The value set of all codes of a code system."""
    return fhir_json(value_set(value_set_named(system)))


async def _validated(request: Request, given: Given, system: FhirSystem) -> Response:
    refuse_unsupported(given, _NOT_VALIDATED, "$validate-code")
    version = given.get("systemVersion").strip()
    codings = [replace(coding, version=coding.version or version) for coding in given.codings()]
    return await validated(request, given, system, codings)


async def _expanded(request: Request, given: Given, system: FhirSystem) -> Response:
    refuse_unsupported(given, NOT_EXPANDED, "$expand")
    gateway, now = gateway_of(request), CLOCK.now()
    if given.get("filter").strip():
        search = request_of(given, system, now.date(), service_day(given.get("date")[:10]))
        try:
            answer = await gateway.search.search(search)
        except InvalidInput as error:
            name_as_here(error, {"query": "filter"})
            raise
        resource = expanded(given, system, search, answer, now)
    else:
        loaded = await loaded_system(gateway, system)
        if loaded is None:
            raise NotFound("FHIR_VALUE_SET_UNKNOWN", f"No {system.name} codes are loaded here.")
        refuse_whole(system, loaded.pages)
        codes = [code.ref async for code in gateway.catalog.export(system.system)]
        resource = expanded_whole(given, system, codes, loaded.releases, now)
    if request.method != "HEAD":
        gateway.room.count(reader_of(request), "lookup")
    return fhir_json(resource)
