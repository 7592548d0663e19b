"""The code sets in a reader's browser: pages, lists and look-up, and the builder of ICD-10-PCS without scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from shared.identity import Kind, Principal
from tests.integration.gateway.rooms import Rooms, running_rooms

LINK = re.compile(r'class="builder__value" href="(/icd10pcs/build[^"]*)"')


def chosen_in(path: str) -> int:
    """How many characters an address of the builder chooses."""
    return len(path.partition("code=")[2].replace("_", ""))


@pytest.fixture
async def rooms(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[Rooms]:
    """Catalog with small code sets, metering and the gateway, running."""
    async with running_rooms(new_database, events_url, loaded=Rooms.import_code_sets) as rooms:
        yield rooms


async def test_a_code_is_built_by_following_links_and_uses_up_no_view(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, follow_redirects=True) as guest:
        path = "/icd10pcs/build"
        for _ in range(8):
            answer = await guest.get(path)
            assert answer.status_code == 200
            onward = [href for href in LINK.findall(answer.text) if chosen_in(href) > chosen_in(path)]
            if not onward:
                break
            path = onward[0]
        assert chosen_in(path) == 7
        assert "A valid code" in answer.text
        assert 'href="/codes/icd10pcs/0DB10ZX"' in answer.text
        usage = await rooms.grants(Principal(Kind.GUEST, guest.cookies["guest"].split(".")[1]))
    assert usage == set()


async def test_what_is_typed_is_taken_as_far_as_it_fits(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        spelled = await guest.get("/icd10pcs/build", params={"code": "0db2"})
        assert (spelled.status_code, spelled.headers["location"]) == (302, "/icd10pcs/build?code=0DB2")
        dropped = await guest.get("/icd10pcs/build", params={"code": "0DB23"})
        assert "Taken out, because no code has it beside the values before it: 3 at place 5." in dropped.text
        wrong = await guest.get("/icd10pcs/build", params={"code": "what?"})
        assert wrong.status_code == 400
        assert "digits and letters but I and O" in wrong.text


async def test_every_code_set_can_be_browsed_looked_up_and_read(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("anna")) as reader:
        systems = (await reader.get("/browse")).text
        for name in ("ICD-10-PCS", "ICD-9-CM", "ICD-9-CM procedures", "HCPCS Level II", "Modifiers", "CDT"):
            assert f">{name}</a>" in systems
        assert "Upper Invention" in (await reader.get("/browse/icd10pcs/0DB")).text
        assert "/icd10pcs/build?code=0DB" in (await reader.get("/browse/icd10pcs/0DB")).text
        for asked, path in [("250.00", "/codes/icd9cm/250.00"), ("8154", "/codes/icd9pcs/81.54"),
                            ("0db13zz", "/codes/icd10pcs/0DB13ZZ"), ("a1", "/codes/modifier/A1")]:  # fmt: skip
            found = await reader.get("/search", params={"q": asked})
            assert (found.status_code, found.headers.get("location")) == (302, path)
            assert (await reader.get(path)).status_code == 200
        old = (await reader.get("/codes/icd9cm/250.00")).text
        assert "Equivalents in other classifications" in old
        assert "From October 1, 2015 on, ICD-10-CM is used instead." in old


async def test_dental_text_is_withheld_until_its_terms_are_accepted(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        for path in (
            "/codes/cdt/D0001",
            "/browse/cdt",
            "/api/v1/codes/cdt/D0001",
            "/api/v1/codes/cdt",
            "/search?q=D0001",
        ):
            answer = await guest.get(path, follow_redirects=True)
            assert "nvented look" not in answer.text, path
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("anna")) as anna:
        assert "nvented look" not in (await anna.get("/codes/cdt/D0001")).text
        terms = (await anna.get("/api/v1/licences/ada-cdt")).json()
        accepted = await anna.post("/api/v1/licences/ada-cdt/acceptance", json={"terms_edition": terms["edition"]})
        assert accepted.status_code == 200
        page = (await anna.get("/codes/cdt/D0001")).text
        assert "invented look. An invented look." in page
        assert "American Dental Association. All rights reserved." in page
