"""API keys as an account and its programs meet them, on one gateway and on two."""

from __future__ import annotations

import asyncio
import time

import httpx
import psycopg
import pytest

import gateway.wiring
from tests.integration.gateway.rooms import Rooms
from tests.servers.ports import free_port

WANTED = {"name": "billing", "scopes": ["codes:read", "meter:read"]}
CODE = "/api/v1/codes/icd10cm/S090"


@pytest.fixture
async def client(rooms: Rooms) -> httpx.AsyncClient:
    """A program without a cookie."""
    return httpx.AsyncClient(base_url=rooms.url)


async def make(client: httpx.AsyncClient, rooms: Rooms, account: str = "ada", **changed: object) -> httpx.Response:
    """Ask for a key."""
    return await client.post("/api/v1/keys", json=WANTED | changed, headers=rooms.account(account) | rooms.once())


def bearer(answer: httpx.Response) -> dict[str, str]:
    """The header that shows the key of an answer."""
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['secret']}"}


async def test_a_key_reads_on_the_quota_of_its_owner(rooms: Rooms, client: httpx.AsyncClient) -> None:
    key = bearer(await make(client, rooms))
    answer = await client.get(CODE, headers=key)
    assert (answer.status_code, answer.json()["standing"]["tier"]) == (200, "free")
    assert answer.headers["RateLimit"].startswith('"pages";r=4')
    own = (await client.get("/api/v1/meter", headers=rooms.account("ada"))).json()
    assert own["used"] == (await client.get("/api/v1/meter", headers=key)).json()["used"] == 1


async def test_a_secret_is_shown_once_and_stored_nowhere(rooms: Rooms, client: httpx.AsyncClient) -> None:
    made = await make(client, rooms)
    secret = made.json()["secret"]
    assert made.headers["cache-control"] == "no-store"
    listed = await client.get("/api/v1/keys", headers=rooms.account("ada"))
    assert secret not in listed.text
    assert listed.json()["keys"][0]["beginning"] == secret[:12]
    async with await psycopg.AsyncConnection.connect(rooms.gateway_url) as connection:
        for table in ("api_key", "idempotent_answer"):
            rows = await (await connection.execute(f"SELECT t::text FROM {table} t")).fetchall()
            assert not any(secret in row[0] or secret.encode().hex() in row[0] for row in rows)


async def test_an_account_has_two_live_keys_even_when_five_are_asked_for_at_once(
    rooms: Rooms, client: httpx.AsyncClient
) -> None:
    answers = await asyncio.gather(*(make(client, rooms) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
    first = next(answer for answer in answers if answer.status_code == 201).json()["key"]["id"]
    assert (await make(client, rooms, "bob")).status_code == 201
    assert (await client.delete(f"/api/v1/keys/{first}", headers=rooms.account("ada"))).status_code == 204
    assert (await make(client, rooms)).status_code == 201


async def test_nobody_revokes_the_key_of_another(rooms: Rooms, client: httpx.AsyncClient) -> None:
    made = await make(client, rooms)
    address = f"/api/v1/keys/{made.json()['key']['id']}"
    assert (await client.delete(address, headers=rooms.account("eve"))).status_code == 404
    assert (await client.get(CODE, headers=bearer(made))).status_code == 200


async def test_a_key_makes_no_keys_and_is_no_person(rooms: Rooms, client: httpx.AsyncClient) -> None:
    key = bearer(await make(client, rooms))
    for answer in (
        await client.post("/api/v1/keys", json=WANTED, headers=key | rooms.once()),
        await client.get("/api/v1/keys", headers=key),
        await client.get("/editor/reports", headers=key),
    ):
        assert answer.status_code == 403


async def test_a_key_works_from_its_networks_only(rooms: Rooms, client: httpx.AsyncClient) -> None:
    elsewhere = bearer(await make(client, rooms, networks=["192.0.2.0/24"]))
    refused = await client.get(CODE, headers=elsewhere | {"X-Forwarded-For": "192.0.2.1"})
    assert (refused.status_code, refused.json()["reason"]) == (401, "API_KEY_INVALID")
    here = bearer(await make(client, rooms, networks=["127.0.0.0/8", "::1"]))
    assert (await client.get(CODE, headers=here)).status_code == 200


async def test_a_key_that_has_expired_is_refused(rooms: Rooms, client: httpx.AsyncClient) -> None:
    made = await make(client, rooms)
    async with await psycopg.AsyncConnection.connect(rooms.gateway_url) as connection:
        await connection.execute("UPDATE api_key SET expires_at = clock_timestamp()")
    refused = await client.get(CODE, headers=bearer(made))
    assert (refused.status_code, refused.json()["reason"]) == (401, "API_KEY_INVALID")
    assert "expired" in refused.json()["detail"]
    assert (await make(client, rooms)).status_code == 201  # an expired key takes no place


async def test_what_only_looks_like_a_key_is_refused_and_never_a_guest(client: httpx.AsyncClient) -> None:
    for secret in ("ca_live_", "ca_live_" + "a" * 32 + "_000000", "ca_live_" + "a" * 500):
        answer = await client.get(CODE, headers={"Authorization": f"Bearer {secret}"})
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/api-key-invalid")
        assert secret not in answer.text
        assert "set-cookie" not in answer.headers


async def test_its_last_use_is_written_to_the_minute(rooms: Rooms, client: httpx.AsyncClient) -> None:
    key = bearer(await make(client, rooms))
    await client.get(CODE, headers=key)
    async with asyncio.timeout(15):
        used = None
        while used is None:
            listed = await client.get("/api/v1/keys", headers=rooms.account("ada"))
            used = listed.json()["keys"][0]["last_used_at"]
            await asyncio.sleep(0.1)
    assert used.endswith(":00Z")


@pytest.mark.parametrize("heard", [True, False])
async def test_a_revoked_key_is_refused_within_five_seconds_by_another_gateway(
    rooms: Rooms,
    client: httpx.AsyncClient,
    heard: bool,
) -> None:
    made = await make(client, rooms)
    key = bearer(made)
    port = free_port()
    other = gateway.wiring.build(rooms.gateway_settings(port=port))
    await other.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}") as there:
            assert (await there.get(CODE, headers=key)).status_code == 200
            if heard:
                await client.delete(f"/api/v1/keys/{made.json()['key']['id']}", headers=rooms.account("ada"))
            else:  # nobody calls it out
                async with await psycopg.AsyncConnection.connect(rooms.gateway_url) as connection:
                    await connection.execute("UPDATE api_key SET revoked_at = clock_timestamp()")
            begun = time.monotonic()
            while (await there.get(CODE, headers=key)).status_code == 200:
                assert time.monotonic() - begun < 5
                await asyncio.sleep(0.05)
            assert (await there.get(CODE, headers=key)).status_code == 401
    finally:
        await other.drain(2)
