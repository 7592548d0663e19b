"""Appending to the log's tables, and reading from them."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from shared.database import Connection
from shared.events.event import Event, Headers
from shared.events.log import Record
from shared.events.postgres.errors import unknown_topic
from shared.events.postgres.wakeups import CHANNEL
from shared.events.topics import Partition

# The sort stands below the locks, so that two appenders take them in one order and never wait for each other in a ring.
_LOCK = """
    SELECT p.topic, p.number, p.next_offset FROM log_partition p
    JOIN unnest(%s::text[], %s::integer[]) AS wanted (topic, number) USING (topic, number)
    ORDER BY p.topic, p.number FOR NO KEY UPDATE OF p
"""
_ADVANCE = """
    UPDATE log_partition p SET next_offset = wanted.next_offset
    FROM unnest(%s::text[], %s::integer[], %s::bigint[]) AS wanted (topic, number, next_offset)
    WHERE p.topic = wanted.topic AND p.number = wanted.number
"""
_INSERT = """
    INSERT INTO log_record (topic, partition, "offset", key, headers, payload)
    SELECT * FROM json_to_recordset(%s) AS n (
        topic text, partition integer, "offset" bigint, key bytea, headers jsonb, payload bytea)
"""
_FETCH = """
    SELECT r.topic, r.partition, r."offset", r.key, r.headers, r.payload
    FROM unnest(%s::text[], %s::integer[], %s::bigint[]) AS wanted (topic, partition, "from")
    CROSS JOIN LATERAL (
        SELECT * FROM log_record r
        WHERE r.topic = wanted.topic AND r.partition = wanted.partition AND r."offset" >= wanted."from"
        ORDER BY r."offset" LIMIT %s
    ) r
    ORDER BY r.topic, r.partition, r."offset"
"""


def partition_of(event: Event, partitions: Mapping[str, int]) -> Partition:
    """The partition that an event's key chooses; raises FailedPrecondition for an unknown topic."""
    count = partitions.get(event.topic)
    if count is None:
        raise unknown_topic(event.topic)
    return Partition(event.topic, zlib.crc32(event.key.encode()) % count)


async def append(conn: Connection, events: Sequence[Event], partitions: Mapping[str, int]) -> None:
    """Append in the transaction of `conn` and call out the topics when it commits."""
    groups: dict[Partition, list[Event]] = defaultdict(list)
    for event in events:
        groups[partition_of(event, partitions)].append(event)
    wanted = sorted(groups, key=lambda partition: (partition.topic, partition.number))
    names, numbers = [p.topic for p in wanted], [p.number for p in wanted]
    locked = await (await conn.execute(_LOCK, (names, numbers))).fetchall()
    first = {Partition(row["topic"], row["number"]): int(row["next_offset"]) for row in locked}
    rows = [_row(place, first[place] + index, event) for place in wanted for index, event in enumerate(groups[place])]
    async with conn.pipeline():
        await conn.execute(_INSERT, (json.dumps(rows),))
        await conn.execute(_ADVANCE, (names, numbers, [first[place] + len(groups[place]) for place in wanted]))
        for topic in sorted(set(names)):
            await conn.execute("SELECT pg_notify(%s, %s)", (CHANNEL, topic))


async def fetch(conn: Connection, positions: Mapping[Partition, int], limit: int) -> list[Record]:
    """Up to `limit` records of each partition from its position on, in order inside a partition."""
    places = list(positions)
    columns = [p.topic for p in places], [p.number for p in places], [positions[p] for p in places], limit
    rows = await (await conn.execute(_FETCH, columns)).fetchall()
    return [
        Record(
            Partition(row["topic"], row["partition"]),
            row["offset"],
            None if row["key"] is None else bytes(row["key"]),
            _headers(row["headers"]),
            bytes(row["payload"]),
        )
        for row in rows
    ]


def _row(place: Partition, offset: int, event: Event) -> dict[str, Any]:
    """Write a record down; JSON is written faster than PostgreSQL's arrays are."""
    return {
        "topic": place.topic,
        "partition": place.number,
        "offset": offset,
        "key": "\\x" + event.key.encode().hex(),
        "headers": [[name, value.decode()] for name, value in event.headers()],
        "payload": "\\x" + event.payload.hex(),
    }


def _headers(stored: list[list[str]]) -> Headers:
    return tuple((name, value.encode()) for name, value in stored)
