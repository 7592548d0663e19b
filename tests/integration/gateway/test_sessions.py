"""Sessions are renewed once for many requests, and end with time or where the issuer says so."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from gateway.auth import keeper
from gateway.auth.issuer import Issuer, Refused, Tokens
from gateway.auth.logout_token import EVENT
from tests.integration.gateway.people import SignInRooms, browser, own, register, sign_in, sign_in_rooms
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
    monkeypatch.setattr(keeper, "REMEMBERED_SECONDS", 0.3)
    async with browser(site) as person:
        await register(person, EMAIL)
        await change_sessions(site, "access_expires_at = clock_timestamp()")
        async with asyncio.timeout(20):
            while calls == 0:  # the memory ends first
                answers = await asyncio.gather(*(person.get("/account") for _ in range(50)))
                assert {answer.url.path for answer in answers} == {"/account"}
    assert calls == 1


async def test_a_refresh_token_that_somebody_else_has_used_ends_the_session_and_theirs(
    site: SignInRooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewals: list[tuple[Issuer, str, Tokens]] = []
    refresh = Issuer.refresh

    async def noted(issuer: Issuer, token: str) -> Tokens:
        renewals.append((issuer, token, await refresh(issuer, token)))
        return renewals[-1][2]

    monkeypatch.setattr(Issuer, "refresh", noted)
    monkeypatch.setattr(keeper, "REMEMBERED_SECONDS", 0.0)
    async with browser(site) as person:
        await register(person, EMAIL)
        for _ in range(2):
            await change_sessions(site, "access_expires_at = clock_timestamp()")
            assert "Ada Coder" in (await person.get("/")).text
        (issuer, first, given), (_, second, newest) = renewals
        assert (second, len({first, second, newest.refresh})) == (given.refresh, 3), "each serves once"
        with pytest.raises(Refused):  # a thief comes with one that has served
            await refresh(issuer, first)
        with pytest.raises(Refused):  # nobody knows who was the thief
            await refresh(issuer, newest.refresh)
        await change_sessions(site, "access_expires_at = clock_timestamp()")
        assert "Ada Coder" not in (await person.get("/")).text
        async with await psycopg.AsyncConnection.connect(site.gateway_url) as connection:
            assert await (await connection.execute("SELECT count(*) FROM session")).fetchone() == (0,)


async def test_a_session_ends_when_it_was_idle_for_too_long_or_after_its_longest_life(
    site: SignInRooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "REMEMBERED_SECONDS", 0.0)
    async with browser(site) as person:
        await register(person, EMAIL)
        for still in (
            "used_at = clock_timestamp() - interval '11 hours'",
            "created_at = clock_timestamp() - interval '29 days'",
        ):
            await change_sessions(site, still)
            assert (still, "Ada Coder" in (await person.get("/")).text) == (still, True)
        async with await psycopg.AsyncConnection.connect(site.gateway_url) as connection:
            row = await (
                await connection.execute("SELECT clock_timestamp() - used_at < interval '1 minute' FROM session")
            ).fetchone()
        assert row == (True,), "every use puts the end off"
        for over in (
            "used_at = clock_timestamp() - interval '13 hours'",
            "created_at = clock_timestamp() - interval '31 days'",
        ):
            await change_sessions(site, "used_at = clock_timestamp(), created_at = clock_timestamp()")
            assert "Ada Coder" in (await person.get("/")).text
            await change_sessions(site, over)
            assert (over, "Ada Coder" in (await person.get("/")).text) == (over, False)


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


@pytest.mark.parametrize("named", ["sid", "sub"])
async def test_a_logout_token_may_name_the_session_or_the_account_alone_and_serves_once(
    site: SignInRooms, named: str
) -> None:
    async with browser(site) as desk, browser(site) as phone, browser(site) as stranger, browser(site) as issuer:
        await register(stranger, "eve@example.org")
        await register(desk, EMAIL)
        async with await psycopg.AsyncConnection.connect(site.gateway_url) as connection:
            cursor = await connection.execute("SELECT issuer_session, subject FROM session ORDER BY created_at")
            (_, _), (sid, subject) = await cursor.fetchall()
        await sign_in(phone, EMAIL)
        token = _logout_token(site, **{named: sid if named == "sid" else subject})
        assert (await issuer.post("/sign-out/back-channel", data={"logout_token": token})).status_code == 200
        await until(desk, "/", lambda answer: "Ada Coder" not in answer.text)
        ended_too = "Ada Coder" not in (await phone.get("/")).text
        assert ended_too is (named == "sub")
        assert "Ada Coder" in (await stranger.get("/")).text
        assert "Ada Coder" in (await desk.get("/sign-in")).text, "at the issuer it is signed on still"
        again = await issuer.post("/sign-out/back-channel", data={"logout_token": token})
        assert (again.status_code, "served before" in again.json()["error_description"]) == (400, True)
        async with await psycopg.AsyncConnection.connect(site.gateway_url) as connection:
            cursor = await connection.execute("SELECT count(*) FROM session WHERE subject = %s", (subject,))
            assert await cursor.fetchone() == (1 if named == "sub" else 2,)


async def test_what_is_no_logout_token_ends_nothing(site: SignInRooms) -> None:
    async with browser(site) as person, browser(site) as issuer:
        await register(person, EMAIL)
        async with await psycopg.AsyncConnection.connect(site.gateway_url) as connection:
            row = await (await connection.execute("SELECT issuer_session, subject FROM session")).fetchone()
        assert row is not None
        forgeries: list[dict[str, object]] = [
            {"aud": "another-client"},
            {"iss": "https://evil.example"},
            {"exp": int(time.time()) - 600},
            {"iat": int(time.time()) - 3600},
            {"nonce": "n"},
            {"events": {}},
            {"typ": "ID"},
            {"jti": ""},
        ]
        for changed in forgeries:
            token = _logout_token(site, sid=row[0], **{"sub": row[1], **changed})
            answer = await issuer.post("/sign-out/back-channel", data={"logout_token": token})
            assert (changed, answer.status_code) == (changed, 400)
        foreign = _logout_token(site, ECKey.generate_key("P-256"), sid=row[0])
        assert (await issuer.post("/sign-out/back-channel", data={"logout_token": foreign})).status_code == 400
        async with await psycopg.AsyncConnection.connect(site.gateway_url) as connection:
            assert await (await connection.execute("SELECT count(*) FROM session")).fetchone() == (1,)


def _logout_token(site: SignInRooms, key: ECKey | None = None, **claims: object) -> str:
    """A logout token as the built-in issuer signs them, but for what is changed."""
    own = ECKey.import_key(json.loads(site.keys.issuer_private.read_text()))
    now = int(time.time())
    good = {
        "iss": site.issuer.issuer, "aud": "coding-ahead-web", "iat": now, "exp": now + 120, "jti": f"one-{now}",
        "events": {EVENT: {}}, "typ": "Logout",
    }  # fmt: skip
    typ = "JWT" if claims.get("typ") else "logout+jwt"
    return jwt.encode({"alg": "ES256", "typ": typ, "kid": str(own.kid)}, good | claims, key or own)
