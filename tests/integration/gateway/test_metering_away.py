"""Metering stopped and started under the gateway: what was granted stays open, nothing is granted, nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from codingahead.metering.v1 import metering_pb2 as pb

from shared.database import Database
from shared.errors import Unavailable
from shared.identity import Kind, Principal
from tests.integration.gateway.rooms import Rooms, until

HONEST = "We cannot look up your page views at the moment"
SCRATCH, SPOON = "/codes/icd10cm/S09.0", "/codes/icd10cm/S90"
API_SPOON = "/api/v1/codes/icd10cm/S90"


async def test_a_granted_page_stays_open_and_another_is_a_teaser_with_an_honest_sentence(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        before = await guest.get(SCRATCH)
        await rooms.stop("metering")
        again, other = await guest.get(SCRATCH), await guest.get(SPOON)
    assert (before.status_code, again.status_code, other.status_code) == (200, 200, 200)
    assert "You opened this page before, so it stays open" in again.text
    assert HONEST in other.text


async def test_nothing_is_granted_while_metering_is_away(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        await guest.get("/browse")
        await rooms.stop("metering")
        assert HONEST in (await guest.get(SPOON)).text
        answer = (await guest.get(API_SPOON)).json()
        assert answer["standing"] | {"granted": False, "metering_away": True} == answer["standing"]
        assert (
            answer["sections"]["guidelines"] | {"locked": True, "reason": "metering-away", "content": None}
            == (answer["sections"]["guidelines"])
        )
        await rooms.start_metering()
        granted = await until(guest, SPOON, lambda answer: HONEST not in answer.text)
        assert "0 code page views remaining" in granted.text
        guest_id = guest.cookies["guest"].split(".")[1]
    assert await rooms.grants(Principal(Kind.GUEST, guest_id)) == {"S90"}


@pytest.mark.parametrize("kind", ["head", "prefetch", "if-none-match"])
async def test_what_was_only_looked_at_is_not_open_later(rooms: Rooms, kind: str) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        await guest.get("/browse")
        if kind == "head":
            assert (await guest.head(SPOON)).status_code == 200
        elif kind == "prefetch":
            assert (await guest.get(SPOON, headers={"Sec-Purpose": "prefetch"})).status_code == 503
        else:
            await guest.get(SCRATCH)
            await guest.get(SPOON, headers={"If-None-Match": '"nothing"'})
        await rooms.stop("metering")
        answer = await guest.get(SPOON)
    assert "so it stays open" not in answer.text
    assert HONEST in answer.text


async def test_a_gateway_started_while_metering_is_away_serves_teasers(rooms: Rooms) -> None:
    await rooms.stop("gateway")
    await rooms.stop("metering")
    await rooms.start_gateway()
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        page = await guest.get(SCRATCH)
        api = await guest.get(API_SPOON)
        account = await guest.get(SCRATCH, headers=rooms.account("anna"))
        register = await guest.get("/register")
        meter = await guest.get("/api/v1/meter")
    assert [answer.status_code for answer in (page, api, account, register)] == [200] * 4
    assert HONEST in page.text
    assert "Invented scratch" in page.text
    assert api.json()["sections"]["guidelines"]["content"] is None
    assert (meter.status_code, meter.headers["content-type"]) == (503, "application/problem+json")
    assert "retry-after" in meter.headers


async def test_pages_that_unlimited_readers_open_meanwhile_are_recorded_afterwards(rooms: Rooms) -> None:
    await rooms.set_plan("pia", pb.TIER_PRO)
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("pia")) as pro:
        await pro.get(SCRATCH)
        await rooms.stop("metering")
        meanwhile = await pro.get(SPOON)
        assert meanwhile.status_code == 200
        assert HONEST not in meanwhile.text
        await rooms.stop("gateway")  # what is queued outlives the process
        await rooms.start_metering()
        await rooms.start_gateway()
    pia = Principal(Kind.ACCOUNT, "pia")
    async with asyncio.timeout(10):
        while await _granted_if_answering(rooms, pia) != {"S090", "S90"}:  # noqa: ASYNC110 - a poll with a deadline
            await asyncio.sleep(0.05)
    await _until_queue_is_empty(rooms)


async def test_an_unlimited_reader_is_not_served_what_cannot_be_queued(rooms: Rooms) -> None:
    await rooms.set_plan("pia", pb.TIER_PRO)
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("pia")) as pro:
        await pro.get(SCRATCH)
        await rooms.stop("metering")
        async with _without_gateway_database(rooms):
            answer = await pro.get(SPOON)
    assert answer.status_code == 200
    assert HONEST in answer.text


async def _granted_if_answering(rooms: Rooms, principal: Principal) -> set[str]:
    """The codes granted to a principal; none while metering is still coming back."""
    try:
        return await rooms.grants(principal)
    except Unavailable:
        return set()


@asynccontextmanager
async def _without_gateway_database(rooms: Rooms) -> AsyncIterator[None]:
    """The gateway's database refuses and loses every connection."""
    name = urlsplit(rooms.gateway_url).path.removeprefix("/")
    database = Database(rooms.gateway_url.replace(f"/{name}", "/postgres"))
    await database.open()
    async with database.connection() as connection:
        await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
    await database.close()


async def _until_queue_is_empty(rooms: Rooms) -> None:
    """Poll with a deadline."""
    database = Database(rooms.gateway_url)
    await database.open()
    async with asyncio.timeout(10), database.connection() as connection:
        while await (await connection.execute("SELECT 1 FROM served_page")).fetchone() is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await database.close()
