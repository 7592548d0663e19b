"""The route of ValueSet/$expand. It tells no more than a search does, so it is counted and held back as one."""

from codingahead.search.v1 import search_pb2 as pb
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.fhir.answers import fhir_json
from gateway.fhir.code_systems import by_value_set
from gateway.fhir.parameters import asked
from gateway.fhir.value_sets import expanded, refuse_unsupported, request_of
from gateway.platform import gateway_of, reader_of
from gateway.spelling import service_day
from shared.clock import SystemClock

router = APIRouter(prefix="/fhir")
CLOCK = SystemClock()


@router.api_route("/ValueSet/$expand", methods=["GET", "HEAD", "POST"])
async def expand(request: Request) -> Response:
    """The codes of a code system that a text fits, a page at a time. Not metered as pages."""
    given = await asked(request)
    refuse_unsupported(given)
    system = by_value_set(given.get("url", ""))
    gateway, now = gateway_of(request), CLOCK.now()
    search: pb.SearchRequest = request_of(given, system, now.date(), service_day(given.get("date", "")[:10]))
    answer = await gateway.search.search(search)
    if request.method != "HEAD":
        gateway.room.count(reader_of(request), "lookup")
    return fhir_json(expanded(given, system, search, answer, now))
