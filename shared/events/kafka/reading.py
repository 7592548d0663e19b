"""Reading from Kafka: a member of a group, and a tail. Each has a consumer and the one thread that may touch it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import structlog
from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from shared.events.failure import LogAway, PartitionLost
from shared.events.kafka.errors import LOST_ITS_PLACE, translated
from shared.events.log import Record, TailBroken
from shared.events.topics import Partition

SLICE_SECONDS = 0.5
"""A poll in a thread cannot be cancelled; it is cut into slices of this length."""
ALIVE_SECONDS = 5.0
CLOSE_MS = 3000
FETCH_RECORDS = 1000

_log = structlog.get_logger(__name__)
T = TypeVar("T")


class _Thread:
    """A consumer and its thread."""

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._settings = settings
        self.consumer: Any = None

    async def run(self, what: str, work: Callable[[Any], T]) -> T:
        """Let the thread do something with the consumer, which is made the first time."""

        def in_thread() -> T:
            with translated(what):
                if self.consumer is None:
                    self.consumer = KafkaConsumer(**self._settings)
                return work(self.consumer)

        return await asyncio.get_running_loop().run_in_executor(self._thread, in_thread)

    async def close(self) -> None:
        """Close the consumer; a group hears that its member left."""

        def in_thread() -> None:
            if self.consumer is not None:
                self.consumer.close(autocommit=False, timeout_ms=CLOSE_MS)

        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, in_thread)
        except (KafkaError, OSError) as error:
            _log.info("consumer closed without a word", error=type(error).__name__)
        finally:
            self._thread.shutdown(wait=False)


class KafkaMembership:
    """Implements `Membership` on Kafka's consumer groups."""

    def __init__(self, settings: Mapping[str, Any], group: str, topics: Sequence[str], *, session: float) -> None:
        """Take the group and topics; `session` is how long a silent member keeps its partitions, in seconds."""
        self._group = group
        self._topics = sorted(set(topics))
        self._assigned: frozenset[Partition] = frozenset()
        self._thread = _Thread(
            f"kafka-{group}",
            {
                **settings,
                "group_id": group,
                "enable_auto_commit": False,
                "auto_offset_reset": "earliest",
                "session_timeout_ms": int(session * 1000),
                "heartbeat_interval_ms": int(session * 1000 / 4),
                "max_poll_records": FETCH_RECORDS,
                "metadata_max_age_ms": 10_000,
            },
        )

    async def join(self) -> None:
        """Subscribe; the partitions come with the first polls."""
        try:
            await self._thread.run("joining", lambda consumer: consumer.subscribe(topics=self._topics))
        except LogAway:
            await self._thread.close()
            raise

    def assigned(self) -> frozenset[Partition]:
        """The partitions that this member reads."""
        return self._assigned

    async def poll(self, wait: float, *, held: Collection[Partition] = ()) -> Sequence[Record]:
        """Read on; the group's rebalances happen in here."""
        stopped = frozenset(_kafka(place) for place in held)

        def read(consumer: Any, seconds: float) -> Sequence[Record]:
            ours = consumer.assignment()
            consumer.pause(*(ours & stopped))
            consumer.resume(*(consumer.paused() - stopped))
            records = _poll(consumer, SLICE_SECONDS if _rejoins(consumer) else seconds)
            assigned = frozenset(_ours(place) for place in consumer.assignment())
            if assigned - self._assigned:
                _begin(consumer, [_kafka(place) for place in assigned - self._assigned])
            self._assigned = assigned
            return records

        ends = asyncio.get_running_loop().time() + wait
        while True:
            left = max(0.0, ends - asyncio.get_running_loop().time())
            what = f"reading for the group {self._group}"
            records = await self._thread.run(what, functools.partial(read, seconds=min(left, SLICE_SECONDS)))
            if records or left <= SLICE_SECONDS:
                return records

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        """Commit offsets to the group's coordinator."""
        offsets = {_kafka(place): OffsetAndMetadata(at, "", -1) for place, at in positions.items()}

        def write(consumer: Any) -> None:
            try:
                consumer.commit(offsets, timeout_ms=10_000)
            except LOST_ITS_PLACE as error:
                raise PartitionLost(", ".join(sorted(map(str, positions)))) from error

        await self._thread.run(f"committing for the group {self._group}", write)

    async def rewind(self, positions: Mapping[Partition, int]) -> None:
        """Read again from these offsets."""

        def seek(consumer: Any) -> None:
            for place, at in positions.items():
                if _kafka(place) in consumer.assignment():
                    consumer.seek(_kafka(place), at)

        await self._thread.run("reading again", seek)

    async def leave(self) -> None:
        """Leave the group."""
        self._assigned = frozenset()
        await self._thread.close()


