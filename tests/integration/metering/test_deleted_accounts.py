"""A deleted account is forgotten: nothing names it any more, every count stays, and the books still agree."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from codingahead.gateway.v1.events_pb2 import AccountDeleted
from codingahead.metering.v1 import metering_pb2 as pb

from services.metering.events import ACCOUNT_DELETED
from shared.database import Database
from shared.events.event import Event
from shared.events.log import open_log
from shared.events.topics import load_topics
from shared.rpc.client import invoke
from tests.integration.metering.conftest import OPERATOR, Fleet, Metering, account, guest, new_id

TABLES = ("reader", "ledger", "page_grant", "counter", "licence_acceptance", "outbox", "answered_request")


async def deleted(fleet: Fleet, name: str) -> Event:
    """Tell of a deleted account."""
    event = Event.of(topic=ACCOUNT_DELETED, key=name, message=AccountDeleted(account_id=name), source="/gateway")
    await publish(fleet, event)
    return event


async def publish(fleet: Fleet, event: Event) -> None:
    """Put an event on the log."""
    log = open_log(fleet.settings().events_url)
    await log.start()
    await log.create_topics(load_topics())
    await log.publish([event])
    await log.drain(1)


async def named(database: Database, name: str) -> int:
    """The rows of all tables in which a name stands."""
    async with database.connection() as conn:
        query = " UNION ALL ".join(f"SELECT t::text AS row FROM {table} t" for table in TABLES)
        cursor = await conn.execute(f"SELECT count(*) AS n FROM ({query}) q WHERE position(%s in row) > 0", (name,))
        row = await cursor.fetchone()
    assert row is not None
    return int(row["n"])


async def until_forgotten(database: Database, name: str) -> None:
    """Wait until no row names somebody."""
    async with asyncio.timeout(20):
        while await named(database, name):  # noqa: ASYNC110 - a poll
            await asyncio.sleep(0.05)


async def lived(metering: Metering) -> None:
    """An account with a merged guest, pages, a plan, a licence and counted displays."""
    await metering.consume(guest("visitor"), "A000")
    await metering.merge("visitor", "leaver")
    await metering.consume(account("leaver"), "A001")
    await metering.credit("account:leaver", 2)
    await metering.set_plan("account:leaver", pb.TIER_PRO)
    await metering.accept(account("leaver"), "ama-cpt")
    counters = [pb.Counter(name="official-text:cpt", value=3), pb.Counter(name="lookup", value=4)]
    request = pb.CountRequest(request_id=new_id(), counters=counters)
    await invoke(metering.stub.Count, request, timeout=20, token=metering.token(account("leaver")))


async def totals(database: Database) -> tuple[object, ...]:
    """What the ledger counts, apart from names and from entries that say who was forgotten."""
    async with database.connection() as conn:
        cursor = await conn.execute(
            "SELECT count(*) AS n, sum(pages) AS pages, count(DISTINCT principal) AS readers FROM ledger"
            " WHERE kind <> 'forget'"
        )
        row = await cursor.fetchone()
    assert row is not None
    return tuple(row.values())


async def test_nothing_names_a_deleted_account_and_the_books_agree(fleet: Fleet, database: Database) -> None:
    metering = await fleet.start()
    await lived(metering)
    before = await totals(database)
    assert await named(database, "leaver") > 5
    event = await deleted(fleet, "leaver")
    await until_forgotten(database, "leaver")
    await publish(fleet, event)
    report = await metering.reconcile()
    assert list(report.discrepancies) == []
    assert await totals(database) == before
    async with database.connection() as conn:
        kept = await (await conn.execute("SELECT principal, name, value FROM counter")).fetchall()
        accepted = await (await conn.execute("SELECT principal FROM licence_acceptance")).fetchall()
    assert [(row["name"], row["value"]) for row in kept] == [("official-text:cpt", 3)]
    assert {row["principal"] for row in kept} == {row["principal"] for row in accepted}
    assert kept[0]["principal"].startswith("account:forgotten-")


async def test_an_operator_who_leaves_is_named_in_no_correction_of_others(fleet: Fleet, database: Database) -> None:
    metering = await fleet.start()
    await metering.credit("account:reader", 2)
    await metering.set_plan("account:reader", pb.TIER_PRO)
    assert await named(database, OPERATOR.name) == 2
    await deleted(fleet, OPERATOR.id)
    await until_forgotten(database, OPERATOR.name)
    async with database.connection() as conn:
        kept = await (await conn.execute("SELECT kind, pages, note, actor FROM ledger ORDER BY id")).fetchall()
    assert [(row["kind"], row["pages"], row["note"]) for row in kept] == [
        ("credit", 2, "a correction"),
        ("plan", 0, "a test"),
    ]
    assert len({row["actor"] for row in kept}) == 1, "one pseudonym for one operator"
    assert list((await metering.reconcile()).discrepancies) == []


async def test_a_forgotten_name_that_comes_again_begins_anew(fleet: Fleet, database: Database) -> None:
    metering = await fleet.start()
    await lived(metering)
    await deleted(fleet, "leaver")
    await until_forgotten(database, "leaver")
    usage = await metering.usage(account("leaver"))
    assert (usage.quota.tier, usage.quota.used, list(usage.grants)) == (pb.TIER_FREE, 0, [])
    await metering.consume(account("leaver"), "A002")
    assert list((await metering.reconcile()).discrepancies) == []


async def test_an_event_that_names_nobody_is_a_dead_letter_and_stops_nothing(fleet: Fleet, database: Database) -> None:
    metering = await fleet.start()
    await lived(metering)
    nameless = Event.of(topic=ACCOUNT_DELETED, key="x", message=AccountDeleted(), source="/gateway")
    await publish(fleet, nameless)
    await deleted(fleet, "leaver")
    await until_forgotten(database, "leaver")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger SET pages = pages + 1",
        "UPDATE ledger SET principal = 'account:somebody'",
        "UPDATE ledger SET note = 'another'",
        "UPDATE ledger SET principal = (SELECT pseudonym FROM forgotten_reader LIMIT 1) WHERE principal LIKE 'guest:%'",
        "DELETE FROM ledger",
        "TRUNCATE ledger",
    ],
)
async def test_the_ledger_lets_nothing_else_change(fleet: Fleet, database: Database, change: str) -> None:
    await lived(await fleet.start())
    await deleted(fleet, "leaver")
    await until_forgotten(database, "leaver")
    async with database.connection() as conn:
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            await conn.execute(change)
