"""The outbox: events written in the transaction of the change they tell of. The relay brings them to the log later.

Order: rows leave by their number. Two transactions that change one aggregate must take its row lock (or another lock of
it) before they add an event, as they do anyway to change it; then its events have the order of the changes.
"""

from __future__ import annotations

from typing import Any, Protocol

from psycopg import sql
from psycopg.types.json import Jsonb

from shared.database import Connection
from shared.events.event import Event

CHANNEL = "outbox"


class Operations(Protocol):
    """What of Alembic's `op` a migration needs here."""

    def execute(self, sqltext: str) -> None:
        """Run a statement."""
        ...


def create_tables(op: Operations) -> None:
    """Create the outbox and the record of consumed events, in a service's first migration."""
    op.execute(
        """
        CREATE TABLE outbox (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            event_id uuid NOT NULL UNIQUE,
            topic text NOT NULL,
            key text NOT NULL,
            type text NOT NULL,
            source text NOT NULL,
            payload bytea NOT NULL,
            occurred_at timestamptz NOT NULL,
            traceparent text NOT NULL DEFAULT '',
            extensions jsonb NOT NULL DEFAULT '{}',
            added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            published_at timestamptz
        );
        CREATE INDEX outbox_waiting ON outbox (id) WHERE published_at IS NULL;
        CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;
        CREATE TABLE consumed_events (
            consumer text NOT NULL,
            event_id text NOT NULL,
            consumed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (consumer, event_id)
        );
        CREATE INDEX consumed_events_by_time ON consumed_events (consumed_at);
        """
    )


_INSERT = """
    INSERT INTO outbox (event_id, topic, key, type, source, payload, occurred_at, traceparent, extensions)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bytea[],
                         %s::timestamptz[], %s::text[], %s::jsonb[])
"""


async def add(conn: Connection, *events: Event) -> None:
    """Add events in the caller's transaction, in this order, and wake the relay when it commits."""
    if not events:
        return
    columns: list[list[Any]] = [
        [event.id for event in events],
        [event.topic for event in events],
        [event.key for event in events],
        [event.type for event in events],
        [event.source for event in events],
        [event.payload for event in events],
        [event.time for event in events],
        [event.traceparent for event in events],
        [Jsonb(dict(event.extensions)) for event in events],
    ]
    await conn.execute(_INSERT, columns)
    await conn.execute(sql.SQL("NOTIFY {}").format(sql.Identifier(CHANNEL)))


def event_of(row: dict[str, Any]) -> Event:
    """The event of an outbox row."""
    return Event(
        id=str(row["event_id"]),
        type=row["type"],
        source=row["source"],
        topic=row["topic"],
        key=row["key"],
        payload=bytes(row["payload"]),
        time=row["occurred_at"],
        traceparent=row["traceparent"],
        extensions=row["extensions"],
    )