class KafkaTail:
    """Implements `Tail` with a consumer without a group."""

    def __init__(self, settings: Mapping[str, Any], partitions: Sequence[TopicPartition]) -> None:
        """Take the partitions to read."""
        self._partitions = list(partitions)
        self._alive_at = 0.0
        self._thread = _Thread(
            "kafka-tail",
            {**settings, "group_id": None, "enable_auto_commit": False, "auto_offset_reset": "none"},
        )

    async def open(self) -> None:
        """Fix the ends from which to read."""

        def seek(consumer: Any) -> None:
            consumer.assign(self._partitions)
            for place, end in consumer.end_offsets(self._partitions, timeout_ms=10_000).items():
                consumer.seek(place, end)

        try:
            await self._thread.run("finding the ends of topics", seek)
        except LogAway:
            await self._thread.close()
            raise
        self._alive_at = asyncio.get_running_loop().time()

    async def poll(self, wait: float) -> Sequence[Record]:
        """Read on. The client hides a broker that went away, so that silence is questioned from time to time."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + wait
        try:
            while True:
                left = max(0.0, ends - loop.time())
                records = await self._thread.run("reading", functools.partial(_poll, seconds=min(left, SLICE_SECONDS)))
                if records:
                    self._alive_at = loop.time()
                elif loop.time() - self._alive_at > ALIVE_SECONDS:
                    await self._thread.run("asking for the ends of topics", self._question)
                    self._alive_at = loop.time()
                if records or left <= SLICE_SECONDS:
                    return records
        except LogAway as error:
            raise TailBroken(error.message) from error

    async def close(self) -> None:
        """Stop reading."""
        await self._thread.close()

    def _question(self, consumer: Any) -> None:
        for place, end in consumer.end_offsets(self._partitions, timeout_ms=5000).items():
            if end < consumer.position(place, timeout_ms=5000):
                raise TailBroken(f"{place.topic}/{place.partition} ends before what was read from it")


def _poll(consumer: Any, seconds: float) -> Sequence[Record]:
    return records_of(consumer.poll(timeout_ms=int(seconds * 1000)))


def _rejoins(consumer: Any) -> bool:
    """Whether the member is joining its group still, which needs a poll that is long enough; one that was lost begins
    again.

    kafka-python 3.0.12 takes the answer of a join only within a poll. It forgets one that a change of metadata began,
    such as the first sight of a topic's partitions, when the poll ends before the answer: the member would keep its
    place in the group and read nothing.
    """
    coordinator = consumer._coordinator  # nothing public tells
    if coordinator.rejoining and not coordinator.need_rejoin():
        coordinator.request_rejoin()
    return bool(coordinator.rejoining)


def _begin(consumer: Any, places: Sequence[TopicPartition]) -> None:
    """Commit where a new group begins, so that its lag is known before it has handled anything."""
    new = [place for place in places if consumer.committed(place, timeout_ms=5000) is None]
    if new:
        first = consumer.beginning_offsets(new, timeout_ms=5000)
        with contextlib.suppress(*LOST_ITS_PLACE):
            consumer.commit({place: OffsetAndMetadata(at, "", -1) for place, at in first.items()}, timeout_ms=5000)


def records_of(found: Mapping[TopicPartition, Sequence[Any]]) -> Sequence[Record]:
    """The records that a poll gave."""
    return [
        Record(
            Partition(row.topic, row.partition),
            row.offset,
            row.key,
            tuple((name, value or b"") for name, value in row.headers),
            row.value or b"",
        )
        for rows in found.values()
        for row in rows
    ]


def _kafka(place: Partition) -> TopicPartition:
    return TopicPartition(place.topic, place.number)


def _ours(place: TopicPartition) -> Partition:
    return Partition(place.topic, place.partition)
