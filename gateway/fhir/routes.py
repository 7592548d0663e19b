"""The FHIR R4 endpoint: what it can do, $lookup and $translate by GET and by POST. Both are readings of a page."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from codingahead.catalog.v1 import catalog_pb2
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.codes import OVER_QUOTA, PRIVATE
from gateway.api.limits import quota_headers, refusal_headers
from gateway.conditional import asked_of, serve_page
from gateway.fhir import capabilities, concepts
from gateway.fhir.answers import fhir_json
from gateway.fhir.code_systems import SYSTEMS, by_uri, by_value_set, versions_of
from gateway.fhir.held import held_code
from gateway.fhir.negotiation import negotiated
from gateway.fhir.outcomes import outcome
from gateway.fhir.parameters import MEDIA_TYPE, Given, asked
from gateway.platform import gateway_of, reader_of
from gateway.reading import Reading
from gateway.view import PageView, Visibility
from gateway.web.shown import section_view, shown_part
from shared.clock import SystemClock
from shared.errors import Denied, InvalidInput

router = APIRouter(prefix="/fhir", dependencies=[Depends(negotiated)])
CLOCK = SystemClock()
_NO_MAPS = ("url", "conceptMap", "conceptMapVersion", "dependency")


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    etag: bytes


@router.api_route("/metadata", methods=["GET", "HEAD"])
async def metadata(request: Request) -> Response:
    """What this endpoint can do. Open, and not metered."""
    gateway, mode = gateway_of(request), request.query_params.get("mode", "full")
    present = {system.system for system in await gateway.catalog.systems()}
    loaded = [system for system in SYSTEMS if system.system in present]
    url = gateway.settings.public_url
    if mode == "terminology":
        releases = await gateway.catalog.releases()
        versions = {system.system: versions_of(system, releases) for system in loaded}
        return fhir_json(capabilities.terminology_capabilities(url, loaded, versions))
    if mode not in {"full", "normative"}:
        raise InvalidInput("FHIR_PARAMETERS_INVALID", "mode: full, normative or terminology is expected.")
    return fhir_json(capabilities.capability_statement(url, loaded))


@router.api_route("/CodeSystem/$lookup", methods=["GET", "HEAD", "POST"])
async def look_up(request: Request) -> Response:
    """Everything that FHIR has a place for of one code, or the properties asked for. A reading of its page."""
    given = await asked(request)
    coding = given.codings()[0]
    system = by_uri(coding.system)
    held = await held_code(request, system, coding, given.get("date"))
    wanted = frozenset(given.all("property"))

    def draw(view: PageView) -> dict[str, Any]:
        return concepts.looked_up(shown_part(held.code, view), system, wanted)

    return await _read(request, held.code, draw)


@router.api_route("/ConceptMap/$translate", methods=["GET", "HEAD", "POST"])
async def translate(request: Request) -> Response:
    """The equivalents of a code in other code systems, and its successors. A reading of its page."""
    given = await asked(request)
    _refuse_maps(given)
    coding = given.codings()[0]
    system = by_uri(coding.system)
    wanted = given.get("targetsystem")
    target = by_uri(wanted) if wanted else by_value_set(given.get("target")) if given.get("target") else None
    held = await held_code(request, system, coding, given.get("date"))

    def draw(view: PageView) -> dict[str, Any]:
        if section_view(view, "crosswalks").visibility is not Visibility.FULL:
            return {}
        return concepts.translated(shown_part(held.code, view), target)

    return await _read(request, held.code, draw)


def _refuse_maps(given: Given) -> None:
    for name in _NO_MAPS:
        if name in given:
            raise InvalidInput(
                "FHIR_NOT_SUPPORTED", f"{name}: maps are not chosen here; name targetsystem for one direction."
            )
    if given.flag("reverse"):
        raise InvalidInput("FHIR_NOT_SUPPORTED", "reverse: ask with the code of the other code system instead.")


async def _read(request: Request, code: catalog_pb2.Code, draw: Callable[[PageView], dict[str, Any]]) -> Response:
    """Answer a reading: decided, counted and refused as the page of the code is."""

    def drawn(reading: Reading) -> _Answer:
        body = json.dumps(draw(reading.view), ensure_ascii=False).encode()
        return _Answer(body, b'"' + sha256(body).hexdigest()[:24].encode() + b'"')

    method = "HEAD" if request.method == "HEAD" else "GET"
    headers = request.scope["headers"]
    served = await serve_page(
        gateway_of(request).room,
        reader_of(request),
        code,
        method=method,
        asked=asked_of(headers),
        draw=drawn,
        teaser=False,
    )
    request.scope["reader"] = served.reading.reader
    decision, now = served.reading.decision, CLOCK.now()
    if served.refused_prefetch:
        return outcome(
            HTTPStatus.SERVICE_UNAVAILABLE, "PREFETCH_REFUSED", "A code that is not granted is not prefetched."
        )
    if decision.refused:
        sentence = OVER_QUOTA[decision.quota.tier]
        limits = refusal_headers(decision.quota, now)
        return outcome(HTTPStatus.TOO_MANY_REQUESTS, "QUOTA_EXCEEDED", sentence, headers=limits)
    answer_headers = PRIVATE | quota_headers(decision.quota, now) | {"ETag": served.answer.etag.decode()}
    if served.not_modified:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=answer_headers)
    if served.answer.body == b"{}":
        raise Denied("SECTION_LOCKED", "Crosswalks are not open to this reader.")
    return Response(served.answer.body, media_type=MEDIA_TYPE, headers=answer_headers)
