"""Events a second from outbox to log, as a ratio to the least that any such thing must do, on both logs.

Measured: rows of an outbox brought to the log by the relay, confirmed and marked, under `relay`; the log alone under
`publish`; a consumer that records each event with its effect under `consume`, its joining counted in. Baselines of the
same run: for PostgreSQL a bare COPY of as many rows of the same size, committed in batches of the same size; for Kafka
the library's producer with the same settings, which waits for its confirmations once a batch. PostgreSQL does not wait
for a disk here (fsync off); the ratios are what counts. Run: `python tests/bench/bench_events.py [EVENTS]`.
"""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import psycopg
from kafka import KafkaProducer

from shared.database import Connection, Database
from shared.events import outbox
from shared.events.consumers import EffectConsumer
from shared.events.event import Event
from shared.events.log import EventLog, open_log
from shared.events.relay import BATCH_ROWS, Relay
from shared.events.topics import Topic, group_topics
from tests.servers.postgres import create_database
from tests.servers.run import Run
from tests.servers.source import NotAvailableError

EVENTS = 20_000
PAYLOAD = b"x" * 120
PARTITIONS = 6
TOPIC = "bench.things"
GROUP = "bench-group"


class _Execute:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def execute(self, sqltext: str) -> None:
        self._connection.execute(sqltext.encode())


def events(count: int, topic: str) -> list[Event]:
    """As many events as a busy hour of page views has, over a thousand keys."""
    now = datetime.now(UTC)
    return [
        Event(str(uuid.uuid4()), "bench.Thing", "/bench", topic, f"key-{number % 1000}", PAYLOAD, now)
        for number in range(count)
    ]


async def timed(work: Callable[[], Awaitable[None]], count: int) -> float:
    """Events a second."""
    began = time.perf_counter()
    await work()
    return count / (time.perf_counter() - began)


def copy_rate(url: str, count: int) -> float:
    """Rows a second of a bare COPY, committed batch by batch."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE bare (key bytea, headers text, payload bytea)")
        headers = str(events(1, TOPIC)[0].headers())
        began = time.perf_counter()
        for start in range(0, count, BATCH_ROWS):
            with connection.cursor().copy("COPY bare FROM STDIN") as copy:
                for number in range(start, min(start + BATCH_ROWS, count)):
                    copy.write_row((f"key-{number % 1000}".encode(), headers, PAYLOAD))
        return count / (time.perf_counter() - began)


def producer_rate(url: str, count: int) -> float:
    """Messages a second of the library's producer, confirmed batch by batch."""
    producer = KafkaProducer(
        bootstrap_servers=url.removeprefix("kafka://"), acks="all", linger_ms=5, batch_size=512 * 1024
    )
    headers = list(events(1, TOPIC)[0].headers())
    producer.send(TOPIC, PAYLOAD, key=b"warm", headers=headers).get(10)
    began = time.perf_counter()
    for start in range(0, count, BATCH_ROWS):
        sent = [
            producer.send(TOPIC, PAYLOAD, key=f"key-{number % 1000}".encode(), headers=headers)
            for number in range(start, min(start + BATCH_ROWS, count))
        ]
        for one in sent:
            one.get(30)
    rate = count / (time.perf_counter() - began)
    producer.close()
    return rate


async def publish_rate(log: EventLog, count: int) -> float:
    """Events a second of the log alone."""
    prepared = events(count, TOPIC)
    await log.publish(prepared[:1])

    async def work() -> None:
        for start in range(0, count, BATCH_ROWS):
            await log.publish(prepared[start : start + BATCH_ROWS])

    return await timed(work, count)


async def relay_rate(log: EventLog, database: Database, count: int) -> float:
    """Outbox rows a second, published and marked."""
    for start in range(0, count, 1000):
        async with database.transaction() as conn:
            await outbox.add(conn, *events(min(1000, count - start), TOPIC))
    relay = Relay(database, log, "bench")

    async def work() -> None:
        await relay.start()
        await reached(database, "SELECT count(*) = 0 AS done FROM outbox WHERE published_at IS NULL")

    rate = await timed(work, count)
    await relay.drain(5)
    return rate


async def consume_rate(log: EventLog, database: Database, count: int) -> float:
    """Events a second that one member records together with an effect, each in a transaction."""

    async def effect(conn: Connection, event: Event) -> None:
        await conn.execute("INSERT INTO effect VALUES (%s)", (event.key,))

    consumer = EffectConsumer(log, database, group=GROUP, topics=[TOPIC], handle=effect)

    async def work() -> None:
        await consumer.start()
        await reached(database, f"SELECT count(*) >= {count} AS done FROM effect")

    rate = await timed(work, count)
    await consumer.drain(5)
    return rate


async def reached(database: Database, question: str) -> None:
    """Poll until the answer is yes."""
    async with database.connection() as conn:
        while True:
            row = await (await conn.execute(question.encode())).fetchone()
            if row and row["done"]:
                return
            await asyncio.sleep(0.02)


async def measure(name: str, url: str, database_url: str, baseline: Callable[[], float], count: int) -> None:
    """Print the rates of one log."""
    with psycopg.connect(database_url) as connection:
        outbox.create_tables(_Execute(connection))
        connection.execute("CREATE TABLE effect (key text)")
    database, log = Database(database_url), open_log(url)
    await database.open()
    await log.start()
    await log.create_topics([Topic(TOPIC, PARTITIONS, None), *group_topics(GROUP)])
    bare = await asyncio.to_thread(baseline)
    rates = {
        "publish": await publish_rate(log, count),
        "relay": await relay_rate(log, database, count),
        "consume": await consume_rate(log, database, min(count, 5000)),
    }
    print(f"{name}: baseline {bare:,.0f}/s")
    for what, rate in rates.items():
        print(f"{name}: {what:8} {rate:8,.0f} events/s, {rate / bare:.2f} of the baseline")
    await log.drain(1)
    await database.close()


def main() -> None:
    """Measure both logs."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    run = Run.begin()
    try:
        postgres = run.get("postgres").address
        fresh = create_database(postgres, "events")
        service = create_database(postgres, "service_on_postgres")
        asyncio.run(measure("postgres", fresh, service, lambda: copy_rate(service, count), count))
        try:
            kafka = run.get("kafka").address
        except NotAvailableError as reason:
            print(f"kafka: not measured, {reason}")
            return
        service = create_database(postgres, "service_on_kafka")
        asyncio.run(measure("kafka", kafka, service, lambda: producer_rate(kafka, count), count))
    finally:
        run.end()


if __name__ == "__main__":
    main()
