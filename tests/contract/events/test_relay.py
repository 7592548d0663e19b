"""From a service's outbox to its neighbours, whichever log stands between."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from shared.database import Database
from shared.events import outbox
from shared.events.consumers import CacheConsumer, EffectConsumer
from shared.events.event import Event
from shared.events.log import EventLog
from shared.events.relay import Relay
from tests.contract.events.conftest import (
    QUICK,
    Faulty,
    Names,
    effects,
    hears,
    new_log,
    opened,
    write_effect,
)
from tests.polling import eventually


async def waiting_rows(database: Database) -> int:
    async with database.connection() as conn:
        row = await (await conn.execute("SELECT count(*) AS n FROM outbox WHERE published_at IS NULL")).fetchone()
    assert row
    return int(row["n"])


async def emptied(database: Database) -> bool:
    return await waiting_rows(database) == 0


async def add(database: Database, *events: Event) -> None:
    async with database.transaction() as conn:
        await outbox.add(conn, *events)


async def _add_and_fail(database: Database, event: Event) -> None:
    async with database.transaction() as conn:
        await outbox.add(conn, event)
        raise RuntimeError


async def published(log: EventLog, names: Names) -> list[str]:
    return [record.payload.decode() async for record in log.read(names.topic)]


async def test_what_a_transaction_added_is_published_in_order_and_what_it_rolled_back_is_not(
    log: EventLog, database: Database, names: Names
) -> None:
    relay = Relay(database, log, "things", backoff=QUICK)
    await relay.start()
    await add(database, *(names.event("a", str(number)) for number in range(20)))
    with pytest.raises(RuntimeError):
        await _add_and_fail(database, names.event("a", "rolled back"))
    await add(database, names.event("a", "last"))
    await eventually(lambda: emptied(database), "every row is published")
    await relay.drain(5)
    assert await published(log, names) == [*map(str, range(20)), "last"]


async def test_one_relay_is_active_and_another_takes_over_when_its_session_is_cut(
    log: EventLog, database: Database, names: Names
) -> None:
    relays = [Relay(database, log, "things", backoff=QUICK) for _ in range(3)]
    for relay in relays:
        await relay.start()
    sent: list[str] = []
    for turn in range(4):
        batch = [names.event("a", f"{turn}-{number}") for number in range(10)]
        sent += [event.payload.decode() for event in batch]
        await add(database, *batch)
        await eventually(lambda: emptied(database), f"round {turn} is published")
        async with database.connection() as conn:
            cut = await (
                await conn.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted "
                    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            ).fetchall()
        assert len(cut) == 1
    await add(database, names.event("a", "last"))
    await eventually(lambda: emptied(database), "the last row is published")
    for relay in relays:
        await relay.drain(5)
    assert await published(log, names) == [*sent, "last"]


async def test_a_draining_relay_publishes_what_is_left(log: EventLog, database: Database, names: Names) -> None:
    relay = Relay(database, log, "things", backoff=QUICK)
    await relay.start()
    await add(database, names.event("a", "0"))
    await eventually(lambda: emptied(database), "the relay works")
    await add(database, *(names.event("a", str(number)) for number in range(1, 1500)))
    await relay.drain(20)
    assert await waiting_rows(database) == 0
    assert await published(log, names) == [str(number) for number in range(1500)]


async def test_the_log_killed_and_started_under_load_loses_nothing_and_doubles_no_effect(
    faulty: Faulty, database: Database, names: Names
) -> None:
    """Kill -9 of the real server while a service writes, publishes, consumes and caches."""
    calls: list[str] = []

    async def handle(event: Event) -> None:
        calls.append(event.payload.decode())

    async def reset() -> None:
        calls.append("reset")

    async with opened(faulty.url()) as log, opened(faulty.url()) as reading:
        await log.create_topics(names.topics())
        relay = Relay(database, log, "things", backoff=QUICK)
        watching = EffectConsumer(
            reading, database, group=names.group, topics=[names.topic], handle=write_effect, backoff=QUICK
        )
        cache = CacheConsumer(reading, topics=[names.topic], handle=handle, reset=reset, backoff=QUICK)
        for part in (relay, watching, cache):
            await part.start()
        await eventually(partial(hears, cache), "the cache hears", 30)
        sent: list[Event] = []
        stop = asyncio.Event()

        async def load() -> None:
            while not stop.is_set():
                batch = [names.event(f"key-{number}", f"{len(sent) + number}") for number in range(5)]
                await add(database, *batch)
                sent.extend(batch)
                await asyncio.sleep(0.02)

        loading = asyncio.create_task(load())
        await eventually(lambda: _some(database, 20), "effects before the kill")
        await asyncio.to_thread(faulty.kill)
        before = len(sent)
        await eventually(lambda: len(sent) > before + 100, "writing goes on while the log is away")
        await asyncio.to_thread(faulty.start)
        written = len(sent)
        await eventually(lambda: _some(database, written), "effects of what was written meanwhile", 120)
        stop.set()
        await loading
        await eventually(lambda: _some(database, len(sent)), "every effect", 120)
        await eventually(lambda: emptied(database), "every row is marked", 120)
        for part in (cache, watching, relay):
            await part.drain(10)
        done = await effects(database)
        assert sorted(payload for _, _, payload in done) == sorted(event.payload.decode() for event in sent)
        for key in {event.key for event in sent}:
            expected = [event.payload.decode() for event in sent if event.key == key]
            assert [payload for _, k, payload in done if k == key] == expected
        assert calls[0] == "reset"
        rebuilt = list(dict.fromkeys([record.payload.decode() async for record in log.read(names.topic)]))
        assert sorted(rebuilt) == sorted(event.payload.decode() for event in sent)


async def _some(database: Database, count: int) -> bool:
    return len(await effects(database)) >= count


async def test_a_cache_is_emptied_after_the_log_was_away(faulty: Faulty, names: Names) -> None:
    calls: list[str] = []

    async def handle(event: Event) -> None:
        calls.append(event.payload.decode())

    async def reset() -> None:
        calls.append("reset")

    log = new_log(faulty.url())
    await log.start()
    await log.create_topics(names.topics())
    cache = CacheConsumer(log, topics=[names.topic], handle=handle, reset=reset, backoff=QUICK)
    await cache.start()
    await eventually(partial(hears, cache), "the cache hears", 30)
    await asyncio.to_thread(faulty.kill)
    await eventually(lambda: not hears(cache), "the cache knows that it hears nothing")
    await asyncio.to_thread(faulty.start)
    await eventually(partial(hears, cache), "the cache hears", 60)
    await log.publish([names.event("a", "x")])
    await eventually(lambda: "x" in calls, "the event after the outage")
    await cache.drain(1)
    await log.drain(1)
    assert calls == ["reset", "reset", "x"]
