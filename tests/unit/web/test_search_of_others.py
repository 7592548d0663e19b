"""Beside the first results stand the best of other code sets, which search is asked for with all of the words."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import cast

import pytest
from codingahead.catalog.v1 import catalog_pb2
from codingahead.search.v1 import search_pb2 as pb

from gateway.platform import Gateway
from gateway.web.search_code_sets import by_code_set, code_set_counts, groups_of_others
from gateway.web.search_facets import facet_links
from gateway.web.search_query import Asked
from gateway.web.search_results import Group

WHOLE, SOME = pb.REASON_KIND_TITLE, pb.REASON_KIND_SOME_WORDS


def result(system: str, code: str, kind: pb.ReasonKind.ValueType) -> pb.Result:
    """A result."""
    return pb.Result(system=system, code=code, title="Invented", reason=pb.Reason(kind=kind), billable=True, valid=True)


class Search:
    """A search in whose HCPCS what has all of the words lies behind much that has some of them."""

    def __init__(self) -> None:
        self.asked: list[pb.SearchRequest] = []

    async def search(self, request: pb.SearchRequest) -> pb.SearchResponse:
        """The first results of a code set."""
        self.asked.append(request)
        ranked = [result("hcpcs", f"A000{at}", SOME) for at in range(request.page_size)]
        ranked += [result("hcpcs", "J0001", WHOLE)]
        fitting = [each for each in ranked if each.reason.kind == WHOLE or not request.all_words]
        return pb.SearchResponse(results=fitting[: request.page_size], releases=[pb.ReleaseRef(title="Set")])


async def systems() -> list[catalog_pb2.CodeSystem]:
    """What is loaded."""
    return [catalog_pb2.CodeSystem(system=system) for system in ("icd10cm", "hcpcs")]


@pytest.mark.parametrize(("first", "codes"), [(WHOLE, ["J0001"]), (SOME, ["A0000", "A0001", "A0002", "A0003"])])
async def test_a_code_set_is_not_starved_by_what_has_some_of_the_words(
    first: pb.ReasonKind.ValueType, codes: list[str]
) -> None:
    search = Search()
    gateway = cast("Gateway", SimpleNamespace(search=search, catalog=SimpleNamespace(systems=systems)))
    answer = pb.SearchResponse(results=[result("icd10cm", "A00", first)], total_is_least=True)
    others = await by_code_set(gateway, Asked("invented words"), answer)
    groups = groups_of_others(others, [Group("icd10cm")], date(2026, 5, 1))
    assert [hit.code for group in groups for reading in group.readings.values() for hit in reading.hits] == codes
    assert [list(each.filter.systems) for each in search.asked] == [["hcpcs"], ["icd10cm"]]


async def test_where_not_all_was_looked_at_code_sets_are_counted_by_what_each_has_and_facets_say_or_more() -> None:
    facets = [
        pb.Facet(name="system", values=[pb.FacetValue(value="icd10cm", label="", count=119)]),
        pb.Facet(name="billable", values=[pb.FacetValue(value="true", label="", count=26)]),
    ]
    answer = pb.SearchResponse(facets=facets, total=120, total_is_least=True)
    others = {
        "cpt": pb.SearchResponse(total=3),
        "hcpcs": pb.SearchResponse(),
        "icd10cm": pb.SearchResponse(total=120, total_is_least=True),
    }
    counts = code_set_counts(answer, others)
    links = facet_links(Asked("fracture"), facets, date(2026, 5, 1), counts, least=True)
    assert [[(choice.words, choice.counted) for choice in each.choices] for each in links] == [
        [("ICD-10-CM", "120 or more"), ("CPT", "3")],
        [("Only codes that may be reported", "26 or more")],
    ]
    answer.total_is_least = False
    assert code_set_counts(answer, others) == {"icd10cm": (119, False)}
