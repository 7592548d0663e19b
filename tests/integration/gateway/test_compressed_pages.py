"""A code page for who takes gzip: the same page in fewer bytes, under a tag that both forms share."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.gateway.rooms import Rooms

PAGE = "/codes/icd10cm/S09.0"


@pytest.fixture
async def guest(rooms: Rooms) -> httpx.AsyncClient:
    """A guest that has read the page before, so that both forms show the same standing."""
    guest = httpx.AsyncClient(base_url=rooms.url)
    await guest.get(PAGE)
    return guest


async def get(guest: httpx.AsyncClient, codings: str, **headers: str) -> httpx.Response:
    """Ask for the page in a coding."""
    async with guest.stream("GET", PAGE, headers={"Accept-Encoding": codings, **headers}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
        assert int(answer.headers.get("content-length", 0)) == len(raw)
        answer.extensions["raw"] = raw
        return answer


async def test_a_compressed_page_is_the_page(guest: httpx.AsyncClient) -> None:
    plain, small = await get(guest, "identity"), await get(guest, "br, gzip;q=0.8")
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert small.headers["etag"] == f"W/{plain.headers['etag']}"
    assert plain.headers["vary"] == small.headers["vary"] == "Cookie, Authorization, Accept-Encoding"
    whole = await guest.get(PAGE, headers={"Accept-Encoding": "gzip"})
    assert whole.content == plain.extensions["raw"]
    assert len(small.extensions["raw"]) * 2 < len(plain.extensions["raw"])


async def test_who_takes_no_gzip_gets_none(guest: httpx.AsyncClient) -> None:
    for codings in ("identity", "br", "gzip;q=0", "*;q=0", ""):
        assert (codings, "content-encoding" in (await get(guest, codings)).headers) == (codings, False)


async def test_either_tag_finds_the_page_unchanged(guest: httpx.AsyncClient) -> None:
    plain, small = await get(guest, "identity"), await get(guest, "gzip")
    for tag in (plain.headers["etag"], small.headers["etag"]):
        for codings in ("identity", "gzip"):
            again = await get(guest, codings, **{"If-None-Match": tag})
            assert (again.status_code, again.extensions["raw"]) == (304, b"")
            assert "Accept-Encoding" in again.headers["vary"]
