"""Licensed descriptors end to end, with invented text: withheld from whom the licence does not cover, and counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from shared.database import Database
from shared.identity import Kind, Principal
from tests.integration.gateway.rooms import Rooms, running_rooms

INVENTED = "Zyxomatic plinthing of the lesser grommet"
OTHER = "Quondam plinthing of the greater grommet"
FILE = f"10001\t{INVENTED}\n10002\t{OTHER}\n"
PAGE, API = "/codes/cpt/10001", "/api/v1/codes/cpt/10001"
COUNTER = "official-text:cpt"
ANNA = Principal(Kind.ACCOUNT, "anna")
TERMS = "/api/v1/licences/ama-cpt"


async def _loaded(rooms: Rooms) -> None:
    await rooms.import_procedures()
    await rooms.import_descriptors(FILE)


@pytest.fixture
async def rooms(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[Rooms]:
    """Catalog with an invented descriptor file, metering and the gateway, running."""
    async with running_rooms(new_database, events_url, loaded=_loaded) as rooms:
        yield rooms


@pytest.fixture
async def guest(rooms: Rooms) -> AsyncIterator[httpx.AsyncClient]:
    """A guest with its cookie."""
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        yield client


@pytest.fixture
async def anna(rooms: Rooms) -> AsyncIterator[httpx.AsyncClient]:
    """A reader who is signed in."""
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("anna")) as client:
        yield client


async def accept(reader: httpx.AsyncClient) -> None:
    """Read the terms and accept them."""
    terms = (await reader.get(TERMS)).json()
    answer = await reader.post(f"{TERMS}/acceptance", json={"terms_edition": terms["edition"]})
    assert answer.status_code == 200


async def counted(rooms: Rooms, displays: int) -> None:
    """Wait until metering has counted so many displays to Anna; fails after ten seconds."""
    async with asyncio.timeout(10):
        while (await rooms.counters(ANNA)).get(COUNTER, 0) != displays:  # noqa: ASYNC110 - a poll with a deadline
            await asyncio.sleep(0.05)


def assert_withheld(answer: httpx.Response) -> None:
    """Neither descriptor is anywhere in an answer."""
    assert "plinthing" not in answer.text, answer.url


async def test_no_answer_to_a_guest_holds_the_text(guest: httpx.AsyncClient) -> None:
    granted = await guest.get(PAGE)
    assert granted.status_code == 200
    assert "Sign in to view the official text" in granted.text
    assert "application/ld+json" in granted.text
    assert_withheld(granted)
    official = (await guest.get(API)).json()["sections"]["official"]
    assert (official["locked"], official["reason"], official["content"]["text"]) == (True, "sign-in", "")
    teaser = await guest.get("/codes/cpt/10002")
    assert "0 code page views remaining" in teaser.text
    others = [
        API,
        "/api/v1/codes/cpt/10002",
        "/api/v1/codes/cpt",
        "/api/v1/codes/cpt?parent=invented-acts",
        "/codes/hcpcs/J0001",
        "/api/v1/codes/hcpcs/J0001",
        "/browse/cpt",
        "/search?q=10003",
        "/codes/cpt/10003",
        "/api/v1/codes/cpt/10003",
        "/sitemap-1.xml",
        "/data",
    ]
    for path in others:
        assert_withheld(await guest.get(path, follow_redirects=True))
    assert_withheld(teaser)


async def test_a_signed_in_reader_sees_it_only_after_accepting_the_terms(anna: httpx.AsyncClient) -> None:
    before, api = await anna.get(PAGE), await anna.get(API)
    assert_withheld(before)
    assert_withheld(api)
    assert 'href="/licences/ama-cpt?next=%2Fcodes%2Fcpt%2F10001"' in before.text
    assert api.json()["sections"]["official"]["reason"] == "accept-licence"
    await accept(anna)
    page, answer = await anna.get(PAGE), (await anna.get(API)).json()
    assert INVENTED in page.text
    assert "CPT © 2026 American Medical Association" in page.text
    assert answer["sections"]["official"] | {"locked": False, "reason": None} == answer["sections"]["official"]
    assert answer["sections"]["official"]["content"]["text"] == INVENTED


async def test_each_display_is_counted_and_nothing_else_is(rooms: Rooms, anna: httpx.AsyncClient) -> None:
    await anna.get(PAGE)
    await accept(anna)
    page = await anna.get(PAGE)
    await anna.get(API)
    await counted(rooms, 2)
    await anna.head(PAGE)
    again = await anna.get(PAGE, headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304
    await anna.get("/codes/hcpcs/J0001")
    await anna.get("/codes/icd10cm/S09.0")
    await anna.get(PAGE)
    await counted(rooms, 3)
    await uncounted_displays(rooms, 0)


async def test_over_quota_the_page_shows_and_counts_it_and_the_api_does_neither(
    rooms: Rooms, anna: httpx.AsyncClient
) -> None:
    await accept(anna)
    for code in ("S09.0", "S90", "S06.0XXA", "S06.0XXD", "S06.0XXS"):
        assert (await anna.get(f"/codes/icd10cm/{code}")).status_code == 200
    refused, teaser = await anna.get(API), await anna.get(PAGE)
    assert refused.status_code == 429
    assert_withheld(refused)
    assert INVENTED in teaser.text
    await counted(rooms, 1)
    await uncounted_displays(rooms, 0)


async def test_a_display_is_on_disk_before_its_answer_and_counted_once_whatever_stops(
    rooms: Rooms, anna: httpx.AsyncClient
) -> None:
    await accept(anna)
    await anna.get(PAGE)
    await counted(rooms, 1)
    await rooms.stop("metering")
    shown = await anna.get(PAGE)
    assert INVENTED in shown.text
    await uncounted_displays(rooms, 1)
    await rooms.stop("gateway")
    await rooms.start_metering()
    await rooms.start_gateway()
    await uncounted_displays(rooms, 0)
    await counted(rooms, 2)


async def test_displays_that_a_killed_gateway_had_sent_are_not_counted_again(
    rooms: Rooms, anna: httpx.AsyncClient
) -> None:
    await accept(anna)
    for _ in range(2):  # the second time as if the gateway had been killed between metering's answer and its own note
        await rooms.stop("gateway")
        database = Database(rooms.gateway_url)
        await database.open()
        async with database.transaction() as connection:
            await connection.execute(
                "INSERT INTO official_display (principal, counter, batch)"
                " SELECT 'account:anna', %s, 'a-batch' FROM generate_series(1, 3)",
                (COUNTER,),
            )
        await database.close()
        await rooms.start_gateway()
        await uncounted_displays(rooms, 0)
        await counted(rooms, 3)


async def test_without_a_place_to_write_the_display_down_the_text_stays_closed(
    rooms: Rooms, anna: httpx.AsyncClient
) -> None:
    await accept(anna)
    database = Database(rooms.gateway_url)
    await database.open()
    async with database.transaction() as connection:
        await connection.execute("LOCK TABLE official_display IN ACCESS EXCLUSIVE MODE")
        page, api = await anna.get(PAGE, timeout=30), await anna.get(API, timeout=30)
    await database.close()
    assert (page.status_code, api.status_code) == (200, 200)
    assert_withheld(page)
    assert_withheld(api)
    assert api.json()["sections"]["official"]["reason"] == "not-countable"


async def uncounted_displays(rooms: Rooms, expected: int) -> None:
    """Wait until so many displays wait in the gateway's database; fails after ten seconds."""
    database = Database(rooms.gateway_url)
    await database.open()
    async with asyncio.timeout(10), database.connection() as connection:
        while True:
            row = await (await connection.execute("SELECT count(*) AS waiting FROM official_display")).fetchone()
            assert row is not None
            if row["waiting"] == expected:
                break
            await asyncio.sleep(0.05)
    await database.close()


