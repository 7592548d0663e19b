"""Metering's store in PostgreSQL: one statement a step, however many decisions travel together.

Locks are taken in one order by every process: readers by name (rows made first, then locked), then networks by name.
The clock is the database's, read after the locks in the statement that reads the state, unless another is injected.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from services.metering.adapters import bookkeeping, history, policies, reconciliation, rows, saving
from services.metering.content import Content
from services.metering.decision import PageView, Situation
from services.metering.history import HistoryPage
from services.metering.ledger import Changes, Grant
from services.metering.policy import Policy, Tier
from services.metering.reader import Reader, new_reader
from services.metering.store import GrantsPage, PolicyVersion, Reconciliation, Revisions
from shared.clock import Clock
from shared.database import Connection, Database
from shared.errors import Unavailable
from shared.idempotency import once

_NOW = "SELECT coalesce(%s::timestamptz, clock_timestamp()) AS now"
_REVISIONS = """
    SELECT coalesce(%s::timestamptz, clock_timestamp()), (SELECT max(version) FROM policy),
           array(SELECT (SELECT r.revision FROM reader r WHERE r.principal = n.principal)
                 FROM json_array_elements_text(%s) WITH ORDINALITY AS n (principal, place) ORDER BY n.place)
"""
_MAKE_READERS = """
    INSERT INTO reader (principal, tier)
    SELECT n.principal, n.tier FROM unnest(%s::text[], %s::text[]) AS n (principal, tier)
    WHERE NOT EXISTS (SELECT FROM reader WHERE reader.principal = n.principal)
    ORDER BY n.principal ON CONFLICT DO NOTHING
"""
_LOCK_READERS = "SELECT FROM reader WHERE principal = ANY(%s) ORDER BY principal FOR UPDATE"
_MAKE_NETWORKS = """
    INSERT INTO network_day (network, day) SELECT n, %s FROM unnest(%s::text[]) AS n
    WHERE NOT EXISTS (SELECT FROM network_day d WHERE d.network = n AND d.day = %s)
    ORDER BY n ON CONFLICT DO NOTHING
"""
_LOCK_NETWORKS = "SELECT FROM network_day WHERE network = ANY(%s) AND day = %s ORDER BY network FOR UPDATE"


class PostgresStore:
    """The store; policies that were read once are kept, for a version never changes."""

    def __init__(self, database: Database, *, clock: Clock | None = None, timeout: float = 10.0) -> None:
        """Take the database, a clock for tests, and the longest transaction in seconds."""
        self._database = database
        self._clock = clock
        self._timeout = timeout
        self._policies: dict[int, PolicyVersion] = {}

    async def peek(self, views: Sequence[PageView]) -> list[Situation]:
        """Read what decisions depend on, as of one moment, without a lock."""
        async with self._guarded(), self._database.connection() as conn:
            return await self._situations(conn, views, rows.PEEK, None)

    async def revisions(self, principals: Sequence[str]) -> Revisions:
        """Read the revisions of readers, the time and the policy, in one row."""
        async with self._guarded(), self._database.connection() as conn:
            async with conn.cursor(row_factory=tuple_row, binary=True) as cursor:
                await cursor.execute(_REVISIONS, (self.now(), json.dumps(principals)))
                row = await cursor.fetchone()
            assert row is not None  # noqa: S101 - the query gives one row, always
            return Revisions(row[0], await self.policy(conn, row[1]), row[2])

    async def commit(self, changes: Changes) -> dict[str, int]:
        """Write readers at their revisions, in one statement; nobody's when a request id was used before."""
        async with self._guarded(), self._database.connection() as conn:
            try:
                return await saving.commit(conn, changes)
            except psycopg.errors.UniqueViolation:
                return {}

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresTransaction]:
        """Begin a transaction; Unavailable when the database is away or busy too long."""
        async with self._guarded(), self._database.transaction() as conn:
            yield PostgresTransaction(self, conn)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[PostgresTransaction]:
        """Begin a transaction that reads, all of it as of one moment."""
        async with self._guarded(), self._database.transaction() as conn:
            await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield PostgresTransaction(self, conn)

    def now(self) -> datetime | None:
        """Give the injected clock's time; None for the database's."""
        return None if self._clock is None else self._clock.now()

    async def policy(self, conn: Connection, version: int) -> PolicyVersion:
        """Give a version of the policy, read at most once."""
        kept = self._policies.get(version)
        if kept is None:
            kept = self._policies[version] = await policies.read(conn, version)
        return kept

    async def _situations(
        self, conn: Connection, views: Sequence[PageView], query: str, day: date | None
    ) -> list[Situation]:
        given: dict[str, Any] = {**rows.arguments(views), "now": self.now(), "day": day}
        async with conn.cursor(row_factory=tuple_row, binary=True) as cursor:
            await cursor.execute(query, given)
            found = await cursor.fetchall()
        in_force = await self.policy(conn, found[0][1]) if found else None
        readers: dict[str, Reader] = {}
        situations = []
        for view, row in zip(views, found, strict=True):
            assert in_force is not None  # noqa: S101 - there is a row
            reader = readers.get(view.principal)
            if reader is None:
                reader = readers[view.principal] = rows.reader_at(view.principal, row, rows.READER_AT)
            newest = rows.grant_at(view.principal, row, rows.NEWEST_AT)
            earlier = rows.grant_at(view.principal, row, rows.EARLIER_AT) if len(row) > rows.EARLIER_AT else None
            situations.append(
                Situation(reader, row[0], in_force.policy, in_force.version, newest, earlier, row[2] or 0)
            )
        return situations

    @asynccontextmanager
    async def _guarded(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._timeout):
                yield
        except psycopg.OperationalError as error:
            raise Unavailable("DATABASE_AWAY", "The database does not answer at the moment.") from error
        except TimeoutError as error:
            raise Unavailable("DATABASE_SLOW", "The database took too long; try again.") from error


