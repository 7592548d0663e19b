"""CodeSystem as instances, and $validate-code: whether a code is in a code system. Not metered as pages."""

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway.fhir.answers import fhir_json
from gateway.fhir.capabilities import code_system
from gateway.fhir.code_systems import by_uri, code_system_named, version_of
from gateway.fhir.held import loaded_system
from gateway.fhir.negotiation import negotiated
from gateway.fhir.parameters import asked
from gateway.fhir.validating import validated
from gateway.platform import gateway_of
from shared.errors import InvalidInput, NotFound

router = APIRouter(prefix="/fhir", dependencies=[Depends(negotiated)])


@router.api_route("/CodeSystem/$validate-code", methods=["GET", "HEAD", "POST"])
async def validate_code(request: Request) -> Response:
    """Whether a code is in a code system, on a day or in a version."""
    given = await asked(request)
    if "codeSystem" in given:
        raise InvalidInput("FHIR_NOT_SUPPORTED", "codeSystem: only code systems that are held here are validated.")
    url = given.get("url")
    return await validated(request, given, by_uri(url) if url else None)


@router.api_route("/CodeSystem/{system}/$validate-code", methods=["GET", "HEAD", "POST"])
async def validate_code_of(request: Request, system: str) -> Response:
    """The same in the code system of an instance."""
    return await validated(request, await asked(request), code_system_named(system))


@router.api_route("/CodeSystem/{system}", methods=["GET", "HEAD"])
async def read(request: Request, system: str) -> Response:
    """A code system without its codes: its address, its version and how many codes have a page here."""
    named = code_system_named(system)
    here = await loaded_system(gateway_of(request), named)
    if here is None:
        raise NotFound("FHIR_SYSTEM_UNKNOWN", f"No {named.name} codes are loaded here.")
    return fhir_json(code_system(named, version_of(named, here.releases), here.pages))
