"""Both event logs behind the names that the suite uses; every test runs on each."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from prometheus_client import REGISTRY

from shared.database import Connection, Database
from shared.events import outbox
from shared.events.backoff import Backoff
from shared.events.consumers import CacheConsumer
from shared.events.event import Event
from shared.events.kafka.log import KafkaLog
from shared.events.log import EventLog
from shared.events.postgres.log import PostgresLog
from shared.events.topics import Topic, audit_topic, group_topics
from tests.conftest import missing, required_servers
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres, create_database
from tests.servers.source import NotAvailableError

QUICK = Backoff(first=0.05, longest=0.4)


@dataclass
class Names:
    """Topic and group of one test, on a log that other tests use too."""

    mark: str = field(default_factory=lambda: uuid.uuid4().hex[:10])

    @property
    def topic(self) -> str:
        return f"things.changed-{self.mark}"

    @property
    def group(self) -> str:
        return f"watchers-{self.mark}"

    def topics(self, partitions: int = 3) -> list[Topic]:
        return [Topic(self.topic, partitions, None), *group_topics(self.group), audit_topic()]

    def event(self, key: str, payload: str) -> Event:
        return Event(
            id=str(uuid.uuid4()),
            type="example.Thing",
            source="/things",
            topic=self.topic,
            key=key,
            payload=payload.encode(),
            time=datetime.now(UTC),
        )


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture(params=["postgres", "kafka"])
def log_url(request: pytest.FixtureRequest) -> str:
    """The address of a log that the run shares."""
    return str(request.getfixturevalue("events_url" if request.param == "postgres" else "kafka_url"))


def new_log(url: str) -> EventLog:
    """A log of its own connections, whose groups notice a dead member soon."""
    return KafkaLog(url, session=3) if url.startswith("kafka") else PostgresLog(url, lease=3)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[EventLog]:
    log = new_log(url)
    await log.start()
    try:
        yield log
    finally:
        await log.drain(1)


@pytest.fixture
async def log(log_url: str, names: Names) -> AsyncIterator[EventLog]:
    """A log with the test's topics."""
    async with opened(log_url) as log:
        await log.create_topics(names.topics())
        yield log


class _Execute:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def execute(self, sqltext: str) -> None:
        self._connection.execute(sqltext.encode())


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A service's database: outbox, consumed events, and a table of effects without any constraint that would hide one
    that happened twice.
    """
    with psycopg.connect(database_url) as connection:
        outbox.create_tables(_Execute(connection))
        connection.execute("CREATE TABLE effect (id bigserial, member text, key text, payload text)")
    database = Database(database_url, max_size=12)
    await database.open()
    yield database
    await database.close()


async def write_effect(conn: Connection, event: Event, member: str = "") -> None:
    """What the consumers of this suite do with an event."""
    await conn.execute(
        "INSERT INTO effect (member, key, payload) VALUES (%s, %s, %s)", (member, event.key, event.payload.decode())
    )


async def effects(database: Database) -> list[tuple[str, str, str]]:
    """(member, key, payload) in the order in which the effects happened."""
    async with database.connection() as conn:
        rows = await (await conn.execute("SELECT * FROM effect ORDER BY id")).fetchall()
    return [(row["member"], row["key"], row["payload"]) for row in rows]


def hears(cache: CacheConsumer) -> bool:
    """Whether events arrive at a cache, as its metric tells operators."""
    return REGISTRY.get_sample_value("events_cache_listening", {"consumer": cache.name}) == 1


class Faulty(Protocol):
    """A log's server that belongs to one test, which may end it."""

    def url(self) -> str: ...
    def kill(self) -> None: ...
    def start(self) -> None: ...


class _FaultyPostgres:
    def __init__(self, folder: Path) -> None:
        self._server = Postgres(folder)
        self._server.start()
        self._url = create_database(self._server.url(), "events").replace("postgresql://", "postgres://", 1)
        self.kill, self.start = self._server.kill, self._server.start
        self.remove = self._server.remove

    def url(self) -> str:
        return self._url


class _FaultyKafka:
    def __init__(self, folder: Path) -> None:
        self._server = Kafka(folder)
        self._server.start()
        self.kill, self.start = self._server.kill, self._server.start
        self.remove = self._server.remove

    def url(self) -> str:
        return self._server.url


@contextmanager
def faulty_server(name: str, folder: Path) -> Iterator[Faulty]:
    kind = _FaultyPostgres if name == "postgres" else _FaultyKafka
    try:
        server = kind(folder)
    except NotAvailableError as reason:
        missing(name, reason, required=name in required_servers())
        raise
    try:
        yield server
    finally:
        server.remove()


@pytest.fixture(params=["postgres", "kafka"])
def faulty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Faulty]:
    """A server of the test's own."""
    with faulty_server(str(request.param), tmp_path / "server") as server:
        yield server