async def test_the_terms_can_be_read_by_all_and_are_accepted_by_accounts_alone(
    guest: httpx.AsyncClient, anna: httpx.AsyncClient
) -> None:
    terms = await guest.get(TERMS)
    assert (terms.status_code, terms.json()["publisher"]) == (200, "American Medical Association")
    edition = {"terms_edition": terms.json()["edition"]}
    refused = await guest.post(f"{TERMS}/acceptance", json=edition, headers={"Origin": str(guest.base_url)})
    assert (refused.status_code, refused.json()["reason"]) == (401, "SIGN_IN_NEEDED")
    outdated = await anna.post(f"{TERMS}/acceptance", json={"terms_edition": "0"})
    assert (outdated.status_code, outdated.json()["reason"]) == (409, "TERMS_OUTDATED")
    unknown = await anna.get("/api/v1/licences/nosuch")
    assert (unknown.status_code, "ama-cpt" in unknown.json()["detail"]) == (404, True)
    meter = (await anna.get("/api/v1/meter")).json()
    assert meter["accepted_licences"] == []


async def test_the_page_of_the_terms_leads_from_the_code_page_and_back(
    guest: httpx.AsyncClient, anna: httpx.AsyncClient
) -> None:
    address = "/licences/ama-cpt"
    for_guest = await guest.get(address)
    assert (for_guest.status_code, "I accept these terms" in for_guest.text) == (200, False)
    form = await anna.get(address, params={"next": PAGE})
    assert 'name="terms_edition" value="1"' in form.text
    assert f'name="next" value="{PAGE}"' in form.text
    sent = await anna.post(address, data={"terms_edition": "1", "next": PAGE})
    assert (sent.status_code, sent.headers["location"]) == (303, PAGE)
    assert INVENTED in (await anna.get(PAGE)).text
    assert "You have accepted these terms" in (await anna.get(address)).text
    elsewhere = await anna.post(address, data={"terms_edition": "1", "next": "//evil.example"})
    assert elsewhere.headers["location"] == address
