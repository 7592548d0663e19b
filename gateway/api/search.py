"""The API of search: codes by number, word, abbreviation, lay term and typo, in one ranked list over all code sets."""

from typing import Annotated, Any

from codingahead.search.v1 import search_pb2 as pb
from fastapi import APIRouter, Query, Request
from pydantic import Field, create_model

from gateway.api.schema import ApiModel, model_of, plain
from gateway.platform import gateway_of, reader_of
from gateway.search import FARTHEST
from gateway.spelling import name_as_here, service_day
from shared.dates import date_message
from shared.errors import InvalidInput

router = APIRouter(prefix="/api/v1", tags=["Search"])

_Span: Any = model_of(pb.Span.DESCRIPTOR)
_Reason: Any = model_of(pb.Reason.DESCRIPTOR)
_Result: Any = model_of(pb.Result.DESCRIPTOR)
_Release: Any = model_of(pb.ReleaseRef.DESCRIPTOR)
_Other: Any = model_of(pb.DidYouMean.DESCRIPTOR)
_Facet: Any = model_of(pb.Facet.DESCRIPTOR)
_TRIED = (
    "What was tried when not every word fits or nothing does, and what of the query was taken as more than its words: a"
    " code set that it names, what it leaves out, a phrase."
)
_COMMON: dict[str, Any] = {
    "results": (list[_Result], Field(description="One ranked list over all code sets, best first.")),
    "releases": (list[_Release], Field(description="The releases that results name by their place here.")),
    "did_you_mean": (list[_Other], Field(description="Other queries that may have been meant.")),
    "limited": (str, Field(description="A sentence when a part could not be asked; empty otherwise.")),
}
_FULL: dict[str, Any] = _COMMON | {
    "total": (int, Field(description="How many results there are, of those that were looked at.")),
    "total_is_least": (bool, Field(description="Whether there may be more than `total`.")),
    "facets": (list[_Facet], Field(description="How results divide, when asked for.")),
    "near": (list[_Result], Field(description="The nearest things that do exist, when there is no result.")),
    "tried": (list[str], Field(description=_TRIED)),
}
SearchAnswer: type[ApiModel] = create_model("SearchAnswer", __base__=ApiModel, **_FULL)
SuggestAnswer: type[ApiModel] = create_model("SuggestAnswer", __base__=ApiModel, **_COMMON)
NAMES = {"query": "q", "page_size": "limit", "active_on": "date"}

Words = Annotated[
    str,
    Query(
        alias="q", max_length=200, description="A code, a beginning or range of codes, or words.", examples=["E11.9"]
    ),
]
Systems = Annotated[
    list[str],
    Query(max_length=9, description="Only codes of these code systems, e.g. icd10cm.", examples=[["icd10cm"]]),
]
Billable = Annotated[bool, Query(description="Only codes that may be reported themselves.")]
Section = Annotated[str, Query(max_length=80, description="A chapter or section, as a facet names it.")]
Day = Annotated[str, Query(max_length=20, description="Only codes that are valid on this day, YYYY-MM-DD.")]


@router.head("/search", response_model=SearchAnswer, include_in_schema=False)
@router.get("/search", response_model=SearchAnswer, summary="Find codes")
async def search(
    request: Request,
    query: Words,
    *,
    system: Systems = [],  # noqa: B006 - FastAPI gives each call its own
    billable: Billable = False,
    section: Section = "",
    date: Day = "",
    limit: Annotated[int, Query(ge=1, le=100, description="Results on a page.")] = 20,
    offset: Annotated[int, Query(ge=0, le=FARTHEST, description="Results to pass over.")] = 0,
    facets: Annotated[bool, Query(description="Whether facets are wanted.")] = False,
) -> dict[str, Any]:
    """Find codes by number, word, abbreviation, lay term or typo, each with what fits and why it is there.

    Deleted codes stand below every valid one, with their last day and what stands for them. Not counted as a page.
    """
    asked = pb.SearchRequest(
        query=query,
        filter=narrowed(system, section, date, billable=billable),
        page_size=limit,
        offset=offset,
        facets=facets,
    )
    try:
        answer = await gateway_of(request).search.search(asked)
    except InvalidInput as error:
        name_as_here(error, NAMES)
        raise
    if request.method != "HEAD":
        gateway_of(request).room.count(reader_of(request), "lookup")
    return {name: value for name, value in plain(answer).items() if name in _FULL}


@router.head("/suggest", response_model=SuggestAnswer, include_in_schema=False)
@router.get("/suggest", response_model=SuggestAnswer, summary="Codes while typing")
async def suggest(
    request: Request,
    query: Words,
    *,
    system: Systems = [],  # noqa: B006 - FastAPI gives each call its own
    billable: Billable = False,
    limit: Annotated[int, Query(ge=1, le=50, description="Results.")] = 10,
) -> dict[str, Any]:
    """The first results for what was typed so far: the last word counts as the beginning of one. Not counted."""
    asked = pb.SuggestRequest(query=query, filter=narrowed(system, "", "", billable=billable), limit=limit)
    try:
        answer = await gateway_of(request).search.suggest(asked)
    except InvalidInput as error:
        name_as_here(error, NAMES)
        raise
    return {name: value for name, value in plain(answer).items() if name in _COMMON}


def narrowed(systems: list[str], section: str, date: str, *, billable: bool) -> pb.Filter:
    """The filter of a call."""
    day = service_day(date)
    return pb.Filter(
        systems=[system.lower() for each in systems for system in each.split(",") if system.strip()],
        billable_only=billable,
        section=section,
        active_on=date_message(day),
    )
