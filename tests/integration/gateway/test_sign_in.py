"""People register, sign in and out at the built-in issuer, and what they read as guests comes along."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from tests.integration.gateway.people import SignInRooms, browser, form_fields, own, register, sign_in, sign_in_rooms
from tests.integration.gateway.rooms import until

CODE, OTHER = "/codes/icd10cm/S09.0", "/codes/icd10cm/S90"
EMAIL = "ada@example.org"


@pytest.fixture
async def site(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[SignInRooms]:
    """Everything, with sign-in."""
    with tempfile.TemporaryDirectory(prefix="si-") as folder:
        async with sign_in_rooms(Path(folder), new_database, events_url) as rooms:
            yield rooms


async def test_who_registers_keeps_the_page_read_as_a_guest_and_comes_back_to_it(site: SignInRooms) -> None:
    async with browser(site) as person:
        await person.get(CODE)
        landed = await register(person, EMAIL, CODE)
        assert (landed.status_code, landed.url.path) == (200, CODE)
        assert "Ada Coder" in landed.text
        assert "Sign out" in landed.text
        assert "guest" not in person.cookies
        account = await person.get("/account")
    assert "read as a guest" in account.text
    assert "Free plan." in account.text
    assert account.headers["cache-control"] == "no-store"


async def test_a_session_has_a_new_id_after_every_sign_in_and_the_one_before_is_over(site: SignInRooms) -> None:
    async with browser(site) as person:
        person.cookies.set("session", "planted-by-somebody-else", domain="localhost.local", path="/")
        await register(person, EMAIL)
        first = _session(person)
        assert first != "planted-by-somebody-else"
        await person.get("/sign-in")
        second = _session(person)
    assert second != first
    async with browser(site) as thief:
        answer = await thief.get("/account", headers={"Cookie": f"session={first}"}, follow_redirects=False)
    assert answer.status_code == 303


async def test_an_answer_of_the_issuer_serves_once_and_only_in_the_browser_that_asked(site: SignInRooms) -> None:
    async with browser(site) as person, browser(site) as other:
        await register(person, EMAIL)
        begun = await person.get("/sign-in", follow_redirects=False)
        back = await person.get(begun.headers["location"], follow_redirects=False)
        elsewhere = await other.get(back.headers["location"], follow_redirects=False)
        assert elsewhere.status_code == 400
        assert "session" not in other.cookies
        kept = {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.cookies.jar)}
        mine = await person.get(back.headers["location"], follow_redirects=False)
        assert mine.status_code == 303
    async with browser(site) as thief:  # with the cookies of before, which the first answer took away
        again = await thief.get(back.headers["location"], headers=kept, follow_redirects=False)
    assert again.status_code == 400
    assert "it is finished already" in again.text


@pytest.mark.parametrize("swapped", [{"iss": "https://evil.example"}, {"iss": ""}, {"state": "x" * 43}])
async def test_an_answer_of_another_issuer_or_state_signs_nobody_in(site: SignInRooms, swapped: dict[str, str]) -> None:
    async with browser(site) as person:
        await register(person, EMAIL)
        begun = await person.get("/sign-in", follow_redirects=False)
        back = await person.get(begun.headers["location"], follow_redirects=False)
        person.cookies.delete("session")
        answer = await person.get(str(httpx.URL(back.headers["location"]).copy_merge_params(swapped)))
    assert answer.status_code in (400, 403)
    assert "session" not in person.cookies


async def test_signing_out_ends_the_session_here_and_at_the_issuer(site: SignInRooms) -> None:
    async with browser(site) as person:
        await register(person, EMAIL)
        cookie = _session(person)
        home = await person.post("/sign-out", headers=own(person))
        assert (home.status_code, home.url.path) == (200, "/")
        assert "Sign in" in home.text
        refused = await person.get("/account", headers={"Cookie": f"session={cookie}"}, follow_redirects=False)
        assert refused.status_code == 303
        form = await person.get("/sign-in")
    assert "Password" in form.text, "the issuer asks again"


async def test_signing_out_everywhere_ends_the_sessions_of_other_browsers(site: SignInRooms) -> None:
    async with browser(site) as desk, browser(site) as phone:
        await register(desk, EMAIL)
        await sign_in(phone, EMAIL)
        page = (await phone.get("/account")).text
        assert page.count("Firefox on Linux") == 2
        address, hidden = form_fields(page, "/sign-out/everywhere")
        await phone.post(address, data=hidden, headers=own(phone))
        answer = await until(desk, "/", lambda answer: "Sign in" in answer.text)
    assert "Ada Coder" not in answer.text


async def test_every_write_of_a_signed_in_browser_needs_the_token_of_its_own_session(site: SignInRooms) -> None:
    report = {"system": "icd10cm", "code": "S09.0", "text": "The note of this invented code is wrong."}
    writes = ("/report-error", "/licences/ama-cpt", "/sign-out/everywhere", "/api/v1/licences/ama-cpt/acceptance")
    async with browser(site) as person, browser(site) as other:
        await register(person, EMAIL)
        await register(other, "eve@example.org")
        foreign = form_fields((await other.get("/account")).text, "everywhere")[1]["form_token"]
        page = await person.get("/report-error?system=icd10cm&code=S09.0")
        good = form_fields(page.text, "/report-error")[1]
        for path in writes:
            for token in ("", "x", foreign, good["form_token"][:-4] + "AAAA"):
                answer = await person.post(path, data=report | {"form_token": token}, headers=own(person))
                assert (path, token, answer.status_code) == (path, token, 403)
        sent = await person.post("/report-error", data=report | good, headers=own(person), follow_redirects=False)
        by_header = await person.post(
            writes[-1], json={"terms_edition": "1"}, headers=own(person) | {"X-Form-Token": good["form_token"]}
        )
        still = await person.get("/account")
    assert (sent.status_code, by_header.status_code, still.status_code) == (303, 200, 200)


ELSEWHERE = (
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "/%2Fevil.example",
    "/%5Cevil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "evil.example",
    "///evil.example",
    "/%09/evil.example",
)


async def test_nobody_is_led_off_the_site_after_signing_in(site: SignInRooms) -> None:
    async with browser(site) as person:
        await register(person, EMAIL)
        for address in ELSEWHERE:
            landed = await person.get("/sign-in", params={"next": address})  # signed on there: straight back
            assert (address, str(landed.url)) == (address, f"{site.url}/")
        assert (await person.get("/sign-in", params={"next": "/browse"})).url.path == "/browse"


async def test_a_sign_in_stands_while_metering_is_away_and_the_guest_is_merged_later(site: SignInRooms) -> None:
    async with browser(site) as person:
        await person.get(CODE)
        await site.stop("metering")
        landed = await register(person, EMAIL)
        assert "Ada Coder" in landed.text
        await site.start_metering()
        account = await until(person, "/account", lambda answer: "read as a guest" in answer.text)
    assert "S09.0" in account.text


def _session(person: httpx.AsyncClient) -> str:
    return next(cookie.value or "" for cookie in person.cookies.jar if cookie.name == "session")
