"""The port of releases on PostgreSQL: one transaction holds one kind by an advisory lock."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from services.catalog.adapters import release_store
from services.catalog.releases import Release
from services.catalog.rows import COLUMNS, Edition, Row
from shared.database import Connection, Database


class PostgresReleases:
    """The releases in the catalog's database."""

    def __init__(self, database: Database) -> None:
        """Take the database, opened."""
        self._database = database

    @asynccontextmanager
    async def changing(self, kind: str) -> AsyncIterator["KindWriter"]:
        """Hold a kind until the change is committed; Conflict when another change of it is running."""
        async with self._database.transaction() as conn:
            await release_store.lock_kind(conn, kind)
            yield KindWriter(conn, kind)

    async def releases(self, kind: str = "") -> list[Release]:
        """All releases that are kept, or those of one kind, newest first."""
        async with self._database.connection() as conn:
            return await release_store.releases(conn, kind)

    async def settle(self) -> None:
        """Give the planner the new sizes; without them the first pages would be slow."""
        async with self._database.connection() as conn:
            await conn.execute(f"ANALYZE {', '.join(COLUMNS)}".encode())


class KindWriter:
    """Changes the releases of one kind within one transaction."""

    def __init__(self, conn: Connection, kind: str) -> None:
        """Take the connection of the transaction, and the kind that it holds."""
        self._conn = conn
        self._kind = kind

    async def releases(self) -> list[Release]:
        """The releases that are kept, newest first."""
        return await release_store.releases(self._conn, self._kind)

    async def copy_rows(self, release_id: str, table: str, rows: Sequence[Row]) -> None:
        """Add rows of one table to a release that is not published yet."""
        await release_store.copy_rows(self._conn, release_id, table, rows)

    async def add(self, release: Release, edition: Edition) -> None:
        """Record a release, not in force yet."""
        await release_store.add_release(self._conn, release, edition)

    async def publish(self, release: Release, subject: str, now: datetime) -> int:
        """Put a release in force in the place of the present one; gives the codes that changed by it."""
        return await release_store.publish(self._conn, release, subject, now)

    async def remove_content(self, release: Release, now: datetime) -> None:
        """Remove what a release holds; its record stays."""
        await release_store.remove_content(self._conn, release.id, now)
