"""A member of a consumer group of the PostgreSQL log.

Members hold a lease, which a task of its own renews; who is alive is decided by the database's clock. From the same
list of members everyone computes the same assignment. A partition changes hands in two steps: its owner lets it go
between two polls, or loses it with its lease, and only then the next one takes it. Commits name the owner, so that a
member which came back from a long sleep cannot move a position that is no longer its own.
"""

from __future__ import annotations

import asyncio
import uuid
import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import structlog

from shared.database import Connection, Database
from shared.errors import DomainError
from shared.events.failure import LogAway, PartitionLost
from shared.events.log import Record
from shared.events.postgres.append import fetch
from shared.events.postgres.errors import translated, unknown_topic
from shared.events.postgres.wakeups import CHANNEL, Wakeups
from shared.events.topics import Partition
from shared.tasks import end

LEASE_SECONDS = 10.0
FETCH_RECORDS = 100
LOOK_SECONDS = 1.0

_log = structlog.get_logger(__name__)

_POSITIONS = """
    INSERT INTO log_position ("group", topic, partition)
    SELECT %s, topic, number FROM log_partition WHERE topic = ANY(%s) ON CONFLICT DO NOTHING
"""
_RENEW = """
    INSERT INTO log_member ("group", member, topics, expires_at)
    VALUES (%s, %s, %s, clock_timestamp() + make_interval(secs => %s))
    ON CONFLICT ("group", member) DO UPDATE SET expires_at = excluded.expires_at
    RETURNING (xmax = 0) AS joined
"""
_EXPIRE = """DELETE FROM log_member WHERE "group" = %s AND expires_at < clock_timestamp()"""
_ORPHANS = """
    UPDATE log_position p SET owner = NULL WHERE p."group" = %s AND p.owner IS NOT NULL
    AND NOT EXISTS (SELECT FROM log_member m WHERE m."group" = p."group" AND m.member = p.owner)
"""
_MEMBERS = """SELECT member, topics FROM log_member WHERE "group" = %s ORDER BY member"""
_PARTITIONS = """SELECT topic, number FROM log_partition WHERE topic = ANY(%s)"""
_OWNED = """SELECT topic, partition FROM log_position WHERE "group" = %s AND owner = %s"""
_LET_GO = """
    UPDATE log_position p SET owner = NULL
    FROM unnest(%s::text[], %s::integer[]) AS given (topic, partition)
    WHERE p."group" = %s AND p.owner = %s AND p.topic = given.topic AND p.partition = given.partition
"""
_TAKE = """
    UPDATE log_position p SET owner = %s
    FROM unnest(%s::text[], %s::integer[]) AS wanted (topic, partition)
    WHERE p."group" = %s AND p.owner IS NULL AND p.topic = wanted.topic AND p.partition = wanted.partition
    RETURNING p.topic, p.partition, p.next_offset
"""
_COMMIT = """
    UPDATE log_position p SET next_offset = done.next_offset
    FROM unnest(%s::text[], %s::integer[], %s::bigint[]) AS done (topic, partition, next_offset)
    WHERE p."group" = %s AND p.owner = %s AND p.topic = done.topic AND p.partition = done.partition
    RETURNING p.topic, p.partition
"""