class PostgresTransaction:
    """One transaction of the store."""

    def __init__(self, store: PostgresStore, conn: Connection) -> None:
        """Take the store and a connection inside a transaction."""
        self._store = store
        self._conn = conn
        self._day: date | None = None

    async def lock(self, principals: Collection[str]) -> None:
        """Make the readers' rows where they are missing, and lock them, in one order for all processes."""
        names = sorted(set(principals))
        tiers = [new_reader(name).tier.value for name in names]
        locked = -1
        while locked != len(names):
            # Again when a guest was forgotten between the two statements: its row must be there to be written.
            await self._conn.execute(_MAKE_READERS, (names, tiers))
            locked = (await self._conn.execute(_LOCK_READERS, (names,))).rowcount

    async def lock_networks(self, views: Sequence[PageView]) -> None:
        """Lock the counters of today's networks; the day stays that of the lock to the end of the transaction."""
        networks = sorted({view.network for view in views if view.network})
        if not networks:
            return
        self._day = (await self.now()).date()
        await self._conn.execute(_MAKE_NETWORKS, (self._day, networks, self._day))
        await self._conn.execute(_LOCK_NETWORKS, (networks, self._day))

    async def situations(self, views: Sequence[PageView]) -> list[Situation]:
        """Read what the decisions depend on, at one moment, in the order of the views."""
        return await self._store._situations(self._conn, views, rows.SITUATIONS, self._day)

    async def now(self) -> datetime:
        """Tell the time at this moment."""
        row = await (await self._conn.execute(_NOW, (self._store.now(),))).fetchone()
        assert row is not None  # noqa: S101 - a SELECT without FROM has one row
        moment: datetime = row["now"]
        return moment

    async def policy(self, version: int = 0) -> PolicyVersion:
        """Give a version of the policy, the newest for 0; NotFound when there is none such."""
        return await self._store.policy(self._conn, version or await policies.newest(self._conn))

    async def put_policy(self, policy: Policy, note: str, put_by: str) -> PolicyVersion:
        """Add the next version, in force from now on."""
        return await policies.put(self._conn, policy, note, put_by, await self.now())

    async def reader(self, principal: str) -> Reader:
        """Give one reader, a new one where none is kept."""
        return await bookkeeping.reader(self._conn, principal)

    async def grants(self, principal: str) -> list[Grant]:
        """Give every grant of a principal."""
        return await bookkeeping.grants(self._conn, principal)

    async def readable(self, principal: str, contents: Collection[Content], moment: datetime) -> set[Content]:
        """Give which of the contents the principal may read at the moment."""
        return await bookkeeping.readable(self._conn, principal, contents, moment)

    async def recorded(self, principal: str, request_id: str) -> bool:
        """Tell whether a decision of this request id made a grant."""
        return await bookkeeping.recorded(self._conn, principal, request_id)

    async def grants_page(self, reader: Reader, size: int, after: tuple[datetime, Content] | None) -> GrantsPage:
        """Give grants of the reader's window, newest first, after the place given."""
        return await bookkeeping.grants_page(self._conn, reader, size, after)

    async def history(self, principal: str, size: int, after: int) -> HistoryPage:
        """Give what is kept of a principal, from behind the ledger entry of an id; 0 for the beginning."""
        return await history.history(self._conn, principal, size, after)

    async def tier_at(self, reader: Reader, moment: datetime) -> Tier:
        """Give the tier that the reader had at a moment, by the ledger."""
        return await bookkeeping.tier_at(self._conn, reader, moment)

    async def count(self, reader: Reader, amounts: dict[str, int]) -> dict[str, int]:
        """Add to counters of the reader's window, and give their values."""
        return await bookkeeping.count(self._conn, reader, amounts)

    async def counters(self, reader: Reader) -> dict[str, int]:
        """Give the counters of the reader's window."""
        return await bookkeeping.counters(self._conn, reader)

    async def accept_licence(self, principal: str, licence: str, terms_edition: str) -> datetime:
        """Record an acceptance; gives when the licence was accepted first."""
        return await bookkeeping.accept_licence(self._conn, principal, licence, terms_edition, await self.now())

    async def reconcile(self, principal: str, most: int) -> Reconciliation:
        """Compare ledger, counters and grants, of one principal or of all (empty)."""
        return await reconciliation.reconcile(self._conn, principal, most)

    async def save(self, changes: Changes) -> None:
        """Write readers, grants, ledger, network counters and events."""
        await saving.save(self._conn, changes, self._day)

    async def once(self, rpc: str, request_id: str, request: bytes, work: Callable[[], Awaitable[bytes]]) -> bytes:
        """Do the work once for a request id, and give its first answer every time."""
        return await once(self._conn, rpc, request_id, request, work)
