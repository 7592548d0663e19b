"""Nobody becomes another or gets elsewhere by headers, by odd spellings of a path, or by a changed cookie."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.integration.gateway.people import SignInRooms, browser, register, sign_in_rooms
from tests.integration.gateway.rooms import Rooms

EMAIL, NAME = "ada@example.org", "Ada Coder"
EVIL, EVIL_PORT = "evil.example", "65535"
"""No system gives out such a port by itself, so it is not the beginning of the site's own."""
SPOOFED = {
    "X-User-Id": "ada", "X-User-Email": EMAIL, "X-User": EMAIL, "X-User-Roles": "operator", "X-Roles": "operator",
    "X-Remote-User": EMAIL, "Remote-User": EMAIL, "X-Auth-Request-User": EMAIL, "X-Auth-Request-Groups": "operator",
    "X-Internal-Token": "a.b.c", "X-Principal": "account:ada", "Principal": "account:ada",
    "Grpc-Metadata-Authorization": "Bearer a.b.c", "X-Original-URL": "/operator/audit", "X-Rewrite-URL": "/account",
    "X-HTTP-Method-Override": "DELETE", "X-Method-Override": "PUT",
}  # fmt: skip
FORWARDED = {
    "X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https", "X-Forwarded-Port": EVIL_PORT, "X-Forwarded-Server": EVIL,
    "X-Forwarded-Prefix": "/evil", "X-Host": EVIL, "Forwarded": f"for=10.0.0.1;host={EVIL};proto=https",
    "X-Forwarded-For": "10.0.0.1", "X-Real-IP": "10.0.0.1", "True-Client-IP": "10.0.0.1", "Via": EVIL,
}  # fmt: skip
CLOSED = ("/account", "/account/export", "/operator/audit", "/operator/accounts", "/editor/reports", "/api/v1/keys")


@pytest.fixture
async def site(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[SignInRooms]:
    """Everything, with sign-in."""
    with tempfile.TemporaryDirectory(prefix="di-") as folder:
        async with sign_in_rooms(Path(folder), new_database, events_url) as rooms:
            yield rooms


async def test_no_header_makes_a_guest_somebody_or_an_account_an_operator(site: SignInRooms) -> None:
    async with browser(site) as person, httpx.AsyncClient(base_url=site.url, headers=SPOOFED) as guest:
        for path in CLOSED:
            answer = await guest.get(path)
            assert (path, answer.status_code in (303, 401)) == (path, True)
        meter = (await guest.get("/api/v1/meter")).json()
        assert (meter["tier"], NAME in (await guest.get("/")).text) == ("guest", False)
        await register(person, EMAIL)
        for path in CLOSED[2:5]:
            assert (path, (await person.get(path, headers=SPOOFED)).status_code) == (path, 403)
        assert (await person.get("/api/v1/keys", headers=SPOOFED)).json()["keys"] == []


async def test_addresses_in_answers_are_the_sites_own_whatever_a_proxy_is_said_to_have_written(
    site: SignInRooms,
) -> None:
    paths = (
        "/", "/sign-in", "/register", "/browse/", "/codes/icd10cm/s090", "/codes/icd10cm/S09.0", "/sitemap.xml",
        "/robots.txt", "/api/openapi.json", "/api/v1/codes/icd10cm/S090", "/account", "/plans",
        "/realms/codingahead/.well-known/openid-configuration",
    )  # fmt: skip
    for given in (FORWARDED, FORWARDED | {"Host": EVIL}):
        async with httpx.AsyncClient(base_url=site.url, headers=given) as guest:
            for path in paths:
                answer = await guest.get(path)
                said = f"{answer.headers} {answer.text}"
                assert (path, EVIL in said, f":{EVIL_PORT}" in said, "/evil/" in said) == (path, False, False, False)
                location = answer.headers.get("location", "/")
                assert location.startswith(("/", f"{site.url}/")), path
                assert not location.startswith("//"), path


async def test_a_forwarded_address_is_believed_of_our_own_proxies_alone(rooms: Rooms) -> None:
    async def new_networks(*addresses: str) -> int:
        before = await _networks(rooms)
        for address in addresses:
            async with httpx.AsyncClient(base_url=rooms.url) as newcomer:
                await newcomer.get("/codes/icd10cm/S09.0", headers={"X-Forwarded-For": address})
        return await _networks(rooms) - before

    elsewhere = ("192.0.2.1", "198.51.100.1", "203.0.113.1")
    assert await new_networks(*elsewhere) == 1
    await rooms.stop("gateway")
    await rooms.start_gateway(trusted_proxies="127.0.0.0/8,::1/128")
    assert await new_networks(*elsewhere) == 3
    assert await new_networks(*(f"{address}, 100.64.7.7" for address in elsewhere)) == 1, (
        "the last hop is the proxy's word"
    )


async def _networks(rooms: Rooms) -> int:
    async with await psycopg.AsyncConnection.connect(rooms.metering_url) as connection:
        row = await (await connection.execute("SELECT count(*) FROM network_day")).fetchone()
    assert row is not None
    return int(row[0])


async def test_odd_spellings_of_a_path_lead_nowhere_that_the_path_does_not(site: SignInRooms) -> None:
    async with browser(site) as person:
        await register(person, EMAIL)
        session = next(cookie.value for cookie in person.cookies.jar if cookie.name == "session")
    cookie = f"session={session}"
    for path in ("operator/audit", "operator/accounts", "editor/reports"):
        for spelling in _spellings(path):
            for sent in ("", cookie):
                status, text = await _raw(site, spelling, sent)
                assert (spelling, status < 500, status != 200) == (spelling, True, True), text[:300]
    for spelling in _spellings("account"):
        status, text = await _raw(site, spelling, "")
        assert (spelling, status < 500, status != 200) == (spelling, True, True), text[:300]
        assert "location: //" not in text.lower()


async def test_a_path_is_decoded_once_and_never_tidied_up(site: SignInRooms) -> None:
    async with browser(site) as person:
        await register(person, EMAIL)
        session = next(cookie.value for cookie in person.cookies.jar if cookie.name == "session")
    open_to = {"/operator/audit": (303, 403), "/api/v1/operator/acts": (401, 403), "/account": (303, 200)}
    for path, (guest, account) in open_to.items():
        segments = path.split("/")[1:]
        encoded = [f"/{'/'.join(f'%{ord(segment[0]):02X}{segment[1:]}' for segment in segments)}"]
        encoded.append("/" + "".join(f"%{ord(letter):02x}" if letter != "/" else "/" for letter in path[1:]))
        for spelling in encoded:  # the same path to every layer: who may not read the one may not read the other
            assert ((await _raw(site, spelling, ""))[0], spelling) == (guest, spelling)
            assert ((await _raw(site, spelling, f"session={session}"))[0], spelling) == (account, spelling)
        doubled, cased = path.replace("/", "//"), "/".join(segment.capitalize() for segment in path.split("/"))
        twice = encoded[0].replace("%", "%25")
        for spelling in (
            f"/{path}",
            doubled,
            cased,
            path.upper(),
            twice,
            path.replace("/", "/%2f"),
            f"/static/..{path}",
        ):
            for sent in ("", f"session={session}"):
                assert ((await _raw(site, spelling, sent))[0], spelling) == (404, spelling)


async def test_an_encoded_address_of_a_code_is_counted_as_its_page_is(rooms: Rooms) -> None:
    coding = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "S09.0"}
    for path, status in (
        ("/%63odes/icd10cm/S09.0", 308),  # to the one spelling, which is counted
        ("/api/%761/%63odes/icd10cm/S090", 200),
        ("/%66hir/%43odeSystem/%24lookup", 200),
    ):
        async with httpx.AsyncClient(base_url=rooms.url) as guest:
            answer = await guest.get(path, params=coding if "hir" in path else {})
            assert (path, answer.status_code) == (path, status)
            assert ("Invented" in answer.text) is (status == 200)
            assert (path, (await guest.get("/api/v1/meter")).json()["used"]) == (path, 1 if status == 200 else 0)


