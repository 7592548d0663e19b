"""Reading every partition of some topics from the newest record on, without a group."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from shared.database import Database
from shared.events.failure import LogAway
from shared.events.log import Record, TailBroken
from shared.events.postgres.append import fetch
from shared.events.postgres.errors import translated, unknown_topic
from shared.events.postgres.wakeups import Wakeups
from shared.events.topics import Partition

FETCH_RECORDS = 500
LOOK_SECONDS = 1.0
_ENDS = "SELECT topic, number, next_offset FROM log_partition WHERE topic = ANY(%s)"


class PostgresTail:
    """Implements `Tail` on the log's tables."""

    def __init__(self, database: Database, wakeups: Wakeups, topics: Sequence[str]) -> None:
        """Take the topics."""
        self._database = database
        self._wakeups = wakeups
        self._topics = sorted(set(topics))
        self._positions: dict[Partition, int] = {}
        self._wakeup = wakeups.subscribe(self._topics)

    async def open(self) -> None:
        """Fix the ends from which to read."""
        self._positions = await self._ends()
        unknown = sorted(set(self._topics) - {place.topic for place in self._positions})
        if unknown:
            raise unknown_topic(unknown[0])

    async def poll(self, wait: float) -> Sequence[Record]:
        """Read on; a database that went away breaks the tail, as it may come back without some records."""
        ends = asyncio.get_running_loop().time() + wait
        while True:
            try:
                records = await self._fetch()
            except LogAway as error:
                raise TailBroken(error.message) from error
            left = ends - asyncio.get_running_loop().time()
            if records or left <= 0:
                return records
            await self._wakeup.wait(min(left, LOOK_SECONDS))

    async def close(self) -> None:
        """Stop listening."""
        self._wakeups.unsubscribe(self._wakeup)

    async def _ends(self) -> dict[Partition, int]:
        with translated("finding the ends of topics"):
            async with self._database.connection() as conn:
                rows = await (await conn.execute(_ENDS, (self._topics,))).fetchall()
        return {Partition(row["topic"], row["number"]): int(row["next_offset"]) for row in rows}

    async def _fetch(self) -> Sequence[Record]:
        with translated("reading"):
            async with self._database.connection() as conn:
                records = await fetch(conn, self._positions, FETCH_RECORDS)
        if not records:
            # A log that was replaced by an older copy ends before what was read.
            behind = [p for p, end in (await self._ends()).items() if end < self._positions.get(p, 0)]
            if behind:
                raise TailBroken(f"{behind[0]} ends before what was read from it")
        for record in records:
            expected = self._positions[record.partition]
            if record.offset != expected:
                raise TailBroken(f"{record.partition} goes on at {record.offset}, not at {expected}")
            self._positions[record.partition] = record.offset + 1
        return records
