"""The FHIR R4 endpoint: terminology operations by GET and by POST. $lookup and $translate are readings of a page."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from codingahead.catalog.v1 import catalog_pb2
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.codes import OVER_QUOTA, PRIVATE
from gateway.api.limits import quota_headers, refusal_headers
from gateway.conditional import asked_of, serve_page
from gateway.fhir import concepts
from gateway.fhir.answers import fhir_json
from gateway.fhir.capabilities import capability_statement
from gateway.fhir.code_systems import SYSTEMS, FhirSystem, by_uri, day_of_version
from gateway.fhir.outcomes import outcome
from gateway.fhir.parameters import MEDIA_TYPE, asked, flag, parameters, text
from gateway.pages import HeldCode
from gateway.platform import gateway_of, reader_of
from gateway.reading import Reading
from gateway.spelling import service_day, undotted
from gateway.view import PageView, Visibility
from gateway.web.by_number import NAMES_ONLY
from gateway.web.shown import section_view, shown_part
from shared.clock import SystemClock
from shared.errors import Denied, InvalidInput, NotFound

router = APIRouter(prefix="/fhir")
CLOCK = SystemClock()
LONGEST_CODE = 20


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    etag: bytes


@router.api_route("/metadata", methods=["GET", "HEAD"])
async def metadata(request: Request) -> Response:
    """What this endpoint can do. Open, and not metered."""
    gateway = gateway_of(request)
    present = {system.system for system in await gateway.catalog.systems()}
    loaded = [system for system in SYSTEMS if system.system in present]
    return fhir_json(capability_statement(gateway.settings.public_url, loaded))


@router.api_route("/CodeSystem/$lookup", methods=["GET", "HEAD", "POST"])
async def look_up(request: Request) -> Response:
    """Everything that FHIR has a place for of one code. A reading of its page."""
    given = await asked(request)
    system = by_uri(given.get("system", ""))
    held = await _held(request, system, given, "code")

    def draw(view: PageView) -> dict[str, Any]:
        return concepts.looked_up(shown_part(held.code, view), system)

    return await _read(request, held.code, draw)


@router.api_route("/CodeSystem/$validate-code", methods=["GET", "HEAD", "POST"])
async def validate_code(request: Request) -> Response:
    """Whether a code is in a code system, on a day or in a version. Not metered: it tells no more than a look-up."""
    given = await asked(request)
    system = by_uri(given.get("url") or given.get("system", ""))
    gateway_of(request).room.count(reader_of(request), "lookup")
    try:
        held = await _held(request, system, given, "code")
    except NotFound as error:
        if error.reason == "FHIR_VERSION_UNKNOWN":
            raise
        return fhir_json(parameters(flag("result", value=False), text("message", error.message)))
    shown = shown_part(held.code, NAMES_ONLY)
    if held.code.system not in {"cpt", "cdt"}:
        shown.official.CopyFrom(held.code.official)
    shown.releases.extend(held.code.releases[len(shown.releases) :])
    return fhir_json(concepts.validated(shown, system, given.get("display", "")))


@router.api_route("/ConceptMap/$translate", methods=["GET", "HEAD", "POST"])
async def translate(request: Request) -> Response:
    """The equivalents of a code in other code systems, and its successors. A reading of its page."""
    given = await asked(request)
    system = by_uri(given.get("system", ""))
    target = by_uri(given["targetsystem"]) if given.get("targetsystem") else None
    held = await _held(request, system, given, "code")

    def draw(view: PageView) -> dict[str, Any]:
        if section_view(view, "crosswalks").visibility is not Visibility.FULL:
            return {}
        return concepts.translated(shown_part(held.code, view), target)

    return await _read(request, held.code, draw)


async def _held(request: Request, system: FhirSystem, given: Mapping[str, str], name: str) -> HeldCode:
    code = given.get(name, "").strip()
    if not 0 < len(code) <= LONGEST_CODE:
        raise InvalidInput("FHIR_PARAMETER_MISSING", f"{name}: name a code of up to {LONGEST_CODE} characters.")
    gateway = gateway_of(request)
    day = service_day(given.get("date", "")[:10])
    if given.get("version"):
        day = day_of_version(system, given["version"], await gateway.catalog.releases()) or day
    return await gateway.pages.get(system.system, undotted(code), day)


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
