"""Search by the API: guests find codes by number and words, in one list, and nothing of it costs a page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from tests.integration.gateway.rooms import Rooms, running_rooms


@pytest.fixture
async def rooms(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[Rooms]:
    """Every service, running, over the small Tabular List."""
    async with running_rooms(new_database, events_url, search=True) as rooms:
        yield rooms


async def test_a_guest_finds_codes_by_number_and_words_and_pays_nothing(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        before = (await client.get("/api/v1/meter")).json()
        answer = await client.get(
            "/api/v1/search", params={"q": "invented head wound", "system": "icd10cm", "facets": "true"}
        )
        first = answer.json()["results"][0]
        assert {"system", "code", "title", "matched", "reason"} <= set(first)
        assert (first["system"], first["title"]) == ("icd10cm", "Invented head wound")
        assert answer.json()["facets"][0]["values"][0]["value"] == "icd10cm"
        typed = (await client.get("/api/v1/suggest", params={"q": "S0"})).json()
        assert typed["results"][0]["code"] == "S06"
        assert (await client.get("/api/v1/meter")).json() == before


async def test_a_wrong_call_is_a_problem_that_names_its_parameter(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        wrong = await client.get("/api/v1/search", params={"q": "head", "system": "icd11"})
        assert (wrong.status_code, wrong.json()["reason"]) == (400, "SYSTEM_UNKNOWN")
        await rooms.stop("search")
        away = await client.get("/api/v1/search", params={"q": "head"})
        assert (away.status_code, away.headers["content-type"]) == (503, "application/problem+json")
