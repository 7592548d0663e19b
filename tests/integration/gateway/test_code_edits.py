"""All edits of a code over the API and on a page of their own; a code page shows the first and leads there."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from services.catalog.imports.run import import_file
from shared.database import Database
from shared.identity import Kind, Principal
from tests.integration.gateway.rooms import Rooms
from tests.unit.catalog.small_ptp import ptp_file, ptp_text

EDITS = [f"10001\t2{number:04}\t\t20200101\t*\t1\tInvented reason" for number in range(130)]
API = "/api/v1/codes/cpt/10001/edits"
PAGE = "/edits/cpt/10001"


@pytest.fixture
async def edits(rooms: Rooms) -> None:
    """Invented texts and edits for practitioners, published while everything runs."""
    await rooms.import_procedures()
    database = Database(rooms.catalog_url)
    await database.open()
    path = ptp_file(
        Path(rooms.folder), ptp_text(*EDITS, "J0001\t10001\t\t20220701\t*\t0\tOther"), "ccipra-v322r0-f1.txt"
    )
    await import_file(database, "ncci-ptp", [path], imported_by="tester")
    await database.close()


@pytest.mark.usefixtures("edits")
async def test_the_api_goes_through_all_edits_and_counts_no_page(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        first = (await guest.get(API, params={"limit": 100})).json()
        rest = (await guest.get(API, params={"limit": 100, "cursor": first["next_cursor"]})).json()
        assert (first["total"], len(first["edits"]), len(rest["edits"]), rest["next_cursor"]) == (131, 100, 31, "")
        assert rest["edits"][-1]["column_1"]["display_code"] == "J0001"
        assert rest["edits"][-1]["effective_from"] == "2022-07-01"
        assert first["release"]["edition"] == "v32.2, July 2026"
        checked = (await guest.get(API, params={"with": "20007", "column": "1", "date": "2024-07-01"})).json()
        assert [edit["column_2"]["code"] for edit in checked["edits"]] == ["20007"]
        none = (await guest.get(API, params={"with": "99213"})).json()
        assert none["total"] == 0
        assert "does not mean that it has none" in none["scope"][0]["text"]
        without_page = await guest.get("/api/v1/codes/cpt/20007/edits")
        assert without_page.json()["total"] == 1
        usage = await rooms.grants(Principal(Kind.GUEST, guest.cookies["guest"].split(".")[1]))
    assert usage == set()


@pytest.mark.usefixtures("edits")
async def test_wrong_questions_are_problems_with_a_sentence(rooms: Rooms) -> None:
    wrong: tuple[tuple[dict[str, str], int, str], ...] = (
        ({"setting": "dme"}, 422, "setting"),
        ({"setting": "outpatient"}, 404, "not loaded here"),
        ({"with": "toolong"}, 400, "with: "),
        ({"cursor": "made-up"}, 400, "cursor: this is no cursor"),
        ({"column": "3"}, 422, "column"),
    )
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        for query, status, sentence in wrong:
            answer = await guest.get(API, params=query)
            assert (query, answer.status_code) == (query, status)
            assert sentence in answer.json()["detail"]


@pytest.mark.usefixtures("edits")
async def test_the_page_of_edits_is_narrowed_and_turned_over(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        first = await guest.get(PAGE)
        more = re.search(r'href="([^"]+)">More edits', first.text)
        assert more is not None
        second = await guest.get(more[1].replace("&amp;", "&"))
        narrowed = await guest.get(PAGE, params={"with": "j0001"})
        spelled = await guest.get("/edits/CPT/10001", params={"with": "2"})
        wrong = await guest.get(PAGE, params={"setting": "klingon"})
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("reader")) as reader:
        code_page = await reader.get("/codes/cpt/10001")
    assert first.status_code == second.status_code == narrowed.status_code == 200
    assert first.text.count("Invented reason") == 100
    assert second.text.count("Invented reason") == 30
    assert "131 edits" in first.text
    assert "1 edit with J0001" in narrowed.text
    assert (spelled.status_code, spelled.headers["location"]) == (308, f"{PAGE}?with=2")
    assert wrong.status_code == 400
    assert "practitioner or outpatient is expected" in wrong.text
    assert "the first 25 of 130" in code_page.text
    assert f'{PAGE}?setting=practitioner&amp;column=1"' in code_page.text
    assert code_page.text.count("Invented reason") == 25
