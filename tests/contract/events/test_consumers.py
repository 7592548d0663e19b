"""What a service may rely on when it consumes events, whichever log stands behind."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial

import pytest

from shared.database import Connection, Database
from shared.errors import FailedPrecondition, InvalidInput
from shared.events.consumers import CacheConsumer, EffectConsumer, EffectHandler, PermanentFailure
from shared.events.dead_letters import DeadLetterOffice
from shared.events.event import Event
from shared.events.log import EventLog
from shared.events.topics import dead_letter_topic
from tests.contract.events.conftest import QUICK, Names, effects, hears, opened, write_effect
from tests.polling import eventually


def consumer(log: EventLog, database: Database, names: Names, handle: EffectHandler = write_effect) -> EffectConsumer:
    return EffectConsumer(
        log,
        database,
        group=names.group,
        topics=[names.topic],
        handle=handle,
        backoff=QUICK,
    )


async def payloads(database: Database) -> list[str]:
    return [payload for _, _, payload in await effects(database)]


async def lag(log: EventLog, names: Names) -> int:
    return sum(row.records for row in await log.lag(names.group))


async def test_a_second_delivery_of_an_event_has_no_second_effect(
    log: EventLog, database: Database, names: Names
) -> None:
    once, last = names.event("a", "once"), names.event("a", "last")
    await log.publish([once, once])
    await log.publish([once, last])
    watching = consumer(log, database, names)
    await watching.start()
    await eventually(lambda: _has(database, "last"), "the last event")
    await watching.drain(5)
    assert await payloads(database) == ["once", "last"]


async def _has(database: Database, payload: str) -> bool:
    return payload in await payloads(database)


async def test_an_effect_that_fails_leaves_no_trace_of_the_event(
    log: EventLog, database: Database, names: Names
) -> None:
    async def half(conn: Connection, event: Event) -> None:
        await write_effect(conn, event)
        raise PermanentFailure("changed its mind")

    await log.publish([names.event("a", "half")])
    watching = consumer(log, database, names, half)
    await watching.start()
    await eventually(lambda: _letters(log, names, 1), "the dead letter")
    await watching.drain(5)
    assert await payloads(database) == []
    async with database.connection() as conn:
        assert await (await conn.execute("SELECT * FROM consumed_events")).fetchall() == []


async def _letters(log: EventLog, names: Names, count: int) -> bool:
    return len([1 async for _ in log.read(dead_letter_topic(names.group))]) >= count


async def test_a_poison_message_goes_to_the_dead_letters_with_its_reason_and_the_rest_goes_on(
    log: EventLog, database: Database, names: Names
) -> None:
    async def picky(conn: Connection, event: Event) -> None:
        if event.payload == b"poison":
            raise PermanentFailure("the code does not exist")
        await write_effect(conn, event)

    poison = names.event("a", "poison")
    await log.publish([names.event("a", "before"), poison, names.event("a", "after")])
    watching = consumer(log, database, names, picky)
    await watching.start()
    await eventually(lambda: _has(database, "after"), "the event after the poison")
    await watching.drain(5)
    assert await payloads(database) == ["before", "after"]
    assert await lag(log, names) == 0
    (found,) = [row async for row in DeadLetterOffice(log).letters(names.group)]
    letter, decision = found
    assert letter.reason == "the code does not exist"
    assert letter.origin_topic == names.topic
    assert letter.event.id == poison.id
    assert letter.event.payload == b"poison"
    assert decision is None


async def test_a_payload_that_does_not_parse_is_a_dead_letter(log: EventLog, database: Database, names: Names) -> None:
    from google.protobuf.timestamp_pb2 import Timestamp

    async def parse(conn: Connection, event: Event) -> None:
        message = Timestamp()
        message.ParseFromString(event.payload)
        await write_effect(conn, event)

    await log.publish([names.event("a", "\x0b no protobuf")])
    watching = consumer(log, database, names, parse)
    await watching.start()
    await eventually(lambda: _letters(log, names, 1), "the dead letter")
    await watching.drain(5)
    assert await payloads(database) == []


async def test_a_transient_failure_backs_off_and_never_skips(log: EventLog, database: Database, names: Names) -> None:
    attempts: Counter[str] = Counter()

    async def stumbling(conn: Connection, event: Event) -> None:
        attempts[event.payload.decode()] += 1
        if event.payload == b"1" and attempts["1"] < 4:
            raise ConnectionError("the neighbour is away")
        await write_effect(conn, event)

    await log.publish([names.event("same key", str(number)) for number in range(4)])
    watching = consumer(log, database, names, stumbling)
    await watching.start()
    await eventually(lambda: _has(database, "3"), "the last event")
    await watching.drain(5)
    assert await payloads(database) == ["0", "1", "2", "3"]
    assert attempts == {"0": 1, "1": 4, "2": 1, "3": 1}
    assert not await _letters(log, names, 1)


async def test_a_partition_that_waits_does_not_stop_the_others(log: EventLog, database: Database, names: Names) -> None:
    sound = asyncio.Event()

    async def stuck(conn: Connection, event: Event) -> None:
        if event.key == "stuck" and not sound.is_set():
            raise ConnectionError("not now")
        await write_effect(conn, event)

    await log.publish([names.event("stuck", "stuck"), *(names.event(f"k{n}", f"free {n}") for n in range(12))])
    watching = consumer(log, database, names, stuck)
    await watching.start()

    async def others_done() -> bool:
        return len(await payloads(database)) >= 6 and await lag(log, names) > 0

    await eventually(others_done, "events of other partitions")
    assert "stuck" not in await payloads(database)
    sound.set()
    await eventually(lambda: _count(database, 13), "every event")
    await watching.drain(5)


async def _count(database: Database, count: int) -> bool:
    return len(await effects(database)) >= count


async def test_two_members_share_the_work_and_the_one_that_stays_takes_over(
    log: EventLog, log_url: str, database: Database, names: Names
) -> None:
    async def as_first(conn: Connection, event: Event) -> None:
        await write_effect(conn, event, "first")

    async def as_second(conn: Connection, event: Event) -> None:
        await write_effect(conn, event, "second")

    async with opened(log_url) as other:
        first, second = consumer(log, database, names, as_first), consumer(other, database, names, as_second)
        await first.start()
        await second.start()
        sent: list[Event] = []

        async def both_work() -> bool:
            batch = [names.event(f"key-{number}", f"{len(sent)}-{number}") for number in range(12)]
            sent.extend(batch)
            await log.publish(batch)
            return {member for member, _, _ in await effects(database)} == {"first", "second"}

        await eventually(both_work, "work of both members")
        await second.drain(5)
        more = [names.event(f"key-{number}", f"later {number}") for number in range(12)]
        await log.publish(more)
        await eventually(lambda: _count(database, len(sent) + 12), "every event")
        await first.drain(5)
    done = await payloads(database)
    assert sorted(done) == sorted(event.payload.decode() for event in [*sent, *more])
    for key in {event.key for event in sent}:
        expected = [event.payload.decode() for event in [*sent, *more] if event.key == key]
        assert [payload for _, k, payload in await effects(database) if k == key] == expected


async def test_a_redriven_letter_comes_back_to_its_group_alone_and_the_decision_is_kept(
    log: EventLog, database: Database, names: Names
) -> None:
    mended = asyncio.Event()
    topics_seen: list[str] = []

    async def fixable(conn: Connection, event: Event) -> None:
        topics_seen.append(event.topic)
        if not mended.is_set():
            raise PermanentFailure("a fault of ours")
        await write_effect(conn, event)

    watching = consumer(log, database, names, fixable)
    await watching.start()
    await log.publish([names.event("a", "first"), names.event("b", "second")])
    await eventually(lambda: _letters(log, names, 2), "two dead letters")
    office = DeadLetterOffice(log)
    letters = {letter.event.payload: letter async for letter, _ in office.letters(names.group)}
    mended.set()
    await office.redrive(names.group, letters[b"first"].letter_id, by="ada", why="the fault is mended")
    await office.discard(names.group, letters[b"second"].letter_id, by="ada", why="a test record")
    await eventually(lambda: _has(database, "first"), "the redriven event")
    await watching.drain(5)
    assert await payloads(database) == ["first"]
    assert set(topics_seen) == {names.topic}
    ours = [d async for d in office.decisions() if d.group == names.group]
    assert [(d.action, d.by, d.why) for d in ours] == [
        ("redriven", "ada", "the fault is mended"),
        ("discarded", "ada", "a test record"),
    ]
    with pytest.raises(FailedPrecondition, match="was discarded by ada"):
        await office.redrive(names.group, letters[b"second"].letter_id, by="bob", why="again")
    with pytest.raises(InvalidInput, match="--why"):
        await office.discard(names.group, letters[b"second"].letter_id, by="bob", why=" ")


async def test_every_cache_hears_every_event_and_is_emptied_before_it_listens(log: EventLog, names: Names) -> None:
    heard: dict[int, list[str]] = {0: [], 1: []}

    def cache(number: int) -> CacheConsumer:
        async def handle(event: Event) -> None:
            heard[number].append(event.payload.decode())

        async def reset() -> None:
            heard[number].append("reset")

        return CacheConsumer(
            log, topics=[names.topic], handle=handle, reset=reset, name=f"cache {number}", backoff=QUICK
        )

    await log.publish([names.event("a", "before")])
    caches = [cache(0), cache(1)]
    for one in caches:
        await one.start()
        await eventually(partial(hears, one), "the cache hears", 30)
    await log.publish([names.event("a", "x"), names.event("b", "y")])
    await eventually(lambda: all(len(events) >= 3 for events in heard.values()), "both caches heard both")
    for one in caches:
        await one.drain(1)
    assert heard[0][0] == heard[1][0] == "reset"
    assert sorted(heard[0][1:]) == sorted(heard[1][1:]) == ["x", "y"]


async def test_a_cache_that_does_not_understand_an_event_is_emptied(log: EventLog, names: Names) -> None:
    calls: list[str] = []

    async def handle(event: Event) -> None:
        calls.append(event.payload.decode())
        if event.payload == b"strange":
            raise PermanentFailure("not understood")

    async def reset() -> None:
        calls.append("reset")

    cache = CacheConsumer(log, topics=[names.topic], handle=handle, reset=reset, backoff=QUICK)
    await cache.start()
    await eventually(partial(hears, cache), "the cache hears", 30)
    await log.publish([names.event("a", "strange"), names.event("a", "next")])
    await eventually(lambda: "next" in calls, "the event after the strange one")
    await cache.drain(1)
    assert calls == ["reset", "strange", "reset", "next"]
