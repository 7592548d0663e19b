"""The event log in PostgreSQL: for one machine, in a database of its own that services share as they would a broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import psycopg
import sqlalchemy.exc
import structlog

from shared.database import Database, migrate
from shared.errors import DomainError, FailedPrecondition
from shared.events.event import Event
from shared.events.failure import LogAway
from shared.events.log import Lag, Membership, Record, Tail
from shared.events.postgres.append import append, fetch
from shared.events.postgres.errors import translated, unknown_topic
from shared.events.postgres.group import LEASE_SECONDS, PostgresMembership
from shared.events.postgres.tail import PostgresTail
from shared.events.postgres.wakeups import Wakeups
from shared.events.topics import Partition, Topic
from shared.tasks import end

MIGRATIONS = Path(__file__).parent / "migrations"
SWEEP_SECONDS = 600.0
READ_RECORDS = 1000

_log = structlog.get_logger(__name__)

_SWEEP = """
    DELETE FROM log_record r USING log_topic t
    WHERE r.topic = t.topic AND r.appended_at < clock_timestamp() - t.retention
"""
_LAG = """
    SELECT q."group", q.topic, q.partition, q.next_offset AS position, p.next_offset AS "end"
    FROM log_position q JOIN log_partition p ON p.topic = q.topic AND p.number = q.partition
    WHERE %(group)s::text IS NULL OR q."group" = %(group)s ORDER BY 1, 2, 3
"""


class PostgresLog:
    """Implements `EventLog` on tables."""

    name = "event log"

    def __init__(self, url: str, *, lease: float = LEASE_SECONDS) -> None:
        """Take the database's URL; `lease` is how long a silent member of a group keeps its partitions, in seconds."""
        self._url = url
        self._lease = lease
        self._database = Database(url, min_size=0, max_size=8)
        self._wakeups = Wakeups(url)
        self._partitions: dict[str, int] = {}
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the pool; the database may still be away."""
        await self._database.open()
        self._sweeper = asyncio.create_task(self._keep_sweeping(), name="event log retention")

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - who uses the log has drained before
        """Close every connection."""
        await end(self._sweeper)
        await self._wakeups.close()
        await self._database.close()

    async def publish(self, events: Sequence[Event]) -> None:
        """Append all of them in one transaction."""
        if not events:
            return
        with translated(f"publishing {len(events)} events"):
            if any(event.topic not in self._partitions for event in events):
                self._partitions = {topic.name: topic.partitions for topic in await self.topics()}
            async with self._database.transaction() as conn:
                await append(conn, events, self._partitions)

    async def join(self, group: str, topics: Sequence[str]) -> Membership:
        """Become a member of a group."""
        membership = PostgresMembership(self._database, self._wakeups, group, topics, lease=self._lease)
        await membership.join()
        return membership

    async def tail(self, topics: Sequence[str]) -> Tail:
        """Begin to read at the present end."""
        tail = PostgresTail(self._database, self._wakeups, topics)
        await tail.open()
        return tail

    async def read(self, topic: str) -> AsyncIterator[Record]:
        """Every record of a topic up to its present end."""
        ends = await self._ends(topic)
        for place, last in ends.items():
            at = 0
            while at < last:
                with translated(f"reading {topic}"):
                    async with self._database.connection() as conn:
                        records = await fetch(conn, {place: at}, READ_RECORDS)
                for record in records:
                    if record.offset < last:
                        yield record
                at = records[-1].offset + 1 if records else last

    async def create_topics(self, topics: Sequence[Topic]) -> Mapping[str, str]:
        """Make the tables and the topics that are missing."""
        try:
            await asyncio.to_thread(migrate, self._url, MIGRATIONS)
        except (psycopg.OperationalError, sqlalchemy.exc.OperationalError) as error:
            raise LogAway("creating topics") from error
        with translated("creating topics"):
            async with self._database.transaction() as conn:
                return {topic.name: await _create(conn, topic) for topic in topics}

    async def topics(self) -> Sequence[Topic]:
        """The topics there are."""
        with translated("listing topics"):
            async with self._database.connection() as conn:
                rows = await (await conn.execute("SELECT * FROM log_topic ORDER BY topic")).fetchall()
        return [Topic(row["topic"], row["partitions"], row["retention"]) for row in rows]

    async def lag(self, group: str | None = None) -> Sequence[Lag]:
        """How far groups are behind."""
        with translated("measuring the lag"):
            async with self._database.connection() as conn:
                rows = await (await conn.execute(_LAG, {"group": group})).fetchall()
        return [
            Lag(row["group"], Partition(row["topic"], row["partition"]), int(row["position"]), int(row["end"]))
            for row in rows
        ]

    async def sweep(self) -> int:
        """Remove the records that are older than their topic keeps them, and give their number."""
        with translated("removing old records"):
            async with self._database.transaction() as conn:
                return (await conn.execute(_SWEEP)).rowcount

    async def _ends(self, topic: str) -> dict[Partition, int]:
        with translated(f"reading {topic}"):
            async with self._database.connection() as conn:
                rows = await (
                    await conn.execute(
                        "SELECT number, next_offset FROM log_partition WHERE topic = %s ORDER BY number", (topic,)
                    )
                ).fetchall()
        if not rows:
            raise unknown_topic(topic)
        return {Partition(topic, row["number"]): int(row["next_offset"]) for row in rows}

    async def _keep_sweeping(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self.sweep()
            except DomainError as error:
                _log.warning("old records not removed", error=error.message)


async def _create(conn: psycopg.AsyncConnection[dict[str, object]], topic: Topic) -> str:
    cursor = await conn.execute(
        "INSERT INTO log_topic (topic, partitions, retention) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (topic.name, topic.partitions, topic.retention),
    )
    if cursor.rowcount:
        await conn.execute(
            "INSERT INTO log_partition (topic, number) SELECT %s, generate_series(0, %s - 1)",
            (topic.name, topic.partitions),
        )
        return "created"
    row = await (await conn.execute("SELECT partitions FROM log_topic WHERE topic = %s", (topic.name,))).fetchone()
    if row and row["partitions"] != topic.partitions:
        raise FailedPrecondition(
            "TOPIC_PARTITIONS_DIFFER",
            f"The topic {topic.name} has {row['partitions']} partitions, not {topic.partitions}; a topic's partitions "
            "are never changed, because the order of a key would break. Name a new topic instead.",
        )
    return "exists"
