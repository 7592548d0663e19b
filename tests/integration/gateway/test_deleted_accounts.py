"""A reader takes its data along and deletes the account: then nothing in any database names it, and counts stay."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from codingahead.gateway.v1.events_pb2 import AccountDeleted
from codingahead.metering.v1 import metering_pb2 as pb
from psycopg import sql

from gateway.accounts import deleted
from gateway.accounts.deletion import Deletions
from gateway.accounts.issuer_accounts import Remaining
from gateway.calls import Calls
from gateway.library.library import open_library
from shared.database import Database
from shared.errors import Unavailable
from shared.events.event import Event
from shared.events.log import EventLog, open_log
from shared.identity import Kind, Principal
from shared.mail import WaitingMails
from shared.rpc.client import invoke
from tests.integration.gateway.people import (
    PASSWORD,
    SignInRooms,
    browser,
    form_fields,
    own,
    register,
    sign_in,
    sign_in_rooms,
)
from tests.integration.gateway.rooms import Rooms, until
from tests.integration.gateway.test_payments import SECRET, event, signed

EMAIL, NAME = "leaver@example.org", "Ada Coder"
CODE = "/codes/icd10cm/S09.0"
REPORT = {"system": "icd10cm", "code": "S09.0", "text": "The note of this invented code is wrong.", "email": EMAIL}
SERVICE = Principal(Kind.SERVICE, "gateway", frozenset({"service"}))


@pytest.fixture
async def site(
    new_database: Callable[[str], str], events_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SignInRooms]:
    """Everything, with sign-in, plans to buy and signed events of payments; deletions settle soon."""
    monkeypatch.setattr(deleted, "SETTLED_SECONDS", 1.0)
    monkeypatch.setattr(deleted, "LOOK_SECONDS", 0.2)
    with tempfile.TemporaryDirectory(prefix="de-") as name:
        secret = Path(name) / "webhook"
        secret.write_text(SECRET)
        async with sign_in_rooms(
            Path(name), new_database, events_url, local_checkout=True, stripe_webhook_secret_file=secret
        ) as rooms:
            yield rooms


class Person:
    """Somebody with an account that was lived in."""

    def __init__(self, site: SignInRooms, page: httpx.AsyncClient) -> None:
        self.site, self.page = site, page
        self.id = self.key = ""

    async def lives(self) -> None:
        """Read, report, pay, make a key and be credited."""
        await self.page.get(CODE)
        await self.page.post("/report-error", data=REPORT, headers=own(self.page))
        await register(self.page, EMAIL)
        await self.page.get("/codes/icd10cm/S90")
        await self._send("/report-error?system=icd10cm&code=S09.0", "/report-error", REPORT)
        await self._send("/licences/ama-cpt", "/licences/ama-cpt", {})
        made = await self._send(
            "/account/keys", "/account/keys", {"name": "a program", "scope": "codes:read", "days": "9"}
        )
        self.key = made.text.split('id="new-secret" class="secret">')[1].split("<")[0]
        self.id = (await self.page.get("/account/export")).json()["account"]["id"]
        subject = {"id": "sub_leaver", "status": "active", "metadata": {"account": self.id}}
        await self._told(event("evt_1", "customer.subscription.updated", 1000, subject))
        operator = {"Authorization": f"Bearer {self.site.keys.access_token('ops', ('operator',), self.site.url)}"}
        plan = {"principal": f"account:{self.id}", "plan": "free", "reason": "a test"}
        async with httpx.AsyncClient(base_url=self.site.url, headers=operator) as operators:
            done = await operators.post("/api/v1/operator/plans", json=plan, headers=self.site.once())
            assert done.status_code == 200
        async with httpx.AsyncClient(base_url=self.site.url, headers=self.token()) as program:
            terms = {"terms_edition": "1"}
            again = await program.post("/api/v1/licences/ama-cpt/acceptance", json=terms, headers=self.site.once())
            assert again.status_code == 200
            note = {"text": f"{NAME} reads this"}
            kept = await program.put("/api/v1/notes/icd10cm/S09.0", json=note, headers={"If-None-Match": "*"})
            assert kept.is_success
        await self.page.get("/search", params={"q": EMAIL})

    def token(self) -> dict[str, str]:
        """The header of an access token that holds for an hour."""
        return self.site.account(self.id)

    async def deletes(self, typed: str = EMAIL) -> httpx.Response:
        """Fill in the form of the deletion."""
        return await self._send("/account/deletion", "/account/deletion", {"confirmation": typed})

    async def later_event(self, identity: str) -> str:
        """What becomes of an event of the payment provider that comes afterwards."""
        subject = {"id": "sub_other", "status": "active", "metadata": {"account": self.id}}
        return await self._told(event(identity, "customer.subscription.updated", 3000, subject))

    async def _told(self, body: bytes) -> str:
        async with httpx.AsyncClient(base_url=self.site.url) as provider:
            answer = await provider.post("/webhooks/stripe", content=body, headers=signed(body, SECRET))
        return str(answer.json()["outcome"])

    async def _send(self, page: str, action: str, fields: dict[str, str]) -> httpx.Response:
        address, hidden = form_fields((await self.page.get(page)).text, action)
        return await self.page.post(address, data=hidden | fields, headers=own(self.page))


@asynccontextmanager
async def lived(site: SignInRooms) -> AsyncIterator[Person]:
    """Somebody whose browser is open."""
    async with browser(site) as page:
        person = Person(site, page)
        await person.lives()
        yield person


def dump(url: str, *, leave_out: tuple[str, ...] = ()) -> list[str]:
    """Every row of every table, as text."""
    rows: list[str] = []
    with psycopg.connect(url.replace("postgres://", "postgresql://", 1)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            if table not in leave_out:
                query = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))
                rows += [f"{table}: {row[0]}" for row in connection.execute(query)]
    return rows


def naming(site: SignInRooms, *words: str) -> list[str]:
    """The rows of all databases of the platform, but for the event log, in which one of the words stands."""
    urls = (site.catalog_url, site.metering_url, site.gateway_url, site.issuer.database_url)
    wanted = [form for word in words for form in (word.lower(), word.encode().hex())]
    return [row for url in urls for row in dump(url) if any(form in row.lower() for form in wanted)]


async def until_nothing_names(site: SignInRooms, *words: str) -> None:
    """Wait until nothing names somebody; fails with what still does."""
    left: list[str] = []
    for _ in range(300):
        left = await asyncio.to_thread(naming, site, *words)
        if not left:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"still there: {left}")


async def test_an_export_holds_what_every_part_keeps(site: SignInRooms) -> None:
    async with lived(site) as person:
        answer = await person.page.get("/account/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="coding-ahead-account.json"'
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/json", "no-store")
    document: dict[str, Any] = answer.json()
    assert document["account"] == {
        "id": person.id, "issuer": site.issuer.issuer, "name": NAME, "email": EMAIL, "roles": [],
    }  # fmt: skip
    assert document["plan"]["tier"] == "free"
    assert sum(document["pages_by_day"].values()) == 2
    assert [page["content"]["code"] for page in document["pages_read_in_this_window"]] == ["S90", "S090"]
    assert [entry["kind"] for entry in document["ledger"]] == ["carry", "grant", "plan", "plan"]
    assert [one["licence"] for one in document["licences_accepted"]] == ["ama-cpt"]
    assert [(report["text"], report["email"]) for report in document["error_reports"]] == [(REPORT["text"], EMAIL)]
    assert [(key["name"], key["beginning"]) for key in document["api_keys"]] == [("a program", person.key[:12])]
    assert [session["device"] for session in document["sessions"]] == ["Firefox on Linux"]
    assert [(one["id"], [e["id"] for e in one["events"]]) for one in document["subscriptions"]] == [
        ("sub_leaver", ["evt_1"])
    ]
    assert [(act["act"], act["reason"]) for act in document["acts_of_operators"]] == [("set the plan free", "a test")]
    assert [call["status"] for call in document["repeatable_calls"]] == [200]
    library = document["library"]
    assert [note["text"] for note in library["notes"]] == [f"{NAME} reads this"]
    assert [look_up["words"] for look_up in library["history"]["look_ups"]] == [EMAIL]
    assert person.key not in answer.text
    assert "ops" not in json.dumps(document["acts_of_operators"])


async def test_an_export_is_whole_or_not_at_all(site: SignInRooms) -> None:
    async with lived(site) as person:
        await site.stop("catalog")
        assert (await person.page.get("/account/export")).status_code == 503
        await site.start_catalog()
        await until(person.page, "/account/export", lambda answer: answer.status_code == 200)


async def test_what_somebody_is_and_did_is_nowhere_after_the_deletion_and_the_books_agree(site: SignInRooms) -> None:
    async with lived(site) as person, browser(site) as elsewhere:
        await sign_in(elsewhere, EMAIL)
        ledger_before = await ledger(site)
        assert len(await asyncio.to_thread(naming, site, EMAIL)) >= 3
        farewell = await person.deletes()
        assert (farewell.status_code, farewell.url.path) == (200, "/account/deleted")
        assert "session" not in person.page.cookies
        assert (await person.page.get("/account", follow_redirects=False)).status_code == 303
        await until(elsewhere, "/", lambda answer: NAME not in answer.text)
        async with httpx.AsyncClient(base_url=site.url) as program:
            for headers, reason in (
                ({"Authorization": f"Bearer {person.key}"}, "API_KEY_INVALID"),
                (person.token(), "ACCOUNT_DELETED"),
            ):
                refused = await program.get("/api/v1/meter", headers=headers)
                assert (refused.status_code, refused.json()["reason"]) == (401, reason)
        await until_nothing_names(site, EMAIL, NAME, person.id)
        assert await person.later_event("evt_late") == "account deleted"
        assert await asyncio.to_thread(naming, site, person.id) == []
        address, hidden = form_fields((await elsewhere.get("/sign-in")).text)
        form = hidden | {"email": EMAIL, "password": PASSWORD}
        assert (await elsewhere.post(address, data=form, headers=own(elsewhere))).status_code == 401
    assert await ledger(site) == ledger_before
    differences = await site.metering_call(
        lambda stub, token: invoke(stub.Reconcile, pb.ReconcileRequest(), timeout=20, token=token), SERVICE
    )
    assert list(differences.discrepancies) == []
    log = await asyncio.to_thread(dump, site.events_url)
    assert not any(word in row.lower() for row in log for word in (EMAIL, EMAIL.encode().hex(), NAME.lower()))
    mails = [file.read_text() for file in sorted((site.folder / "mail").glob("*.eml"))]
    assert sum("Your account was deleted" in mail for mail in mails) == 1


async def test_the_event_may_come_again_and_changes_nothing(site: SignInRooms) -> None:
    async with lived(site) as person:
        await person.deletes()
        await until_nothing_names(site, EMAIL, person.id)
        before = await asyncio.to_thread(everything, site)
        message = AccountDeleted(account_id=person.id)
        log = open_log(site.events_url)
        await log.start()
        again = Event.of(topic=deleted.TOPIC, key=person.id, message=message, source="/gateway")
        await log.publish([again])
        async with asyncio.timeout(20):
            while await behind(log):  # noqa: ASYNC110 - what is waited for is in other processes' hands
                await asyncio.sleep(0.05)  # between two looks
        await log.drain(1)
        assert await asyncio.to_thread(everything, site) == before


async def test_nothing_is_deleted_unless_the_address_is_typed(site: SignInRooms) -> None:
    async with browser(site) as page:
        await register(page, EMAIL)
        person = Person(site, page)
        for typed in ("", "Leaver", "leaver@example.com", EMAIL + "x", "*"):
            refused = await person.deletes(typed)
            assert (typed, refused.status_code, "nothing was deleted" in refused.text) == (typed, 400, True)
        bare = await page.post("/account/deletion", data={"confirmation": EMAIL}, headers=own(page))
        assert bare.status_code == 403, "a form without the token of the session"
        assert (await page.get("/account")).url.path == "/account"
        assert (await person.deletes(f" {EMAIL.upper()} ")).url.path == "/account/deleted"


async def test_while_catalog_is_away_nothing_is_deleted_by_half(site: SignInRooms) -> None:
    async with browser(site) as page:
        await register(page, EMAIL)
        await site.stop("catalog")
        assert (await Person(site, page).deletes()).status_code == 503
        assert (await page.get("/account")).url.path == "/account"


async def test_what_an_issuer_or_a_provider_does_not_do_now_is_done_later_and_only_then_forgotten(rooms: Rooms) -> None:
    told: list[str] = []
    away = True

    class Issuer(Remaining):
        async def remove(self, account: str) -> None:
            if away:
                raise Unavailable("ISSUER_AWAY", "not now")
            told.append(account)

    async def end(subscription: str) -> None:
        told.append(subscription)

    database = Database(rooms.gateway_url)
    await database.open()
    deletions = Deletions(
        database,
        WaitingMails(database, None, "test"),
        deleted.DeletedAccounts(database),
        issuer=Issuer(),
        end_subscription=end,
        library=open_library(database, Calls(rooms.gateway_url)),
    )
    gone = Event.of(topic=deleted.TOPIC, key="a", message=AccountDeleted(account_id="a"), source="/gateway")
    async with database.connection() as conn:
        await conn.execute(
            "INSERT INTO subscription (id, account, paid, ended, as_of)"
            " VALUES ('live', 'a', true, false, now()), ('over', 'a', false, true, now())"
        )
    with pytest.raises(Unavailable):
        async with database.transaction() as conn:
            await deletions.hear(conn, gone)
    async with database.connection() as conn:
        cursor = await conn.execute("SELECT count(*) AS n FROM subscription WHERE account = 'a'")
        assert (await cursor.fetchone() or {})["n"] == 2, "what is to be told still knows whom"
    away = False
    for _ in range(2):
        async with database.transaction() as conn:
            await deletions.hear(conn, gone)
    assert told == ["live", "live", "a", "a"], "the second event finds no subscription of the account"
    await database.close()


async def test_the_books_let_a_name_become_a_pseudonym_and_nothing_else(rooms: Rooms) -> None:
    async with await psycopg.AsyncConnection.connect(rooms.gateway_url, autocommit=True) as conn:
        await conn.execute("INSERT INTO forgotten_account (pseudonym) VALUES ('forgotten-x')")
        await conn.execute(
            "INSERT INTO payment_event (id, kind, created_at, subscription, account, outcome)"
            " VALUES ('e', 'k', now(), 's', 'payer', 'noted')"
        )
        await conn.execute(
            "INSERT INTO operator_act (operator, act, whom, reason, request_id, before)"
            " VALUES ('account:ops', 'x', 'account:payer', 'y', 'z', '{}')"
        )
        for change in (
            "UPDATE payment_event SET account = 'somebody'",
            "UPDATE payment_event SET outcome = 'paid'",
            "UPDATE payment_event SET account = (SELECT pseudonym FROM forgotten_account)",
            "UPDATE operator_act SET whom = 'account:somebody'",
            "UPDATE operator_act SET whom = 'account:' || (SELECT pseudonym FROM forgotten_account)",
            "DELETE FROM payment_event",
        ):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                await conn.execute(change)


async def behind(log: EventLog) -> int:
    """Events that somebody who honours deletions has not handled yet."""
    lags = [await log.lag(group) for group in GROUPS]
    return sum(lag.records for group in lags for lag in group)


GROUPS = ("metering", "catalog", "gateway", "identity")


def everything(site: SignInRooms) -> list[str]:
    """Every row of the platform's databases, but for what is counted up by the running of time."""
    moving = ("consumed_events", "outbox", "half_sign_in", "deleted_account", "forgotten_account", "answering_process")
    urls = (site.catalog_url, site.metering_url, site.gateway_url, site.issuer.database_url)
    return sorted(row for url in urls for row in dump(url, leave_out=moving))


async def ledger(site: SignInRooms) -> list[tuple[object, ...]]:
    """What the ledger counts, without names and without the entries that say who was forgotten."""
    async with await psycopg.AsyncConnection.connect(site.metering_url) as connection:
        cursor = await connection.execute(
            "SELECT id, kind, at, pages, system, code, tier, used_after FROM ledger WHERE kind <> 'forget' ORDER BY id"
        )
        return list(await cursor.fetchall())
