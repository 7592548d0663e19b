"""Processes of search that share a database, and so an index, build it one after the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

from shared.database import Database

_LOCK = "SELECT pg_advisory_lock(hashtextextended('search index', 0))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('search index', 0))"


@asynccontextmanager
async def one_at_a_time(database: Database) -> AsyncIterator[None]:
    """Wait for the turn and keep it; a process that is killed loses it with its connection."""
    async with database.connection() as conn:
        await conn.execute(_LOCK)
        try:
            yield
        finally:
            try:
                await conn.execute(_UNLOCK)
            except psycopg.Error:
                await conn.close()
