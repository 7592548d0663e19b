"""What changes at an account is told to its owner by mail, whoever did it and by whatever way."""

from __future__ import annotations

import asyncio
import email
import email.policy
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import psycopg
import pytest
from codingahead.metering.v1.metering_pb2 import TIER_PARTNER, TIER_PRO

from gateway.auth.known_places import Place, is_new
from shared.database import Database
from tests.integration.gateway.people import SignInRooms, browser, form_fields, own, register, sign_in, sign_in_rooms
from tests.integration.gateway.rooms import Rooms
from tests.integration.gateway.test_payments import SECRET, event, tell
from tests.polling import eventually

EMAIL = "ada@example.org"
KEY = {"name": "a program", "scopes": ["codes:read"]}


@pytest.fixture
async def site(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[SignInRooms]:
    """Everything, with sign-in."""
    with tempfile.TemporaryDirectory(prefix="no-") as folder:
        secret = Path(folder) / "webhook"
        secret.write_text(SECRET)
        async with sign_in_rooms(Path(folder), new_database, events_url, stripe_webhook_secret_file=secret) as rooms:
            yield rooms


async def test_keys_sign_ins_from_elsewhere_and_the_end_of_all_sessions_are_told(site: SignInRooms) -> None:
    async with browser(site) as desk, browser(site) as again, browser(site) as phone:
        await register(desk, EMAIL)
        await sign_in(again, EMAIL)
        phone.headers["User-Agent"] = "Safari on iPhone"
        await sign_in(phone, EMAIL)
        await phone.get("/sign-in")
        account = (await desk.get("/account/export")).json()
        assert {place["device"] for place in account["signed_in_with"]} == {"Firefox on Linux", "Safari on iPhone"}
        program = site.account(account["account"]["id"])  # a token that names no address
        async with httpx.AsyncClient(base_url=site.url) as caller:
            made = await caller.post("/api/v1/keys", json=KEY, headers=program | site.once())
            for _ in range(2):  # the second time nothing ends
                ended = await caller.delete(f"/api/v1/keys/{made.json()['key']['id']}", headers=program)
                assert ended.status_code == 204
        address, hidden = form_fields((await desk.get("/account")).text, "/sign-out/everywhere")
        await desk.post(address, data=hidden, headers=own(desk))
    told = await _mails(site, 4)
    assert Counter(mail["Subject"] for mail in told) == {
        f"{subject} | Coding Ahead": 1
        for subject in ("A new sign-in", "A new API key", "An API key was revoked", "Signed out everywhere")
    }
    assert {mail["To"] for mail in told} == {EMAIL}
    assert "Safari on iPhone" in told[0].get_content()
    assert made.json()["secret"] not in "".join(mail.get_content() for mail in told)


async def test_a_notice_is_written_down_with_the_change_and_outlasts_a_relay_that_is_away(site: SignInRooms) -> None:
    (site.folder / "mail").write_text("no folder")
    async with browser(site) as desk:
        await register(desk, EMAIL)
        address, hidden = form_fields((await desk.get("/account/keys")).text, "/account/keys")
        form = hidden | {"name": "billing", "scope": "codes:read", "days": "9"}
        assert "new-secret" in (await desk.post(address, data=form, headers=own(desk))).text
    with psycopg.connect(site.gateway_url) as connection:
        waiting = connection.execute("SELECT recipient, subject FROM mail_waiting").fetchall()
    assert waiting == [(EMAIL, "A new API key | Coding Ahead")]
    (site.folder / "mail").unlink()
    assert "billing" in (await _mails(site, 1))[0].get_content()


async def test_another_plan_is_told_whoever_set_it_and_pages_credited_are_not(site: SignInRooms) -> None:
    async with browser(site) as desk:
        await register(desk, EMAIL)
        account = (await desk.get("/account/export")).json()["account"]["id"]
        await site.set_plan(account, TIER_PRO)  # an operator
        subject = {"id": "sub_1", "status": "canceled", "metadata": {"account": account}}
        ended = event("evt_end", "customer.subscription.deleted", 2000, subject)
        for _ in range(2):
            told = await tell(site, ended)
            assert told.status_code == 200, told.text
        await site.credit(account, 3)
        await site.set_plan(account, TIER_PARTNER)
    plans = [mail.get_content().partition(".")[0] for mail in await _mails(site, 3)]
    assert plans == [f"Your account has the plan {plan} from now on" for plan in ("Pro", "Free account", "Partner")]


async def test_another_address_at_the_issuer_is_told_to_the_one_before(site: SignInRooms) -> None:
    async with browser(site) as desk, browser(site) as again, browser(site) as phone:
        for each in (desk, again):
            await (register if each is desk else sign_in)(each, EMAIL)
        with psycopg.connect(site.issuer.database_url) as issuer:
            issuer.execute("UPDATE account SET email = 'new@example.org' WHERE email = %s", (EMAIL,))
        await sign_in(phone, "new@example.org")

        async def readdressed() -> bool:
            return bool((await again.get("/account/export")).json()["account"]["email"] == "new@example.org")

        await eventually(readdressed, "the other session names the new address")
    told = await _mails(site, 1)
    assert [(mail["To"], mail["Subject"]) for mail in told] == [
        (EMAIL, "Your e-mail address has changed | Coding Ahead")
    ]


async def test_a_browser_or_a_network_that_was_not_used_for_long_is_new(rooms: Rooms) -> None:
    database = Database(rooms.gateway_url, max_size=1)
    await database.open()
    async with database.connection() as conn:

        async def new(device: str, network: str, account: str = "ada") -> bool:
            return await is_new(conn, account, Place(device, network))

        assert not await new("Firefox", "home"), "a new account has nothing to compare with"
        assert not await new("Firefox", "home")
        assert await new("Firefox", "office")
        assert await new("Safari", "home")
        assert not await new("Safari", "office"), "both are known"
        assert not await new("Chrome", "elsewhere", "bob")
        await conn.execute("UPDATE known_place SET last_at = last_at - interval '91 days' WHERE device = 'Firefox'")
        assert await new("Firefox", "office")
    await database.close()


async def _mails(site: SignInRooms, wanted: int) -> list[email.message.EmailMessage]:
    """The mails that went out, as soon as there are so many."""
    folder = site.folder / "mail"
    async with asyncio.timeout(20):
        while len(list(folder.glob("*.eml"))) < wanted:  # noqa: ASYNC110 - what is waited for is in a folder
            await asyncio.sleep(0.05)  # between two looks; the timeout ends the wait
    return [
        email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        for file in sorted(folder.glob("*.eml"))
    ]
