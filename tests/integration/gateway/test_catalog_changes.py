"""A release of catalog reaches the pages that the gateway keeps, within a second of its publication."""

from __future__ import annotations

import asyncio
import time

import httpx

from tests.integration.gateway.rooms import Rooms
from tests.unit.catalog.small_tabular import SMALL

SCRATCH = "/codes/icd10cm/S09.0"


async def test_a_new_release_is_on_the_page_within_a_second(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        first = await guest.get(SCRATCH)
        kept = await guest.get(SCRATCH, headers={"If-None-Match": first.headers["etag"]})
        await rooms.import_tabular(SMALL.replace("Invented scratch", "Invented graze"))
        published = time.monotonic()
        async with asyncio.timeout(10):
            while "Invented graze" not in (await guest.get(SCRATCH)).text:  # noqa: ASYNC110 - a poll
                await asyncio.sleep(0.02)
        seconds = time.monotonic() - published
        later = await guest.get(SCRATCH, headers={"If-None-Match": first.headers["etag"]})
    assert kept.status_code == 304
    assert "Invented scratch" in first.text
    assert (later.status_code, "Invented graze" in later.text) == (200, True)
    assert seconds < 1
