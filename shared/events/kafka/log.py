"""The event log on Apache Kafka: for production."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from kafka import KafkaConsumer

from shared.events.event import Event
from shared.events.kafka import admin
from shared.events.kafka.address import client_options
from shared.events.kafka.errors import translated, unknown_topic
from shared.events.kafka.publish import Publisher
from shared.events.kafka.reading import KafkaMembership, KafkaTail, records_of
from shared.events.log import Lag, Membership, Record, Tail
from shared.events.topics import Topic

SESSION_SECONDS = 10.0
READ_RECORDS = 1000

T = TypeVar("T")

# The client logs each try to reach a broker, several lines a second; what an operator needs is said by those who wait.
logging.getLogger("kafka").setLevel(logging.CRITICAL)


class KafkaLog:
    """Implements `EventLog` on a Kafka cluster."""

    name = "event log"

    def __init__(self, url: str, *, session: float = SESSION_SECONDS, replication: int = -1) -> None:
        """Take a URL of the form that `address` reads.

        `session` is how long a silent member of a group keeps its partitions, in seconds; `replication` is for topics
        made here, -1 leaves it to the broker's `default.replication.factor`.
        """
        self._connection = client_options(url)
        self._session = session
        self._replication = replication
        self._publisher = Publisher(self._connection)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kafka-producer")
        self._settings: dict[str, Any] = {
            **self._connection,
            "client_id": "coding-ahead",
            "allow_auto_create_topics": False,
            "fetch_max_wait_ms": 200,
            "bootstrap_timeout_ms": 5000,
            "reconnect_backoff_max_ms": 1000,
        }

    async def start(self) -> None:
        """Do nothing: clients are made when they are needed, so that a service may start while Kafka is away."""

    async def drain(self, grace: float) -> None:
        """Close the producer."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._publisher.close, min(grace, 5.0))
        self._thread.shutdown(wait=False)

    async def publish(self, events: Sequence[Event]) -> None:
        """Send events and wait for every confirmation."""
        if events:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._publisher.publish, list(events))

    async def join(self, group: str, topics: Sequence[str]) -> Membership:
        """Become a member of a group."""
        await self._known(topics)
        membership = KafkaMembership(self._settings, group, topics, session=self._session)
        await membership.join()
        return membership

    async def tail(self, topics: Sequence[str]) -> Tail:
        """Begin to read at the present end."""
        tail = KafkaTail(self._settings, await self._known(topics))
        await tail.open()
        return tail

    async def read(self, topic: str) -> AsyncIterator[Record]:
        """Every record of a topic up to its present end."""
        places = await self._known([topic])
        consumer = await self._ask(
            f"reading {topic}",
            self._reader,
        )
        try:
            for place in places:
                consumer.assign([place])
                first, end = await self._ask(f"reading {topic}", _bounds, consumer, place)
                at = first
                while at < end:
                    for record in records_of(await self._ask(f"reading {topic}", consumer.poll, 1000, READ_RECORDS)):
                        if record.offset < end:
                            yield record
                    at = await self._ask(f"reading {topic}", consumer.position, place)
        finally:
            await asyncio.to_thread(consumer.close, autocommit=False, timeout_ms=1000)

    async def create_topics(self, topics: Sequence[Topic]) -> Mapping[str, str]:
        """Make the topics that are missing."""
        return await self._ask("creating topics", admin.create_topics, self._connection, topics, self._replication)

    async def topics(self) -> Sequence[Topic]:
        """The topics there are."""
        return await self._ask("listing topics", admin.describe, self._connection)

    async def lag(self, group: str | None = None) -> Sequence[Lag]:
        """How far groups are behind."""
        return await self._ask("measuring the lag", admin.lag, self._connection, group)

    def _reader(self) -> Any:
        return KafkaConsumer(**self._settings, group_id=None, enable_auto_commit=False, auto_offset_reset="none")

    async def _known(self, topics: Sequence[str]) -> list[Any]:
        places = await self._ask("asking for topics", admin.partitions_of, self._connection, topics)
        missing = sorted(set(topics) - {place.topic for place in places})
        if missing:
            raise unknown_topic(missing[0])
        return places

    async def _ask(self, what: str, work: Callable[..., T], *values: Any) -> T:
        def in_thread() -> T:
            with translated(what):
                return work(*values)

        return await asyncio.to_thread(in_thread)


def _bounds(consumer: Any, place: Any) -> tuple[int, int]:
    first = consumer.beginning_offsets([place], timeout_ms=10_000)[place]
    end = consumer.end_offsets([place], timeout_ms=10_000)[place]
    consumer.seek(place, first)
    return int(first), int(end)
