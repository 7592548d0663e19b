"""The outbox: events written in the transaction of the change they tell of. The relay brings them to the log later.

Order: rows leave by their number. Two transactions that change one aggregate must take its row lock (or another lock of
it) before they add an event, as they do anyway to change it; then its events have the order of the changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Protocol

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


_TYPES = {
    "event_id": "uuid", "topic": "text", "key": "text", "type": "text", "source": "text", "payload": "bytea",
    "occurred_at": "timestamptz", "traceparent": "text", "extensions": "jsonb",
}  # fmt: skip
ADD = f"INSERT INTO outbox ({', '.join(_TYPES)}) SELECT {', '.join(f'n.{name}' for name in _TYPES)}"
"""The head of a statement that adds the rows of GIVEN; `ORDER BY n.place` keeps their order."""
GIVEN = (
    f"json_to_recordset(%(events)s) AS n (place bigint, {', '.join(f'{name} {kind}' for name, kind in _TYPES.items())})"
)
"""The events that `given` wrote down, for a service that adds them within a larger statement of its own."""
TELL = f"pg_notify('{CHANNEL}', '')"
"""Wakes the relay when the transaction commits; once, however often it is evaluated."""
_INSERT = f"{ADD} FROM {GIVEN} ORDER BY n.place"


def given(events: Iterable[Event]) -> str:
    """Write events down as the parameter `events` of a statement with GIVEN in it."""
    return json.dumps([_row(place, event) for place, event in enumerate(events)])


def _row(place: int, event: Event) -> dict[str, Any]:
    return {
        "place": place,
        "event_id": event.id,
        "topic": event.topic,
        "key": event.key,
        "type": event.type,
        "source": event.source,
        "payload": "\\x" + event.payload.hex(),
        "occurred_at": event.time.isoformat(),
        "traceparent": event.traceparent,
        "extensions": dict(event.extensions),
    }


async def add(conn: Connection, *events: Event) -> None:
    """Add events in the caller's transaction, in this order, and wake the relay when it commits."""
    if not events:
        return
    await conn.execute(_INSERT, {"events": given(events)})
    await conn.execute(f"SELECT {TELL}")


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
