"""A browser's write must come from our own pages; a program's write stands on its own credential."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.gateway.rooms import Rooms

WRITES = ("/report-error", "/appearance", "/api/v1/licences/ama-cpt/acceptance", "/editor/reports/x")
REPORT = {"system": "icd10cm", "code": "S09.0", "text": "The note of this invented code is wrong."}


def foreign_origins(url: str) -> dict[str, dict[str, str]]:
    """Headers of writes that come from elsewhere, or do not say where from."""
    host = url.removeprefix("http://")
    name, _, port = host.partition(":")
    return {
        "no origin at all": {},
        "null": {"Origin": "null"},
        "other site": {"Origin": "https://evil.example"},
        "other port": {"Origin": f"http://{name}:{int(port) - 1}"},
        "no port": {"Origin": f"http://{name}"},
        "other scheme": {"Origin": f"https://{host}"},
        "subdomain": {"Origin": f"http://sub.{host}"},
        "our name before another": {"Origin": f"{url}.evil.example"},
        "our name as user": {"Origin": f"{url}@evil.example"},
        "a path": {"Origin": f"{url}/"},
        "capitals": {"Origin": url.upper()},
        "two origins": {"Origin": f"{url}, https://evil.example"},
        "foreign referer": {"Referer": "https://evil.example/?" + url},
        "referer of half an address": {"Referer": "http://[::1"},
        "foreign origin, own referer": {"Origin": "https://evil.example", "Referer": f"{url}/report-error"},
        "cross-site with our origin": {"Origin": url, "Sec-Fetch-Site": "cross-site"},
        "same-site": {"Sec-Fetch-Site": "same-site", "Referer": f"{url}/"},
        "said to be same-origin, with another origin": {
            "Sec-Fetch-Site": "same-origin",
            "Origin": "https://evil.example",
        },
    }


def own_origins(url: str) -> dict[str, dict[str, str]]:
    """Headers of writes that come from a page of ours."""
    return {
        "origin": {"Origin": url},
        "origin and fetch site": {"Origin": url, "Sec-Fetch-Site": "same-origin"},
        "referer only": {"Referer": f"{url}/report-error?system=icd10cm&code=S090"},
        "origin before a foreign referer": {"Origin": url, "Referer": "https://evil.example/"},
    }


async def test_a_write_with_a_cookie_from_elsewhere_is_refused_on_every_route(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        await guest.get("/browse")
        assert "guest" in guest.cookies
        for animal, headers in foreign_origins(rooms.url).items():
            for path in WRITES:
                answer = await guest.post(path, data=REPORT, headers=headers)
                assert (animal, path, answer.status_code) == (animal, path, 403)
                assert "was not sent from a page of this site" in answer.text


async def test_a_write_from_our_own_page_is_taken(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        await guest.get("/browse")
        for animal, headers in own_origins(rooms.url).items():
            answer = await guest.post("/report-error", data=REPORT, headers=headers)
            assert (animal, answer.status_code) == (animal, 303)


async def test_a_foreign_page_is_refused_even_when_the_browser_held_the_cookie_back(rooms: Rooms) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        async with httpx.AsyncClient(base_url=rooms.url) as browser:
            answer = await browser.post("/report-error", data=REPORT, headers=headers)
        assert answer.status_code == 403


async def test_a_program_writes_with_its_token_or_with_nothing(rooms: Rooms) -> None:
    terms = {"terms_edition": "1"}
    async with httpx.AsyncClient(base_url=rooms.url) as program:
        accepted = await program.post(WRITES[2], json=terms, headers=rooms.account("anna"))
        await program.get("/browse")
        with_both = await program.post(WRITES[2], json=terms, headers=rooms.account("anna"))
    async with httpx.AsyncClient(base_url=rooms.url) as program:
        nobody = await program.post("/report-error", data=REPORT)
        forged = await program.post(WRITES[2], json=terms, headers={"Authorization": "Bearer x.y.z"})
    assert (accepted.status_code, with_both.status_code, nobody.status_code) == (200, 200, 303)
    assert forged.status_code == 401


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_reading_is_open_from_everywhere(rooms: Rooms, site: str) -> None:
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": site, "Referer": "https://evil.example/"}
    async with httpx.AsyncClient(base_url=rooms.url, headers=headers) as guest:
        answer = await guest.get("/codes/icd10cm/S09.0")
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
