"""The port of releases on PostgreSQL: one transaction holds one slot by an advisory lock."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from psycopg import sql

from services.catalog.adapters import copying, release_store
from services.catalog.adapters.answering import answered_from
from services.catalog.releases import Release, Standing
from services.catalog.rows import COLUMNS, Edition, Row
from shared import idempotency
from shared.database import Connection, Database

CHANGE = "RevertRelease"


class PostgresReleases:
    """The releases in the catalog's database."""

    def __init__(self, database: Database) -> None:
        """Take the database, opened."""
        self._database = database

    @asynccontextmanager
    async def changing(self, kind: str, setting: str = "") -> AsyncIterator["SlotWriter"]:
        """Hold a slot until the change is committed; Conflict when another change of it is running."""
        async with self._database.transaction() as conn:
            await release_store.lock_slot(conn, kind, setting)
            yield SlotWriter(conn, kind, setting)

    async def releases(self, kind: str = "") -> list[Release]:
        """All releases that are kept, or those of one kind, newest first."""
        async with self._database.connection() as conn:
            return await release_store.releases(conn, kind)

    async def settle(self) -> None:
        """Give the planner the new sizes; without them the first pages would be slow."""
        async with self._database.connection() as conn:
            await conn.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(map(sql.Identifier, COLUMNS))))

    async def answered(self) -> bool:
        """Wait until every running process answers from what is published; False when one takes too long."""
        return await answered_from(self._database)


class SlotWriter:
    """Changes the releases of one slot within one transaction."""

    def __init__(self, conn: Connection, kind: str, setting: str) -> None:
        """Take the connection of the transaction, and the kind and setting that it holds."""
        self._conn = conn
        self._kind = kind
        self._setting = setting

    async def releases(self) -> list[Release]:
        """The releases that are kept, newest first."""
        return await release_store.releases(self._conn, self._kind, self._setting)

    async def copy_rows(self, release_id: str, table: str, rows: Sequence[Row]) -> None:
        """Add rows of one table to a release that is not published yet."""
        await copying.copy_rows(self._conn, release_id, table, rows)

    async def copy_blocks(self, release_id: str, table: str, blocks: AsyncIterator[bytes]) -> None:
        """Add ready rows of one table to a release that is not published yet."""
        await copying.copy_blocks(self._conn, release_id, table, blocks)

    async def add(self, release: Release, edition: Edition) -> Release:
        """Record a release, not answering yet; gives it with its number."""
        return await release_store.add_release(self._conn, release, edition)

    async def publish(self, standing: Standing, subject: str, now: datetime) -> int:
        """Let the slot stand as it shall, and tell; gives the codes that changed for readers who name no day."""
        return await release_store.publish(self._conn, standing, subject, now)

    async def remove_content(self, release: Release, now: datetime) -> None:
        """Remove what a release holds; its record stays."""
        await release_store.remove_content(self._conn, release.id, now)

    async def once(self, request_id: str, request: bytes, work: Callable[[], Awaitable[bytes]]) -> bytes:
        """Do the work once for a request id, and give its answer every time; Conflict for another request."""
        return await idempotency.once(self._conn, CHANGE, request_id, request, work)
