"""The relay: brings a service's outbox to the event log.

One is active per service, held by an advisory lock of the service's database; the others wait for the lock and take
over when its holder's session ends, however it ends. Rows are marked only after the log has confirmed them, so that a
relay that dies in between publishes them again: consumers know a second delivery by the event's id.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import psycopg
import structlog
from psycopg import sql

from shared.database import Connection, Database
from shared.errors import DomainError
from shared.events import metrics
from shared.events.backoff import Backoff
from shared.events.event import Event
from shared.events.log import EventLog
from shared.events.outbox import CHANNEL, event_of
from shared.tasks import end

BATCH_ROWS = 500
BATCH_BYTES = 4_000_000
POLL_SECONDS = 5.0
"""After how long without a call the outbox is looked at anyway."""
GATHER_SECONDS = 0.02
BUSY_GATHER_SECONDS = 0.25
"""Before each look the rows of the next moments are waited for, longer behind rows that have just left, so that a busy
outbox leaves in fewer, larger turns."""
HOUSE_SECONDS = 5.0
KEEP_PUBLISHED = "7 days"

_log = structlog.get_logger(__name__)
_LOCK = "SELECT pg_advisory_lock(hashtextextended('outbox relay', 0))"
_WAITING = """
    SELECT * FROM (
        SELECT *, sum(length(payload)) OVER (ORDER BY id) AS bytes, row_number() OVER (ORDER BY id) AS place FROM (
            SELECT * FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT %s
        ) AS waiting
    ) AS measured
    WHERE bytes <= %s OR place = 1 ORDER BY id
"""
_MARK = """
    WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
    UPDATE outbox SET published_at = clock_timestamp() FROM unhurried WHERE id = ANY(%s)
"""
"""Its commit waits for no disk: a mark that a crash loses is made again, after a second delivery of known events."""
_DEPTH = """
    SELECT count(*) AS depth, coalesce(extract(epoch FROM clock_timestamp() - min(added_at)), 0)::float AS oldest
    FROM outbox WHERE published_at IS NULL
"""
_PRUNE = f"""
    DELETE FROM outbox WHERE id IN (
        SELECT id FROM outbox WHERE published_at < clock_timestamp() - interval '{KEEP_PUBLISHED}' LIMIT 10000
    )
"""  # noqa: S608 - a constant


class Relay:
    """Publishes one service's outbox; a part of the service."""

    def __init__(self, database: Database, log: EventLog, name: str, *, backoff: Backoff | None = None) -> None:
        """Take the service's database and name."""
        self.name = f"relay {name}"
        self._service = name
        self._database, self._log = database, log
        self._backoff = backoff or Backoff(longest=10.0)
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to wait for the lock, or to publish; database and log may still be away."""
        self._stopping.clear()
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def drain(self, grace: float) -> None:
        """Publish what the outbox holds within `grace` seconds if this relay is the active one, and stop.

        What does not leave in time waits for the next relay.
        """
        self._stopping.set()
        if self._task:
            await asyncio.wait([self._task], timeout=grace)
            await end(self._task)
            self._task = None

    async def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                async with self._database.connection() as conn:
                    try:
                        if await self._take_lock(conn):
                            failures = 0
                            await self._publish_on(conn)
                    finally:
                        metrics.RELAY_ACTIVE.labels(self._service).set(0)
                        await _give_back(conn)
            except (psycopg.OperationalError, DomainError) as error:
                failures += 1
                _log.warning("relay has to wait", service=self._service, error=str(error))
                await self._pause(self._backoff.delay(failures))
            except Exception:  # noqa: BLE001 - an outbox that nobody empties is worse
                failures += 1
                _log.exception("relay begins again", service=self._service)
                await self._pause(self._backoff.delay(failures))

    async def _take_lock(self, conn: Connection) -> bool:
        """Wait until this relay is the active one; False when it is stopped before."""
        locking = asyncio.ensure_future(conn.execute(_LOCK))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait([locking, stopping], return_when=asyncio.FIRST_COMPLETED)
            if locking.done():
                locking.result()
                metrics.RELAY_ACTIVE.labels(self._service).set(1)
                return True
            return False
        finally:
            for waiting in (locking, stopping):
                waiting.cancel()
            await asyncio.gather(locking, stopping, return_exceptions=True)

    async def _publish_on(self, conn: Connection) -> None:
        await conn.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
        loop = asyncio.get_running_loop()
        failures, house_at = 0, loop.time()
        while True:
            try:
                moved = await self._move(conn)
                failures = 0
            except DomainError as error:
                failures += 1
                metrics.PUBLISH_FAILURES.labels(self._service).inc()
                _log.warning("events not published now", service=self._service, error=error.message)
                await self._pause(self._backoff.delay(failures))
                moved = 0
            if loop.time() >= house_at:
                await self._keep_house(conn)
                house_at = loop.time() + HOUSE_SECONDS
            if moved == 0:
                if self._stopping.is_set():
                    return
                if not failures:
                    await self._wait_for_rows(conn)
            if moved < BATCH_ROWS:
                await self._pause(BUSY_GATHER_SECONDS if moved else GATHER_SECONDS)

    async def _move(self, conn: Connection) -> int:
        """Publish the oldest waiting rows and mark them; gives their number."""
        rows: list[dict[str, Any]] = await (await conn.execute(_WAITING, (BATCH_ROWS, BATCH_BYTES))).fetchall()
        events: list[Event] = [event_of(row) for row in rows]
        if events:
            await self._log.publish(events)
            await conn.execute(_MARK, ([row["id"] for row in rows],))
            for event in events:
                metrics.PUBLISHED.labels(self._service, event.topic).inc()
        return len(events)

    async def _wait_for_rows(self, conn: Connection) -> None:
        """Wait for a NOTIFY, a stop, or the time to look anyway."""

        async def notified() -> None:
            async for _ in conn.notifies(timeout=POLL_SECONDS, stop_after=1):
                return

        hearing = asyncio.ensure_future(notified())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait([hearing, stopping], return_when=asyncio.FIRST_COMPLETED)
            if hearing.done():
                hearing.result()
        finally:
            for waiting in (hearing, stopping):
                waiting.cancel()
            await asyncio.gather(hearing, stopping, return_exceptions=True)

    async def _keep_house(self, conn: Connection) -> None:
        row = await (await conn.execute(_DEPTH)).fetchone()
        if row:
            metrics.OUTBOX_DEPTH.labels(self._service).set(row["depth"])
            metrics.OUTBOX_OLDEST.labels(self._service).set(row["oldest"])
        await conn.execute(_PRUNE)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


async def _give_back(conn: Connection) -> None:
    """Free the lock and the LISTEN, which belong to the session; where that fails, closing it does so for certain."""
    try:
        await conn.execute("SELECT pg_advisory_unlock_all()")
        await conn.execute("UNLISTEN *")
    except psycopg.Error:
        await conn.close()
