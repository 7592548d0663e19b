"""The search page: codes by number, word, abbreviation, lay term and typo, grouped by code set. Not metered.

A query that names one code and nothing else leads to its page. While search is away, codes are found by number alone.
"""

from collections.abc import Mapping

from codingahead.search.v1 import search_pb2 as pb
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.api.search import NAMES
from gateway.platform import Gateway, gateway_of, reader_of
from gateway.spelling import name_as_here
from gateway.web.answers import page
from gateway.web.by_number import by_number
from gateway.web.links import code_path
from gateway.web.search_code_sets import any_whole, by_code_set, code_set_counts, groups_of_others
from gateway.web.search_facets import chosen_words, count_words, facet_links
from gateway.web.search_query import FARTHEST_PAGE, LONGEST_QUERY, ON_A_PAGE, PATH, Asked
from gateway.web.search_results import groups_of, hits_of
from shared.clock import SystemClock
from shared.errors import InvalidInput, Unavailable

router = APIRouter()
CLOCK = SystemClock()
NOTHING: Mapping[str, object] = {
    "groups": (),
    "facets": (),
    "chosen": (),
    "near": (),
    "tried": (),
    "others": (),
    "found": (),
    "sentence": "",
    "limited": "",
    "total": "",
    "some_alone": False,
    "at_the_end": False,
    "listed": 0,
    "before": "",
    "after": "",
}


@router.api_route("/lookup", methods=["GET", "HEAD"])
async def look_up(request: Request) -> Response:
    """The former address of the search page."""
    asked_so = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(PATH + asked_so, status_code=308)


@router.api_route(PATH, methods=["GET", "HEAD"])
async def search(request: Request) -> Response:
    """What fits, or the page of the one code that was named."""
    asked = Asked.of(request.query_params)
    if not asked.q:
        return _answer(request, asked, {})
    gateway, reader = gateway_of(request), reader_of(request)
    if len(asked.q) <= LONGEST_QUERY and request.method != "HEAD":
        gateway.room.count(reader, "lookup")
        if reader.person and asked == Asked(asked.q):
            gateway.library.history.note_look_up(reader.person, asked.q)
    try:
        answer = await gateway.search.search(asked.request())
    except InvalidInput as error:
        name_as_here(error, NAMES)
        return _answer(request, asked, {"sentence": error.message}, status=400)
    except Unavailable as error:
        return await _by_number_alone(request, asked, error)
    path = _the_one_code(asked, answer)
    if path:
        return RedirectResponse(path, status_code=302)
    return _answer(request, asked, await _values(gateway, asked, answer))


def _the_one_code(asked: Asked, answer: pb.SearchResponse) -> str:
    """The page of the code that the query names, when nothing else fits; empty otherwise."""
    if answer.total != 1 or asked.narrowed or not answer.results:
        return ""
    [only] = answer.results
    alone = only.reason.kind == pb.REASON_KIND_CODE and only.has_page
    return code_path(only.system, only.code) if alone else ""


async def _values(gateway: Gateway, asked: Asked, answer: pb.SearchResponse) -> dict[str, object]:
    """What the page shows of an answer."""
    today = CLOCK.now().date()
    groups = groups_of(answer, today)
    others = {} if asked.system else await by_code_set(gateway, asked, answer)
    if asked.page == 1:
        groups += groups_of_others(others, groups, today)
    counts = code_set_counts(answer, others)
    for group in groups:
        if group.system in counts:
            group.count = count_words(*counts[group.system])
        if not asked.system and len(groups) > 1:
            group.address = asked.address(system=group.system)
    further = asked.offset + ON_A_PAGE < answer.total and asked.page < FARTHEST_PAGE
    labels = {value.value.lower(): value.label for facet in answer.facets for value in facet.values}
    return {
        "groups": groups,
        "facets": facet_links(asked, answer.facets, today, counts, least=answer.total_is_least),
        "chosen": list(chosen_words(asked, labels.get(asked.section.lower(), ""))),
        "near": hits_of(answer.near),
        "tried": answer.tried,
        "others": [(other.query, other.because, Asked(other.query).address()) for other in answer.did_you_mean],
        "limited": answer.limited,
        "total": _total_words(answer),
        "some_alone": bool(answer.results) and not any_whole(answer),
        "at_the_end": answer.total_is_least and bool(answer.results) and not further,
        "listed": answer.total,
        "before": asked.address(page=asked.page - 1) if asked.page > 1 else "",
        "after": asked.address(page=asked.page + 1) if further else "",
    }


def _total_words(answer: pb.SearchResponse) -> str:
    if answer.total == 1:
        return "1 result"
    return f"{answer.total:,} or more results" if answer.total_is_least else f"{answer.total:,} results"


async def _by_number_alone(request: Request, asked: Asked, error: Unavailable) -> Response:
    found = await by_number(gateway_of(request), asked.q)
    if len(found) == 1:
        return RedirectResponse(code_path(found[0].system, found[0].display_code), status_code=302)
    return _answer(request, asked, {"found": found, "limited": error.message}, status=200 if found else 503)


def _answer(request: Request, asked: Asked, values: Mapping[str, object], *, status: int = 200) -> Response:
    title = f"{asked.q[:60]}: search" if asked.q else "Search codes"
    fixed = {"title": f"{title} | Coding Ahead", "here": "search", "own_search": True, "noindex": bool(asked.q)}
    shown = {"asked": asked, "typed": asked.q[: LONGEST_QUERY * 2], "plain": Asked(asked.q).address()}
    all_values = {**NOTHING, **values, **shown, **fixed}
    return page(request, "pages/search.html", all_values, status=status, canonical=PATH)
