"""The indexes of ICD-10-CM in a reader's browser and over the API, as in the book, and no page view is used up."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from playwright.async_api import async_playwright, expect

from shared.identity import Kind, Principal
from tests.integration.gateway.rooms import Rooms, running_rooms
from tests.unit.catalog.small_index import SMALL_INDEX


async def _loaded(rooms: Rooms) -> None:
    await rooms.import_files("icd10cm-index", SMALL_INDEX)


@pytest.fixture
async def rooms(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[Rooms]:
    """Catalog with small indexes, metering and the gateway, running."""
    async with running_rooms(new_database, events_url, loaded=_loaded) as rooms:
        yield rooms


async def test_a_coder_walks_from_the_index_to_the_code_and_uses_up_no_view(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, follow_redirects=True) as guest:
        start = await guest.get("/index")
        assert 'href="/index/neoplasm"' in start.text
        letter = await guest.get("/index/index", params={"begins": "D"})
        diabetes = re.findall(r'href="(/index/index/\d+)">Diabetes, diabetic<', letter.text)[0]
        main = await guest.get(diabetes)
        assert "(mellitus) (sugar)" in main.text
        deeper = re.findall(r'href="(/index/index/\d+)">type 1<', main.text)[0]
        term = await guest.get(deeper)
        path = re.findall(r'aria-label="Path in the index">(.*?)</nav>', term.text, re.DOTALL)[0]
        assert re.findall(r">([^<>]+)</(?:a|span)>", path) == [
            "Index and Tables",
            "Alphabetic Index",
            "Diabetes, diabetic",
            "type 1",
        ]
        assert "E10.44" in term.text
        usage = await rooms.grants(Principal(Kind.GUEST, guest.cookies["guest"].split(".")[1]))
    assert usage == set()


async def test_a_see_reference_is_a_link_that_leads_to_its_term(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, follow_redirects=True) as guest:
        letter = await guest.get("/index/index", params={"begins": "disease"})
        disease = re.findall(r'href="(/index/index/\d+)">Disease, diseased<', letter.text)[0]
        page = await guest.get(disease)
        [see] = re.findall(r'<i>see</i> <a href="([^"]+)">Diabetes, type 1', page.text)
        landed = await guest.get(see.replace("&amp;", "&"))
        assert "<h1>amyotrophy</h1>" in landed.text
        lost = await guest.get("/index/index/see", params={"text": "Hemochromatosis"})
        assert lost.status_code == 404


async def test_a_reference_to_codes_leads_to_them(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        letter = (await guest.get("/index/index", params={"begins": "disease"})).text
        page = (await guest.get(re.findall(r'href="(/index/index/\d+)">Disease, diseased<', letter)[0])).text
    assert '<i>see</i> <a href="/search?q=X71-X83&amp;system=icd10cm">X71-X83 with 7th character S</a>' in page


async def test_a_reference_that_no_term_names_whole_leads_near_and_says_so(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, follow_redirects=True) as guest:
        near = await guest.get("/index/index/see", params={"text": "Diabetes, type 1, <i>elsewhere"})
        whole = await guest.get("/index/index/see", params={"text": "Diabetes, type 1, by site"})
    assert "<h1>type 1</h1>" in near.text
    assert "“Diabetes, type 1, &lt;i&gt;elsewhere” leads here" in near.text
    assert 'content="noindex"' in near.text
    assert "leads here" not in whole.text


ODD = (
    ("/index/none", "The index “none” of ICD-10-CM is not loaded here."),
    ("/index/none/1", "The index “none” of ICD-10-CM is not loaded here."),
    ("/index/none/see?text=Lump", "The index “none” of ICD-10-CM is not loaded here."),
    ("/index/index/0", "The index index has no term at place 0."),
    ("/index/index/999999999", "The index index has no term at place 999999999."),
    ("/index/index/99999999999999999999", "is no place of a term in an index."),
    ("/index/index/-1", "“-1” is no place of a term in an index."),
    ("/index/index/Lump", "“Lump” is no place of a term in an index."),
    ("/index/index?after=x", "“x” is no place of a term in an index."),
    ("/index/index/see", "The address names no term"),
)


async def test_odd_addresses_are_answered_with_a_sentence(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        for address, sentence in ODD:
            answer = await guest.get(address)
            assert answer.status_code == 404, address
            assert sentence in answer.text, address
        unprintable = await guest.get("/index/index?begins=%00")
        nothing = await guest.get("/index/index?begins=zzz")
    assert unprintable.status_code == 400
    assert "a character that stands in no term" in unprintable.text
    assert "No main term of this index begins with “zzz”" in nothing.text


@pytest.mark.long
@pytest.mark.browser
async def test_on_a_phone_by_keyboard_and_without_scripts_a_table_is_read_without_scrolling_sideways(
    rooms: Rooms, chromium_path: Path
) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=["--headless", "--no-sandbox"])
        context = await browser.new_context(
            base_url=rooms.url, java_script_enabled=False, viewport={"width": 360, "height": 740}
        )
        page = await context.new_page()
        await page.goto("/index")
        await page.get_by_role("link", name="Neoplasm Table").press("Enter")
        await page.get_by_role("rowheader").get_by_role("link", name="Neoplasm, neoplastic").press("Enter")
        row = page.get_by_role("row").filter(has_text="abdomen")
        await expect(row.get_by_role("rowheader")).to_contain_text("abdomen, abdominal")
        for place in (row.get_by_text("C76.2"), page.get_by_role("navigation", name="Path in the index")):
            box = await place.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 360
        scrolling = page.get_by_role("region", name="Below Neoplasm, neoplastic")
        assert await scrolling.evaluate("each => each.scrollWidth <= each.clientWidth")
        await browser.close()


async def test_a_table_shows_its_columns_as_the_book_does(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        page = await guest.get("/index/drug", params={"begins": "A"})
        heads = re.findall(
            r'<th scope="col" role="columnheader">([^<]+)</th>', page.text.partition('class="table index"')[2]
        )
        assert heads[:3] == ["Term", "Poisoning Accidental (unintentional)", "Adverse effect"]
        assert page.text.index("T62.2X1") < page.text.index("T62.2X5")


async def test_the_api_gives_the_same_walk(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        names = [each["name"] for each in (await guest.get("/api/v1/indexes")).json()["indexes"]]
        assert names == ["index", "neoplasm", "drug"]
        [lump] = (await guest.get("/api/v1/indexes/index", params={"begins": "l"})).json()["terms"]
        walked: list[dict[str, object]] = []
        cursor = ""
        while not walked or cursor:
            page = (await guest.get("/api/v1/indexes/index", params={"limit": 1, "cursor": cursor})).json()
            walked, cursor = [*walked, *page["terms"]], page["next_cursor"]
        elsewhere = await guest.get("/api/v1/indexes/drug", params={"cursor": "WyJpbmRleCIsIiIsMV0"})
        whole = (await guest.get("/api/v1/indexes/index")).json()
        assert walked == whole["terms"]
        assert (elsewhere.status_code, elsewhere.json()["reason"]) == (400, "CURSOR_MALFORMED")
        one = (await guest.get(f"/api/v1/indexes/index/terms/{lump['ordinal']}")).json()
        assert [(each["title"], each["codes"][0]["more"]) for each in one["terms"]] == [("foot", True)]
        found = (await guest.get("/api/v1/indexes/index/reference", params={"text": "Lump, foot"})).json()
        assert found == {"index_name": "index", "ordinal": one["terms"][0]["ordinal"], "whole": True}
        absent = await guest.get("/api/v1/indexes/external-cause")
        assert (absent.status_code, absent.json()["reason"]) == (404, "INDEX_NOT_LOADED")


async def test_an_index_that_is_not_loaded_is_named(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        page = (await guest.get("/index")).text
    assert "Not loaded here: the External Cause Index." in page
    assert 'href="/index/neoplasm"' in page