async def test_a_changed_session_cookie_is_nobodys(site: SignInRooms) -> None:
    async with browser(site) as person:
        await register(person, EMAIL)
        secret = next(cookie.value or "" for cookie in person.cookies.jar if cookie.name == "session")
    changed = {
        secret[:place] + ("A" if secret[place] != "A" else "B") + secret[place + 1 :] for place in range(0, 42, 7)
    }
    async with await psycopg.AsyncConnection.connect(site.gateway_url) as connection:
        row = await (await connection.execute("SELECT id_hash, subject FROM session")).fetchone()
    assert row is not None
    changed |= {
        secret[:-1],
        secret + "A",
        secret.lower(),
        secret[::-1],
        "",
        "x" * 5000,
        row[0].hex(),
        row[1],
        f"{secret} ",
    }
    async with httpx.AsyncClient(base_url=site.url) as thief:
        for value in changed - {secret}:
            cookie = {"Cookie": f'session="{value}"' if value.endswith(" ") else f"session={value}"}
            answer = await thief.get("/account", headers=cookie)
            assert (value, answer.status_code) == (value, 303)
            thief.cookies.clear()
        assert (await thief.get("/account", headers={"Cookie": f"session={secret}"})).status_code == 200


def _spellings(path: str) -> list[str]:
    first = path[0]
    return [
        f"//{path}", f"///{path}", f"/{path}/", f"/{path}//", f"/./{path}", f"/x/../{path}", f"/static/../{path}",
        f"/static/%2e%2e/{path}", f"/static/..%2f{path}", f"/{path.replace('/', '//')}", f"/{path.replace('/', '%2f')}",
        f"/%2f{path}", f"/{path}%00", f"/{path}%20", f"/{path};x", f"/{path}%3fx", f"/{path}.css", f"/{path.upper()}",
        f"/realms/../{path}", f"/realms/codingahead/..%2f..%2f{path}", f"/codes/../{path}", f"/codes/%2e%2e/{path}",
        f"/sign-out/back-channel/../../{path}", f"/healthz/../{path}", f"/%{ord(first):02x}{path[1:]}%2f",
        f"http://{EVIL}/{path}", f"/\\{path}", f"/{path}#x", f"/static//{path}", f"/healthz/{path}",
    ]  # fmt: skip


async def _raw(site: SignInRooms, target: str, cookie: str) -> tuple[int, str]:
    """Send a target as it is written, which clients would tidy up; gives the status and the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    head = f"GET {target} HTTP/1.1\r\nHost: localhost:{site.port}\r\nConnection: close\r\n"
    writer.write(f"{head}{f'Cookie: {cookie}' if cookie else 'X-None: 1'}\r\n\r\n".encode("latin-1"))
    text = (await asyncio.wait_for(reader.read(), 10)).decode("utf-8", "replace")
    writer.close()
    return int(text.split(" ", 2)[1]), text
