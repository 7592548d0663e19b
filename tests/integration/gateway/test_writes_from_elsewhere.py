"""A browser's write must come from our own pages; a program's write stands on its own credential."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx

from gateway.auth.form_check import ORIGIN_ALONE, STREAMED
from gateway.door import BACK_CHANNEL
from gateway.rights import READS_BY_POST, ROUTES
from tests.integration.gateway.people import browser, own, register, sign_in_rooms
from tests.integration.gateway.rooms import Rooms
from tests.integration.gateway.test_rights import PLACES

NOT_FROM_HERE = "was not sent from a page of this site"
BELONGS_TO_NO_SESSION = "does not belong to your present sign-in"
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
                assert NOT_FROM_HERE in answer.text


async def test_a_guests_program_that_keeps_the_cookie_reads_by_post_and_writes_nothing(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, headers={"Accept": "application/json"}) as program:
        await program.get("/browse")
        for row in ROUTES:
            method, _, path = row.partition(" ")
            if method == "GET":
                continue
            address = re.sub(r"\{(\w+)\}", lambda found: PLACES.get(found[1], "x"), path)
            refused = NOT_FROM_HERE in (await program.request(method, address, data=REPORT)).text
            assert (row, refused) == (row, row not in READS_BY_POST)
            evil = {"Origin": "https://evil.example"}
            assert NOT_FROM_HERE in (await program.request(method, address, data=REPORT, headers=evil)).text
        assert "guest" in program.cookies
        claim = {"id": "c", "setting": "practitioner", "date": "2026-05-01", "lines": [{"code": "11055"}]}
        checked = await program.post("/api/v1/edits/check", json={"claims": [claim]})
    assert (checked.status_code, checked.json()["claims"][0]["id"]) == (200, "c")


async def test_a_write_that_says_two_things_of_where_it_comes_from_is_refused(rooms: Rooms) -> None:
    own, evil = ("Origin", rooms.url), ("Origin", "https://evil.example")
    site, cross = ("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        await guest.get("/browse")
        for headers in ([own, evil], [evil, own], [own, site, cross], [own, cross, site]):
            assert (await guest.post("/report-error", data=REPORT, headers=headers)).status_code == 403
        assert (await guest.post("/report-error", data=REPORT, headers=[own, own])).status_code == 303


async def test_a_form_that_cannot_be_read_is_refused_in_a_sentence(
    new_database: Callable[[str], str], events_url: str
) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    with tempfile.TemporaryDirectory(prefix="we-") as folder:
        async with sign_in_rooms(Path(folder), new_database, events_url) as site, browser(site) as person:
            await register(person, "ada@example.org")
            token = f"{site.issuer.issuer}/protocol/openid-connect/token"
            for kind in (
                "multipart/form-data",
                "multipart/form-data; boundary=",
                f"multipart/form-data; boundary={300 * 'x'}",
            ):
                sent = {"Content-Type": kind, **own(person)}
                refused = await person.post("/account/keys", content=part, headers=sent)
                assert (kind, refused.status_code) == (kind, 400)
                assert "The form: " in refused.text
                assert (await person.post(token, content=part, headers=sent)).status_code in (400, 401)
            for referer in ("http://[::1", "http://["):
                came = {**own(person), "Origin": site.url, "Referer": referer}
                dark = {"appearance": "dark"}
                chosen = await person.post("/appearance", data=dark, headers=came, follow_redirects=False)
                assert (referer, chosen.status_code, chosen.headers["location"]) == (referer, 303, "/")


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


async def test_reading_is_open_from_everywhere(rooms: Rooms) -> None:
    headers = {"Origin": "https://evil.example", "Referer": "https://evil.example/"}
    async with httpx.AsyncClient(base_url=rooms.url, headers=headers) as guest:
        for site in ("cross-site", "same-site", "none"):
            answer = await guest.get("/codes/icd10cm/S09.0", headers={"Sec-Fetch-Site": site})
            assert (site, answer.status_code) == (site, 200)
            assert "access-control-allow-origin" not in answer.headers


async def test_every_write_there_is_refuses_another_sites_page_and_a_form_without_its_sessions_token(
    new_database: Callable[[str], str], events_url: str
) -> None:
    rows = [row for row in ROUTES if not row.startswith("GET ")]
    assert len(rows) > 30
    with tempfile.TemporaryDirectory(prefix="we-") as folder:
        async with (
            sign_in_rooms(Path(folder), new_database, events_url, local_checkout=True) as site,
            browser(site) as person,
        ):
            await register(person, "ada@example.org")
            for row in rows:
                await _refused_from_elsewhere(person, row)
            assert "Ada Coder" in (await person.get("/account")).text


async def _refused_from_elsewhere(person: httpx.AsyncClient, row: str) -> None:
    method, _, path = row.partition(" ")
    address = re.sub(r"\{(\w+)\}", lambda found: PLACES.get(found[1], "x"), path)
    for headers in ({"Origin": "https://evil.example"}, {}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await person.request(method, address, data=REPORT, headers=headers)
        assert (row, headers, answer.status_code) == (row, headers, 403)
        silent = not headers and row in READS_BY_POST  # the token of the session is asked for
        assert (BELONGS_TO_NO_SESSION if silent else NOT_FROM_HERE) in answer.text
    if path in ORIGIN_ALONE or path == BACK_CHANNEL:
        return  # form_check says why; the back channel takes signed tokens alone, and knows no session
    if path in STREAMED:  # a file
        answer = await person.post(address, files={"form_token": (None, "x")}, headers=own(person))
    else:
        answer = await person.request(method, address, data=REPORT, headers=own(person))
    assert (row, answer.status_code) == (row, 403)
    assert BELONGS_TO_NO_SESSION in answer.text
