"""Each code set asked by itself: the best of those that have none among the first results, and how many each has."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date

from codingahead.search.v1 import search_pb2 as pb

from gateway.platform import Gateway
from gateway.web.search_query import Asked
from gateway.web.search_results import Group, groups_of
from shared.errors import InvalidInput, Unavailable

OF_OTHERS = 4
"""Results shown of each code set that has none among the first."""


async def by_code_set(gateway: Gateway, asked: Asked, answer: pb.SearchResponse) -> dict[str, pb.SearchResponse]:
    """What single code sets answer: where not all of a search was looked at every one that is loaded, so that none
    hides another or is counted by what was seen of it; otherwise those that have results, but none on the page.
    """
    counted = {value.value for facet in answer.facets if facet.name == "system" for value in facet.values}
    if answer.total_is_least:
        wanted = counted | {each.system for each in await gateway.catalog.systems()}
    else:
        wanted = counted - {result.system for result in answer.results} if asked.page == 1 else set()
    whole, systems = any_whole(answer), sorted(wanted)
    answers = await asyncio.gather(*(_best_of(gateway, asked, system, all_words=whole) for system in systems))
    return dict(zip(systems, answers, strict=True))


def groups_of_others(others: Mapping[str, pb.SearchResponse], shown: Sequence[Group], today: date) -> list[Group]:
    """The best of code sets of which nothing is shown yet."""
    here = {group.system for group in shown}
    return [group for system, other in others.items() if system not in here for group in groups_of(other, today)]


def code_set_counts(answer: pb.SearchResponse, others: Mapping[str, pb.SearchResponse]) -> dict[str, tuple[int, bool]]:
    """How many results each code set has, and whether there may be more."""
    values = [value for facet in answer.facets if facet.name == "system" for value in facet.values]
    seen = {value.value: (value.count, answer.total_is_least) for value in values}
    if not answer.total_is_least:
        return seen
    told = {system: (other.total, other.total_is_least) for system, other in others.items() if other.total}
    counts = seen | told
    return dict(sorted(counts.items(), key=lambda each: (-each[1][0], each[0])))


def any_whole(answer: pb.SearchResponse) -> bool:
    """Whether anything has all of the words."""
    return any(result.reason.kind != pb.REASON_KIND_SOME_WORDS for result in answer.results)


async def _best_of(gateway: Gateway, asked: Asked, system: str, *, all_words: bool) -> pb.SearchResponse:
    request = asked.request(OF_OTHERS)
    request.filter.systems.append(system)
    request.offset, request.facets, request.all_words = 0, False, all_words
    try:
        return await gateway.search.search(request)
    except (InvalidInput, Unavailable):  # a system that search does not have, or search went away meanwhile
        return pb.SearchResponse()
