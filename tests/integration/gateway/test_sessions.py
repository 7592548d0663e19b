"""Sessions are renewed once for many requests, and end with time or where the issuer says so."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg
import pytest

from gateway.auth.issuer import Issuer, Tokens
from tests.integration.gateway.people import SignInRooms, browser, own, register, sign_in_rooms
from tests.integration.gateway.rooms import until

EMAIL = "ada@example.org"


@pytest.fixture
async def site(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[SignInRooms]:
    """Everything, with sign-in."""
    with tempfile.TemporaryDirectory(prefix="se-") as folder:
        async with sign_in_rooms(Path(folder), new_database, events_url) as rooms:
            yield rooms


async def change_sessions(site: SignInRooms, change: str) -> None:
    """Change every session in the database, as time would."""
    connection = await psycopg.AsyncConnection.connect(site.gateway_url, autocommit=True)
    async with connection:
        await connection.execute(f"UPDATE session SET {change}")


async def test_fifty_requests_at_once_renew_a_session_by_one_call(
    site: SignInRooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0
    refresh = Issuer.refresh

    async def counted(issuer: Issuer, token: str) -> Tokens:
        nonlocal calls
        calls += 1
        return await refresh(issuer, token)

    monkeypatch.setattr(Issuer, "refresh", counted)
    async with browser(site) as person:
        await register(person, EMAIL)
        await change_sessions(site, "access_expires_at = clock_timestamp()")
        async with asyncio.timeout(20):
            while calls == 0:  # the memory of three seconds ends first
                answers = await asyncio.gather(*(person.get("/account") for _ in range(50)))
                assert {answer.url.path for answer in answers} == {"/account"}
    assert calls == 1


async def test_a_session_ends_when_it_was_idle_for_too_long(site: SignInRooms) -> None:
    async with browser(site) as person:
        await register(person, EMAIL)
        await change_sessions(site, "used_at = clock_timestamp() - interval '13 hours'")
        await until(person, "/", lambda answer: "Ada Coder" not in answer.text)


async def test_a_session_ends_after_its_longest_life_however_often_it_is_used(site: SignInRooms) -> None:
    async with browser(site) as person:
        await register(person, EMAIL)
        await change_sessions(site, "created_at = clock_timestamp() - interval '31 days'")
        await until(person, "/", lambda answer: "Ada Coder" not in answer.text)


async def test_a_logout_token_of_the_issuer_ends_the_session_and_forged_ones_do_not(site: SignInRooms) -> None:
    async with browser(site) as person, browser(site) as issuer:
        await register(person, EMAIL)
        forged = await issuer.post("/sign-out/back-channel", data={"logout_token": "a.b.c"})
        assert (forged.status_code, forged.json()["error"]) == (400, "invalid_request")
        assert forged.headers["cache-control"] == "no-store"
        assert "Ada Coder" in (await person.get("/")).text
        out = await person.get("/realms/codingahead/protocol/openid-connect/logout")
        action = out.text.split('action="')[1].split('"')[0]
        token = out.text.split('name="form_token" value="')[1].split('"')[0]
        ended = await person.post(action, data={"form_token": token, "confirmed": "yes"}, headers=own(person))
        assert ended.status_code == 200
        await until(person, "/", lambda answer: "Ada Coder" not in answer.text)
