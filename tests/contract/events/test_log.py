"""What a relay and the commands may rely on, whichever log stands behind."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from shared.errors import FailedPrecondition
from shared.events.failure import PartitionLost
from shared.events.log import EventLog, Membership, Record, TailBroken
from shared.events.topics import Partition, Topic
from tests.contract.events.conftest import Names, opened
from tests.polling import eventually


async def read_all(log: EventLog, topic: str) -> list[Record]:
    return [record async for record in log.read(topic)]


async def poll_until(member: Membership, count: int) -> list[Record]:
    records: list[Record] = []

    async def enough() -> bool:
        records.extend(await member.poll(0.5))
        return len(records) >= count

    await eventually(enough, f"{count} records")
    return records


async def test_an_event_arrives_with_every_attribute_it_was_published_with(log: EventLog, names: Names) -> None:
    sent = names.event("a", "hello")
    await log.publish([sent])
    (record,) = await read_all(log, names.topic)
    assert record.event() == sent
    assert dict(record.headers)["content-type"] == b"application/protobuf"
    assert dict(record.headers)["ce_specversion"] == b"1.0"


async def test_events_of_one_key_stay_in_the_order_of_their_publication(log: EventLog, names: Names) -> None:
    sent = [names.event(f"key-{number % 7}", str(number)) for number in range(300)]
    for start in range(0, 300, 50):
        await log.publish(sent[start : start + 50])
    events = [record.event() for record in await read_all(log, names.topic)]
    assert len(events) == 300
    for key in {event.key for event in sent}:
        assert [e.payload for e in events if e.key == key] == [e.payload for e in sent if e.key == key]
    assert len({record.partition for record in await read_all(log, names.topic)}) > 1


async def test_a_committed_offset_never_appears_behind_one_already_read(
    log: EventLog, log_url: str, names: Names
) -> None:
    async with opened(log_url) as other:
        member = await log.join(names.group, [names.topic])
        publishing = asyncio.gather(
            *(
                publisher.publish([names.event("one key", f"{worker}-{turn}")])
                for turn in range(20)
                for worker, publisher in enumerate([log, other])
            )
        )
        records = await poll_until(member, 40)
        await publishing
        await member.leave()
    offsets = [record.offset for record in records]
    assert offsets == sorted(offsets)
    assert {record.payload for record in records} == {f"{w}-{t}".encode() for w in range(2) for t in range(20)}


async def test_publishing_to_a_topic_that_nobody_made_says_how_to_make_it(log: EventLog, names: Names) -> None:
    stray = Names()
    with pytest.raises(FailedPrecondition, match="topics create") as caught:
        await log.publish([stray.event("a", "b")])
    assert caught.value.reason == "TOPIC_UNKNOWN"
    with pytest.raises(FailedPrecondition, match="topics create"):
        await log.tail([stray.topic])


async def test_making_topics_again_changes_nothing_and_other_partitions_are_refused(
    log: EventLog, names: Names
) -> None:
    new = Topic(f"{names.topic}-new", 2, timedelta(days=3))
    assert (await log.create_topics([new]))[new.name] == "created"
    assert (await log.create_topics([new]))[new.name] == "exists"
    assert new in await log.topics()
    with pytest.raises(FailedPrecondition, match="2 partitions, not 5"):
        await log.create_topics([Topic(new.name, 5, None)])


async def test_what_was_not_committed_is_delivered_again_to_the_next_member(log: EventLog, names: Names) -> None:
    await log.publish([names.event("a", str(number)) for number in range(5)])
    first = await log.join(names.group, [names.topic])
    records = await poll_until(first, 5)
    await first.commit({records[1].partition: records[1].offset + 1})
    await first.leave()
    second = await log.join(names.group, [names.topic])
    again = await poll_until(second, 3)
    await second.leave()
    assert [record.payload for record in again] == [b"2", b"3", b"4"]


async def test_two_members_share_the_partitions_and_one_takes_over_what_the_other_leaves(
    log: EventLog, log_url: str, names: Names
) -> None:
    everything = {Partition(names.topic, number) for number in range(3)}
    first = await log.join(names.group, [names.topic])

    async def first_has_all() -> bool:
        await first.poll(0.1)
        return first.assigned() == everything

    await eventually(first_has_all, "the only member reads every partition")
    async with opened(log_url) as other:
        second = await other.join(names.group, [names.topic])

        async def shared() -> bool:
            await asyncio.gather(first.poll(0.1), second.poll(0.1))
            assert not first.assigned() & second.assigned()
            return bool(first.assigned()) and second.assigned() == everything - first.assigned()

        async def settled() -> bool:
            try:
                return await shared()
            except AssertionError:
                # Kafka's members hear of a rebalance one after the other.
                return False

        await eventually(settled if log_url.startswith("kafka") else shared, "both read, and none the same")
        await second.leave()
    await eventually(first_has_all, "the member that stayed reads every partition")
    await first.leave()


async def test_a_member_whose_polls_are_shorter_than_a_join_reads_every_partition(log: EventLog, names: Names) -> None:
    everything = {Partition(names.topic, number) for number in range(3)}
    for number in range(4):
        member = await log.join(f"{names.group}-{number}", [names.topic])

        async def has_all(member: Membership = member) -> bool:
            await member.poll(0.003)
            return member.assigned() == everything

        await eventually(has_all, f"member {number} reads every partition", 15)
        await member.leave()


async def test_a_postgres_member_whose_lease_ended_cannot_move_a_position(events_url: str, names: Names) -> None:
    """A Kafka broker does this by itself."""
    async with opened(events_url) as log, opened(events_url) as other:
        await log.create_topics(names.topics())
        await log.publish([names.event("a", "1")])
        first = await log.join(names.group, [names.topic])
        (record,) = await poll_until(first, 1)
        # It stops to breathe: the lease is renewed no more, and another member takes everything.
        first._renewal.cancel()  # type: ignore[attr-defined]
        second = await other.join(names.group, [names.topic])
        await poll_until(second, 1)
        with pytest.raises(PartitionLost):
            await first.commit({record.partition: record.offset + 1})
        await second.leave()
        await first.leave()


async def test_the_lag_is_what_a_group_has_not_committed(log: EventLog, names: Names) -> None:
    member = await log.join(names.group, [names.topic])
    await log.publish([names.event("a", str(number)) for number in range(10)])
    records = await poll_until(member, 10)
    place = records[0].partition
    await member.commit({place: records[0].offset + 4})
    lag = {row.partition: row.records for row in await log.lag(names.group)}
    assert lag[place] == 6
    assert sum(lag.values()) == 6
    await member.commit({place: records[-1].offset + 1})
    assert sum(row.records for row in await log.lag(names.group)) == 0
    await member.leave()


async def test_a_tail_reads_what_comes_after_it_was_opened_from_every_partition(log: EventLog, names: Names) -> None:
    await log.publish([names.event(f"k{number}", "before") for number in range(9)])
    tail = await log.tail([names.topic])
    await log.publish([names.event(f"k{number}", "after") for number in range(9)])
    heard: list[bytes] = []

    async def all_heard() -> bool:
        heard.extend(record.payload for record in await tail.poll(0.5))
        return len(heard) >= 9

    await eventually(all_heard, "nine events")
    await tail.close()
    assert heard == [b"after"] * 9


async def test_a_postgres_tail_breaks_when_records_it_has_not_read_are_removed(events_url: str, names: Names) -> None:
    async with opened(events_url) as log:
        await log.create_topics([Topic(names.topic, 1, timedelta(milliseconds=1))])
        tail = await log.tail([names.topic])
        await log.publish([names.event("a", "1")])
        await eventually(lambda: _swept(log), "the old record is removed")
        await log.publish([names.event("a", "2")])
        with pytest.raises(TailBroken):
            await tail.poll(5)
        await tail.close()


async def _swept(log: EventLog) -> bool:
    return bool(await log.sweep())  # type: ignore[attr-defined]
