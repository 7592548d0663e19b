"""The code that an operation asks about, in the version or on the day that it names, and the code systems there are."""

from codingahead.catalog.v1 import catalog_pb2
from starlette.requests import Request

from gateway.fhir.code_systems import FhirSystem, day_of_version, system_holding
from gateway.fhir.parameters import Coding
from gateway.pages import HeldCode
from gateway.platform import Gateway, gateway_of
from gateway.spelling import service_day, undotted


async def held_code(request: Request, system: FhirSystem, coding: Coding, date: str) -> HeldCode:
    """Give the code. NotFound for one that the code system has not, and for a version that is not loaded."""
    gateway = gateway_of(request)
    day = service_day(date[:10])
    if coding.version:
        day = day_of_version(system, coding.version, await gateway.catalog.releases()) or day
    code = undotted(coding.code)
    return await gateway.pages.get(system_holding(system, code), code, day)


async def loaded_system(gateway: Gateway, system: FhirSystem) -> catalog_pb2.CodeSystem | None:
    """Give what catalog says of a code system, None where none of its codes are loaded."""
    return next((each for each in await gateway.catalog.systems() if each.system == system.system), None)
