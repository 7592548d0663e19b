"""Beside the first results stand the best of other code sets, which search is asked for with all of the words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from codingahead.catalog.v1 import catalog_pb2
from codingahead.search.v1 import search_pb2 as pb

from gateway.platform import Gateway
from gateway.web.search_page import of_others
from gateway.web.search_query import Asked

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
    shown = [SimpleNamespace(system="icd10cm")]
    groups = await of_others(gateway, Asked("invented words"), answer, shown)  # type: ignore[arg-type]  # only the system
    assert [hit.code for group in groups for reading in group.readings.values() for hit in reading.hits] == codes
    assert [list(each.filter.systems) for each in search.asked] == [["hcpcs"]]
