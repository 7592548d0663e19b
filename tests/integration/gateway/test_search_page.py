"""The search page as people without JavaScript get it: by code set, with marks and facets, and what nothing fits."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from tests.integration.gateway.rooms import Rooms, running_rooms


@pytest.fixture
async def rooms(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[Rooms]:
    """Every service, running, over invented code sets."""
    async with running_rooms(new_database, events_url, loaded=Rooms.import_code_sets, search=True) as rooms:
        yield rooms


async def test_the_search_page_groups_marks_narrows_and_costs_nothing(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        before = (await guest.get("/api/v1/meter")).json()
        page = (await guest.get("/search", params={"q": "invented"})).text
        groups = re.findall(r'<h2 id="group-(\w+)">', page)
        assert len(groups) > 1
        assert groups == list(dict.fromkeys(groups))
        assert "<mark>Invented</mark>" in page
        assert "ICD-10-CM Tabular List" in page
        assert '<a href="/search?q=invented&amp;system=icd10cm">ICD-10-CM</a>' in page
        narrowed = (await guest.get("/search", params={"q": "invented", "system": "icd10cm", "billable": "1"})).text
        assert re.findall(r'<h2 id="group-(\w+)">', narrowed) == ["icd10cm"]
        assert 'href="/search?q=invented&amp;billable=1"' in narrowed  # without the code set again
        assert "not reported itself" not in narrowed
        assert (await guest.get("/api/v1/meter")).json() == before


async def test_a_section_that_there_is_not_is_named_and_beyond_the_last_page_the_first_one_is_offered(
    rooms: Rooms,
) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        nowhere = (await guest.get("/search", params={"q": "invented", "section": "nope"})).text
        assert '<span class="visually-hidden">Remove: </span>nope' in nowhere
        beyond = (await guest.get("/search", params={"q": "invented", "page": "40"})).text
        assert "There is nothing on page 40" in beyond
        assert '<a href="/search?q=invented">Go to the first page of results</a>' in beyond


async def test_what_was_taken_as_more_than_words_is_said_above_the_results(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        page = (await guest.get("/search", params={"q": '"made up bump"'})).text
        assert 'value="&#34;made up bump&#34;"' in page
        assert page.index("As a phrase: “made up bump”.") < page.index('<h2 id="group-icd10cm">')
        lone = (await guest.get("/search", params={"q": '"made up bump'})).text
        assert 'value="made up bump"' in lone


async def test_one_code_leads_to_its_page_and_the_former_address_leads_here(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        one = await guest.get("/search", params={"q": "s09.0,"})
        assert (one.status_code, one.headers["location"]) == (302, "/codes/icd10cm/S09.0")
        former = await guest.get("/lookup", params={"q": "S09.0"})
        assert (former.status_code, former.headers["location"]) == (308, "/search?q=S09.0")


async def test_nothing_found_says_what_was_tried_and_what_is_near(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        unknown = await guest.get("/search", params={"q": "S0977"})
        assert unknown.status_code == 200
        assert "No result for “S0977”" in unknown.text
        assert "What was tried" in unknown.text
        assert 'href="/codes/icd10cm/S09.0"' in unknown.text
        hostile = await guest.get("/search", params={"q": "<b>zzqq</b>"})
        assert "<b>zzqq" not in hostile.text
        wrong = await guest.get("/search", params={"q": "head", "date": "tomorrow"})
        assert wrong.status_code == 400
        assert "is no date of service" in wrong.text
        assert (await guest.get("/search", params={"q": "x" * 201})).status_code == 400


async def test_while_search_is_away_codes_are_found_by_number_and_the_page_says_so(rooms: Rooms) -> None:
    await rooms.stop("search")
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        assert (await guest.get("/search", params={"q": "S09.0"})).headers["location"] == "/codes/icd10cm/S09.0"
        away = await guest.get("/search", params={"q": "head wound"})
        assert away.status_code == 503
        assert 'role="status"' in away.text
        assert 'value="head wound"' in away.text


async def test_searches_without_a_result_are_shown_to_staff_alone_and_tell_of_nobody(rooms: Rooms) -> None:
    staff = {"Authorization": f"Bearer {rooms.keys.access_token('olga', ('operator',), rooms.url)}"}
    page, api = "/operator/zero-hits", "/api/v1/operator/zero-hits"
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        for asked in ("zebraxyl quagga", "Zebraxyl  quagga", "zebraxyl 555-123-4567", "zebraxyl a@example.org"):
            await guest.get("/search", params={"q": asked})
        assert (await guest.get(api)).status_code == 401
        assert (await guest.get(api, headers=rooms.account("anna"))).status_code == 403
        listed = (await guest.get(api, headers=staff)).json()
        shown = await guest.get(page, headers=staff)
    assert [(row["query"], row["times"]) for row in listed["zero_hits"]] == [("zebraxyl quagga", 2)]
    assert listed["kept_days"] == 90
    assert 'href="/search?q=zebraxyl%20quagga"' in shown.text
    assert re.search(r"The index holds [\d,]+ entries and was built on", shown.text)
    assert "example.org" not in shown.text
