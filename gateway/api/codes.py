"""The API of code pages: one code, the codes below one, the code systems."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from codingahead.catalog.v1 import catalog_pb2
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field, create_model

from gateway.api.code_answer import CodeAnswer, DrawnAnswer, answer_of, standing_of
from gateway.api.limits import network_headers, quota_headers, refusal_headers
from gateway.api.paging import NEXT_CURSOR, Cursor
from gateway.api.schema import ApiModel, model_of, plain
from gateway.conditional import Served, asked_of, serve_page
from gateway.meter.decision import Outcome
from gateway.platform import Gateway, gateway_of, reader_of
from gateway.problems import prefetch_refused, problem
from gateway.reading import Reading
from gateway.spelling import name_as_here, service_day, undotted
from gateway.view import Tier
from gateway.web.shown import listed
from shared.errors import InvalidInput

router = APIRouter(prefix="/api/v1", tags=["Code pages"])

System = Annotated[
    str,
    Path(pattern=r"^[A-Za-z0-9]{2,12}$", description="Code system, e.g. icd10cm, hcpcs, cpt.", examples=["icd10cm"]),
]
AnyCode = Annotated[
    str, Path(min_length=1, max_length=20, description="The code, dotted or not, in any case.", examples=["E11.9"])
]
PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}
OVER_QUOTA = {
    Tier.GUEST: "The guest's page is read. Register a free account to get more page views.",
    Tier.FREE: "The page views of this window are used up. Wait until the window ends, or upgrade to a paid plan.",
    Tier.PRO: "The page views are used up.",
    Tier.PARTNER: "The partner's quota of this month is used up. Wait for the next month, or ask for a larger quota.",
}
AS_OF = "Date of service, YYYY-MM-DD: the releases of that day answer. Without it the newest do."
NETWORK_HAD = "This network has had its new guests for today. Sign in, or come back tomorrow."

_Ref: Any = model_of(catalog_pb2.CodeRef.DESCRIPTOR)
_Release: Any = model_of(catalog_pb2.DataRelease.DESCRIPTOR)
_System: Any = model_of(catalog_pb2.CodeSystem.DESCRIPTOR)
_LIST: dict[str, Any] = {
    "codes": (list[_Ref], Field(description="The codes, in order.")),
    "next_cursor": NEXT_CURSOR,
    "parent": (_Ref | None, Field(description="The code above them; null at the roots.")),
    "ancestors": (list[_Ref], Field(description="From the root to the parent's parent.")),
    "releases": (list[_Release], Field(description="The data this draws on.")),
}
_SYSTEMS: dict[str, Any] = {"systems": (list[_System], Field(description="The code systems that hold codes."))}
CodeList: type[ApiModel] = create_model("CodeList", __base__=ApiModel, **_LIST)
SystemList: type[ApiModel] = create_model("SystemList", __base__=ApiModel, **_SYSTEMS)


# HEAD is a route of its own, outside the document: one operation id belongs to one method.
@router.head("/codes", response_model=SystemList, include_in_schema=False)
@router.get("/codes", response_model=SystemList, summary="The code systems that hold codes")
async def list_systems(request: Request) -> dict[str, Any]:
    """List the code systems with the number of their pages, their releases and rights."""
    return {"systems": [plain(system) for system in await gateway_of(request).catalog.systems()]}


@router.head("/codes/{system}", response_model=CodeList, include_in_schema=False)
@router.get("/codes/{system}", response_model=CodeList, summary="The codes below a code, or the roots of a system")
async def list_codes(
    request: Request,
    system: System,
    parent: Annotated[str, Query(max_length=20, description="List the codes directly below this one.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000, description="Codes on a page.")] = 100,
    cursor: Cursor = "",
) -> dict[str, Any]:
    """List codes in order. Not counted as a page."""
    gateway = gateway_of(request)
    try:
        level = listed(await gateway.catalog.children(system.lower(), undotted(parent), limit, cursor))
    except InvalidInput as error:
        name_as_here(error, {"page_token": "cursor", "code": "parent"})
        raise
    if request.method != "HEAD":
        gateway.room.count(reader_of(request), "lookup")
    return {
        "codes": [plain(code) for code in level.codes],
        "next_cursor": level.next_page_token,
        "parent": plain(level.parent) if level.HasField("parent") else None,
        "ancestors": [plain(code) for code in level.ancestors],
        "releases": [plain(release) for release in level.releases],
    }


@router.head("/codes/{system}/{code}", include_in_schema=False)
@router.get("/codes/{system}/{code}", response_model=CodeAnswer, summary="One code")
async def one_code(
    request: Request,
    system: System,
    code: AnyCode,
    date: Annotated[str, Query(max_length=20, description=AS_OF, examples=["2026-03-31"])] = "",
) -> Response:
    """Everything about one code. A page view when it is granted anew; HEAD, prefetch and 304 are never counted."""
    gateway = gateway_of(request)
    held = await gateway.pages.get(system.lower(), undotted(code), service_day(date))

    def draw(reading: Reading) -> DrawnAnswer:
        answer = answer_of(held, reading, gateway.settings.public_url)
        gateway.pages.grow(held, answer.drawn)
        return answer

    served = await serve_page(
        gateway.room,
        reader_of(request),
        held.code,
        method=request.method,
        asked=asked_of(request.scope["headers"]),
        draw=draw,
        teaser=False,
    )
    request.scope["reader"] = served.reading.reader
    return await _response(gateway, served)


async def _response(gateway: Gateway, served: Served[DrawnAnswer]) -> Response:
    now = datetime.now(UTC)
    decision = served.reading.decision
    if served.refused_prefetch:
        return prefetch_refused()
    headers = PRIVATE | quota_headers(decision.quota, now) | {"ETag": served.answer.etag.decode()}
    if served.not_modified:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if decision.outcome is Outcome.NETWORK_CAP:
        policy = await gateway.policies.version(decision.quota.policy_version)
        return _over_quota(served.reading, NETWORK_HAD, network_headers(policy.network_guests_per_day, now))
    if decision.refused:
        return _over_quota(served.reading, OVER_QUOTA[decision.quota.tier], refusal_headers(decision.quota, now))
    return Response(served.answer.body, media_type="application/json", headers=headers)


def _over_quota(reading: Reading, detail: str, headers: dict[str, str]) -> Response:
    """The problem of a used-up quota, with the way to go on."""
    return problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "QUOTA_EXCEEDED",
        detail,
        headers=headers | {"Vary": PRIVATE["Vary"]},
        members={"standing": standing_of(reading)},
    )