class PostgresMembership:
    """Implements `Membership` on the log's tables."""

    def __init__(
        self, database: Database, wakeups: Wakeups, group: str, topics: Sequence[str], *, lease: float = LEASE_SECONDS
    ) -> None:
        """Take the group and the topics; `lease` is how long a silent member keeps its partitions, in seconds."""
        self._database = database
        self._wakeups = wakeups
        self._group = group
        self._topics = sorted(set(topics))
        self._lease = lease
        self._member = uuid.uuid4()
        self._target: frozenset[Partition] = frozenset()
        self._positions: dict[Partition, int] = {}
        self._wakeup = wakeups.subscribe([*self._topics, f"group:{group}"])
        self._renewal: asyncio.Task[None] | None = None

    async def join(self) -> None:
        """Enter the group; raises LogAway, or FailedPrecondition for an unknown topic."""
        with translated(f"joining the group {self._group}"):
            async with self._database.transaction() as conn:
                await self._renew(conn)
        self._renewal = asyncio.create_task(self._keep_renewing(), name=f"lease in {self._group}")

    def assigned(self) -> frozenset[Partition]:
        """The partitions that this member reads."""
        return frozenset(self._positions)

    async def poll(self, wait: float, *, held: Collection[Partition] = ()) -> Sequence[Record]:
        """Read on, after taking and letting go of partitions as the group's members have changed."""
        ends = asyncio.get_running_loop().time() + wait
        while True:
            with translated(f"reading for the group {self._group}"):
                async with self._database.connection() as conn:
                    if self._target != self.assigned():
                        await self._rebalance(conn)
                    wanted = {place: at for place, at in self._positions.items() if place not in held}
                    records = await fetch(conn, wanted, FETCH_RECORDS) if wanted else []
            left = ends - asyncio.get_running_loop().time()
            if records or left <= 0:
                for record in records:
                    self._advance(record)
                return records
            await self._wakeup.wait(min(left, LOOK_SECONDS))

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        """Move the group's positions of partitions that are still this member's."""
        places = list(positions)
        values = [p.topic for p in places], [p.number for p in places], [positions[p] for p in places]
        with translated(f"committing for the group {self._group}"):
            async with self._database.connection() as conn:
                rows = await (await conn.execute(_COMMIT, (*values, self._group, self._member))).fetchall()
        lost = set(places) - {Partition(row["topic"], row["partition"]) for row in rows}
        for place in lost:
            self._positions.pop(place, None)
        if lost:
            raise PartitionLost(", ".join(sorted(map(str, lost))))

    async def rewind(self, positions: Mapping[Partition, int]) -> None:
        """Read again from these offsets."""
        self._positions.update({place: at for place, at in positions.items() if place in self._positions})

    async def leave(self) -> None:
        """Give everything back."""
        await end(self._renewal)
        self._wakeups.unsubscribe(self._wakeup)
        self._positions.clear()
        try:
            with translated(f"leaving the group {self._group}"):
                async with self._database.transaction() as conn:
                    await conn.execute(
                        """DELETE FROM log_member WHERE "group" = %s AND member = %s""", (self._group, self._member)
                    )
                    await conn.execute(_ORPHANS, (self._group,))
                    await self._call_out(conn)
        except DomainError as error:
            # The lease ends by itself.
            _log.info("left a group without a word", group=self._group, error=error.message)

    def _advance(self, record: Record) -> None:
        expected = self._positions[record.partition]
        if record.offset > expected:
            _log.error(
                "records were removed before the group had read them",
                group=self._group, partition=str(record.partition), first_missing=expected, read=record.offset,
            )  # fmt: skip
        self._positions[record.partition] = record.offset + 1

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            try:
                with translated(f"renewing the lease in {self._group}"):
                    async with self._database.transaction() as conn:
                        await self._renew(conn)
            except LogAway as error:
                _log.warning("lease not renewed", group=self._group, error=error.message)
            except Exception:  # noqa: BLE001 - a member without a lease would sit idle for ever
                _log.exception("lease not renewed", group=self._group)

    async def _renew(self, conn: Connection) -> None:
        """Renew the lease, end those of the dead, and see what is this member's now."""
        await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"group:{self._group}",))
        values = (self._group, self._member, self._topics, self._lease)
        row = await (await conn.execute(_RENEW, values)).fetchone()
        expired = (await conn.execute(_EXPIRE, (self._group,))).rowcount
        await conn.execute(_ORPHANS, (self._group,))
        await conn.execute(_POSITIONS, (self._group, self._topics))
        members = await (await conn.execute(_MEMBERS, (self._group,))).fetchall()
        partitions = await (await conn.execute(_PARTITIONS, (self._topics,))).fetchall()
        unknown = sorted(set(self._topics) - {row["topic"] for row in partitions})
        if unknown:
            raise unknown_topic(unknown[0])
        owned = await (await conn.execute(_OWNED, (self._group, self._member))).fetchall()
        still = {Partition(row["topic"], row["partition"]) for row in owned}
        for place in self.assigned() - still:
            self._positions.pop(place, None)
        self._target = assignment(members, partitions)[self._member]
        if expired or (row and row["joined"]):
            await self._call_out(conn)
        if self._target != self.assigned():
            self._wakeup.ring()

    async def _rebalance(self, conn: Connection) -> None:
        async with conn.transaction():
            surplus = self.assigned() - self._target
            if surplus:
                given = [p.topic for p in surplus], [p.number for p in surplus]
                await conn.execute(_LET_GO, (*given, self._group, self._member))
                await self._call_out(conn)
            missing = self._target - self.assigned()
            wanted = [p.topic for p in missing], [p.number for p in missing]
            taken = await (await conn.execute(_TAKE, (self._member, *wanted, self._group))).fetchall()
        for place in surplus:
            self._positions.pop(place, None)
        for row in taken:
            self._positions[Partition(row["topic"], row["partition"])] = int(row["next_offset"])

    async def _call_out(self, conn: Connection) -> None:
        await conn.execute("SELECT pg_notify(%s, %s)", (CHANNEL, f"group:{self._group}"))


def assignment(
    members: Sequence[Mapping[str, Any]], partitions: Sequence[Mapping[str, Any]]
) -> dict[uuid.UUID, frozenset[Partition]]:
    """Who reads what: each topic's partitions dealt out in turn among the members that read the topic.

    The turn begins elsewhere for each topic, so that topics of one partition do not all go to one member.
    """
    dealt: dict[uuid.UUID, set[Partition]] = {row["member"]: set() for row in members}
    for row in partitions:
        readers = [member["member"] for member in members if row["topic"] in member["topics"]]
        if readers:
            turn = (row["number"] + zlib.crc32(row["topic"].encode())) % len(readers)
            dealt[readers[turn]].add(Partition(row["topic"], row["number"]))
    return {member: frozenset(places) for member, places in dealt.items()}
