"""Manners of the API: calls that are repeated, calls from pages of other sites, bursts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import httpx
import psycopg
import pytest

from gateway.api import meter
from gateway.api.endings import ending
from gateway.rights import READS_BY_POST
from tests.integration.gateway.rooms import Rooms

WANTED = {"name": "billing", "scopes": ["codes:read", "meter:read"]}
CODE = "/api/v1/codes/icd10cm/S090"
SITE = "https://app.example.org"
KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


async def post(client: httpx.AsyncClient, headers: dict[str, str], **changed: object) -> httpx.Response:
    """Ask for a key."""
    return await client.post("/api/v1/keys", json=WANTED | changed, headers=headers)


async def test_a_repeated_call_is_done_once_and_its_secret_is_not_shown_again(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("ada")) as client:
        first, again = await post(client, KEY), await post(client, KEY)
        kept = (await client.get("/api/v1/keys")).json()["keys"]
    assert (first.status_code, again.status_code, len(kept)) == (201, 201, 1)
    assert again.json() == first.json() | {"secret": None}
    assert again.headers["cache-control"] == "no-store"


async def test_a_refusal_is_repeated_as_well(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("ada")) as client:
        first, again = await post(client, KEY, days=0), await post(client, KEY, days=0)
    assert (first.status_code, again.status_code) == (422, 422)
    assert again.json() == first.json()
    assert again.headers["content-type"] == "application/problem+json"


async def test_a_wrong_idempotency_key_is_refused(rooms: Rooms) -> None:
    wrong: tuple[tuple[dict[str, str], int, str], ...] = (
        ({}, 400, "IDEMPOTENCY_KEY_MISSING"),
        ({"Idempotency-Key": '""'}, 400, "IDEMPOTENCY_KEY_INVALID"),
        ({"Idempotency-Key": "a" * 201}, 400, "IDEMPOTENCY_KEY_INVALID"),
        (KEY, 422, "IDEMPOTENCY_KEY_REUSED"),
    )
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("ada")) as client:
        await post(client, KEY)
        for headers, status, reason in wrong:
            refused = await post(client, headers, name="another")
            assert (headers, refused.status_code, refused.json()["reason"]) == (headers, status, reason)


async def test_ten_equal_calls_at_once_are_done_once(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("ada")) as client:
        answers = await asyncio.gather(*(post(client, KEY) for _ in range(10)))
        kept = (await client.get("/api/v1/keys")).json()["keys"]
    assert len(kept) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert sum(answer.status_code == 201 and answer.json()["secret"] is not None for answer in answers) == 1


async def test_a_call_under_way_holds_its_key_and_one_that_died_gives_it_back(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("ada")) as client:
        await post(client, KEY)
        async with await psycopg.AsyncConnection.connect(rooms.gateway_url, autocommit=True) as connection:
            await connection.execute("UPDATE idempotent_answer SET status = NULL")
            refused = await post(client, KEY)
            await connection.execute("UPDATE idempotent_answer SET begun_at = begun_at - interval '61 seconds'")
        taken_over = await post(client, KEY)
    assert (refused.status_code, refused.json()["reason"]) == (409, "IDEMPOTENCY_KEY_IN_FLIGHT")
    assert taken_over.status_code == 201


async def test_equal_keys_of_two_accounts_are_two_keys(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        answers = [await post(client, rooms.account(name) | KEY) for name in ("ada", "bob")]
    assert [answer.json()["secret"] is None for answer in answers] == [False, False]


async def test_an_answer_is_given_again_to_a_credential_of_the_same_rights_alone(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        first = await post(client, rooms.account("ada") | KEY)
        key = {"Authorization": f"Bearer {first.json()['secret']}"}
        by_the_key = await post(client, key | KEY)
        again = await post(client, rooms.account("ada") | KEY)
    assert (by_the_key.status_code, by_the_key.json()["reason"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert first.json()["key"]["id"] not in by_the_key.text
    assert (again.status_code, again.json()["key"]) == (201, first.json()["key"])


async def test_only_the_sites_of_a_key_may_use_it_in_a_browser(rooms: Rooms) -> None:
    asks = {"Origin": SITE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        before = await client.options(CODE, headers=asks)
        made = await post(client, rooms.account("ada") | rooms.once(), origins=[SITE])
        plain = await post(client, rooms.account("bob") | rooms.once())
        async with asyncio.timeout(5):
            preflight = before
            while preflight.status_code != 204:
                await asyncio.sleep(0.05)
                preflight = await client.options(CODE, headers=asks)
        foreign = await client.options(CODE, headers=asks | {"Origin": "https://other.example.org"})
        key = {"Authorization": f"Bearer {made.json()['secret']}"}
        own = await client.get(CODE, headers=key | {"Origin": SITE})
        other = await client.get(CODE, headers=key | {"Origin": "https://other.example.org"})
        closed = await client.get(CODE, headers={"Authorization": f"Bearer {plain.json()['secret']}", "Origin": SITE})
        guest = await client.get(CODE, headers={"Origin": SITE})
    allow = "access-control-allow-origin"
    assert preflight.headers[allow] == own.headers[allow] == SITE
    assert "RateLimit" in own.headers["access-control-expose-headers"]
    assert "authorization" in preflight.headers["access-control-allow-headers"].lower()
    for answer in (before, foreign, other, closed, guest):
        assert allow not in answer.headers
    assert not any("access-control-allow-credentials" in answer.headers for answer in (preflight, own))


@pytest.mark.parametrize("who", ["account", "partner"])
async def test_a_burst_is_refused_by_a_policy_of_its_own_and_costs_no_page_view(rooms: Rooms, who: str) -> None:
    await rooms.stop("gateway")
    await rooms.start_gateway(**{f"{who}_burst": 5, f"{who}_burst_per_second": 0.1})
    headers = rooms.account("ada") if who == "account" else rooms.partner("ada")
    async with httpx.AsyncClient(base_url=rooms.url, headers=headers) as client:
        answers = [await client.get("/api/v1/meter") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].json()["reason"] == "TOO_FAST"
    assert answers[-1].headers["RateLimit-Policy"] == '"burst";q=5;w=50'
    assert answers[-1].headers["RateLimit"].startswith('"burst";r=0;t=')
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_a_route_that_ends_says_so_on_every_answer_and_in_the_document(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ending(datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 7, 1, 12, tzinfo=UTC), "/api/docs#endings")
    ending_routes = [
        route for route in meter.router.routes if getattr(route, "path", "") == "/api/v1/licences/{licence}"
    ]
    for same in ending_routes:
        monkeypatch.setattr(same, "openapi_extra", options)
        monkeypatch.setattr(same, "deprecated", True)
    await rooms.stop("gateway")
    await rooms.start_gateway()
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        answers = [await client.get(f"/api/v1/licences/{name}") for name in ("ama-cpt", "none-such")]
        other = await client.get("/api/v1/meter")
        document = (await client.get("/api/openapi.json")).json()
    assert [answer.status_code for answer in answers] == [200, 404]
    for answer in answers:
        assert answer.headers["Deprecation"] == "@1798761600"
        assert answer.headers["Sunset"] == "Thu, 01 Jul 2027 12:00:00 GMT"
        assert answer.headers["Link"] == '</api/docs#endings>; rel="deprecation"; type="text/html"'
    assert "Deprecation" not in other.headers
    assert document["paths"]["/api/v1/licences/{licence}"]["get"]["deprecated"] is True


async def test_every_reading_call_names_its_answer_and_does_not_send_it_again(rooms: Rooms) -> None:
    places = {"{system}": "icd10cm", "{code}": "S090", "{licence}": "ama-cpt"}
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("ada")) as client:
        await client.put("/api/v1/notes/icd10cm/S090", json={"text": "mine"}, headers={"If-None-Match": "*"})
        document = (await client.get("/api/openapi.json")).json()
        tagged = []
        for path, operations in document["paths"].items():
            if "get" not in operations:
                continue
            assert "304" in operations["get"]["responses"], path
            address = path
            for name, value in places.items():
                address = address.replace(name, value)
            answer = await client.get(address)
            tag = answer.headers.get("etag", "")
            if answer.status_code != 200 or "no-store" in answer.headers.get("cache-control", ""):
                continue
            assert tag.removeprefix("W/").startswith('"'), path
            assert (await client.get(address)).headers["etag"] == tag, path
            for sent in (tag, f'"other", {tag}', "*", tag.removeprefix("W/")):
                again = await client.get(address, headers={"If-None-Match": sent})
                assert (path, sent, again.status_code, again.content) == (path, sent, 304, b"")
                assert again.headers["etag"].removeprefix("W/") == tag.removeprefix("W/")
            other = await client.get(address, headers={"If-None-Match": '"other"', "Accept-Encoding": "identity"})
            assert (path, other.status_code, len(other.content) > 0) == (path, 200, True)
            tagged.append(path)
        one, other = await client.get("/api/v1/codes"), await client.get("/api/v1/codes/icd10cm")
    assert one.headers["etag"] != other.headers["etag"], "other bytes, another tag"
    assert {"/api/v1/codes", "/api/v1/codes/{system}", "/api/v1/codes/{system}/{code}", "/api/v1/releases"} <= set(
        tagged
    )


async def test_every_creating_call_may_be_repeated_and_every_list_goes_page_by_page(rooms: Rooms) -> None:
    paged = set()
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("ada")) as client:
        document = (await client.get("/api/openapi.json")).json()
        for path, operations in document["paths"].items():
            if "post" in operations and f"POST {path}" not in READS_BY_POST:
                named = {parameter["name"] for parameter in operations["post"]["parameters"]}
                assert "idempotency-key" in named, path
            answer = operations.get("get", {}).get("responses", {}).get("200", {})
            reference = answer.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
            fields = document["components"]["schemas"].get(reference.rpartition("/")[2], {}).get("properties", {})
            if "next_cursor" in fields:
                named = {parameter["name"] for parameter in operations["get"]["parameters"]}
                assert {"limit", "cursor"} <= named, path
                paged.add(path.removeprefix("/api/v1"))
        for _ in range(5):
            made = await post(client, rooms.once())
            await client.delete(f"/api/v1/keys/{made.json()['key']['id']}")
        seen, cursor = [], ""
        for _ in range(3):
            page = (await client.get("/api/v1/keys", params={"limit": 2, "cursor": cursor})).json()
            seen += [key["id"] for key in page["keys"]]
            cursor = page["next_cursor"] or ""
        listed = [key["id"] for key in (await client.get("/api/v1/keys")).json()["keys"]]
        wrong = await client.get("/api/v1/keys", params={"cursor": "bm8"})
    long = {"/codes/{system}", "/favourites", "/notes", "/history", "/keys", "/operator/acts", "/releases"}
    assert long <= paged, "they may be long"
    assert (len(seen), seen, cursor) == (5, listed, "")
    assert (wrong.status_code, wrong.json()["reason"]) == (400, "CURSOR_MALFORMED")
