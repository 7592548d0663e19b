"""Addresses of code pages: one canonical spelling each, a sentence for what does not exist, and reading alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from tests.integration.gateway.rooms import running_rooms

CANONICAL = "/codes/icd10cm/S09.0"


@pytest.fixture
async def site(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running platform, which follows no redirect and keeps no cookie."""
    async with running_rooms(new_database, events_url) as rooms, httpx.AsyncClient(base_url=rooms.url) as client:
        yield client


async def test_every_other_spelling_leads_to_the_one_address(site: httpx.AsyncClient) -> None:
    for path in ("s090", "S090", "s09.0", "S09.0/", "S09%2E0", "%5309.0"):
        answer = await site.get(f"/codes/icd10cm/{path}")
        assert (path, answer.status_code, answer.headers["location"]) == (path, 308, CANONICAL)
    answer = await site.get("/codes/ICD10CM/S09.0")
    assert (answer.status_code, answer.headers["location"]) == (308, CANONICAL)
    assert (await site.get(CANONICAL)).status_code == 200


async def test_the_api_answers_every_spelling_and_names_the_canonical_one(site: httpx.AsyncClient) -> None:
    for path in ("s090", "S090", "S09.0", "S09%2E0"):
        answer = await site.get(f"/api/v1/codes/icd10cm/{path}")
        assert answer.status_code == 200
        assert answer.json()["display_code"] == "S09.0"
        assert answer.json()["canonical_url"].endswith(CANONICAL)


async def test_an_unknown_code_names_the_nearest_in_page_and_api(site: httpx.AsyncClient) -> None:
    page = await site.get("/codes/icd10cm/S09.9")
    problem = await site.get("/api/v1/codes/icd10cm/S09.9")
    assert (page.status_code, problem.status_code) == (404, 404)
    assert CANONICAL in page.text
    assert problem.headers["content-type"] == "application/problem+json"
    assert "S09.0" in [near["display"] for near in problem.json()["near"]]


async def test_what_is_no_code_gets_a_sentence(site: httpx.AsyncClient) -> None:
    long = "icd10cm/" + "9" * 300
    for path in ("/x", "icd10cm/S09.0/x", "icd10cm/a%2Fb", "icd10cm/%00", long, "nosuch/1", "cpt/é"):
        answer = await site.get(f"/codes/{path}")
        assert (path, answer.status_code in (400, 404)) == (path, True)
        assert "Traceback" not in answer.text
        assert "<h1>" in answer.text


async def test_a_code_page_is_read_and_nothing_else(site: httpx.AsyncClient) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = await site.request(method, CANONICAL)
        site.cookies.clear()
        assert (method, answer.status_code, answer.headers["allow"]) == (method, 405, "GET, HEAD")
        assert "Invented scratch" not in answer.text


async def test_a_forged_cookie_is_a_new_guest_with_a_new_cookie_everywhere(site: httpx.AsyncClient) -> None:
    for path in (CANONICAL, "/browse", "/", "/api/v1/meter", "/codes/icd10cm/NOPE", "/api/v1/nothing"):
        answer = await site.get(path, headers={"Cookie": "guest=1.forged.AAAA"})
        site.cookies.clear()
        assert answer.status_code < 500
        assert answer.headers["set-cookie"].startswith("guest=1."), path


async def test_an_invalid_credential_is_401_and_no_guest(site: httpx.AsyncClient) -> None:
    for path in (CANONICAL, "/browse", "/api/v1/meter", "/api/v1/codes/icd10cm/S090"):
        answer = await site.get(path, headers={"Authorization": "Bearer a.b.c"})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert "set-cookie" not in answer.headers


async def test_two_credentials_are_401_even_when_each_of_them_is_good(
    new_database: Callable[[str], str], events_url: str
) -> None:
    async with running_rooms(new_database, events_url) as rooms, httpx.AsyncClient(base_url=rooms.url) as program:
        anna, ben = rooms.account("anna")["Authorization"], rooms.account("ben")["Authorization"]
        for path in (CANONICAL, "/browse", "/api/v1/meter", "/fhir/metadata"):
            for both in ((anna, ben), (ben, anna), (anna, "Basic eA==")):
                answer = await program.get(path, headers=[("Authorization", one) for one in both])
                assert (path, both, answer.status_code) == (path, both, 401)
                assert "set-cookie" not in answer.headers
            assert (await program.get(path, headers={"Authorization": anna})).status_code == 200


async def test_a_failure_nobody_foresaw_is_a_sentence_with_the_request_and_no_trace(
    site: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("an inner secret")

    monkeypatch.setattr("gateway.catalog.Catalog.systems", broken)
    monkeypatch.setattr("gateway.reading.ReadingRoom.read", broken)
    for path in ("/browse", "/api/v1/codes", CANONICAL):
        answer = await site.get(path)
        assert (path, answer.status_code) == (path, 500)
        assert answer.headers["x-request-id"] in answer.text
        assert "content-security-policy" in answer.headers
        assert "secret" not in answer.text
