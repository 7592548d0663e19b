"""PostgreSQL for a service: a pool of connections, transactions and migrations. Plain SQL stands with its owner."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy import create_engine, pool

from shared.errors import Unavailable

Connection = AsyncConnection[DictRow]

MIGRATION_LOCK = 0x636F64696E676168
"""Advisory lock that two starters of one service meet at."""


class Database:
    """A pool of connections to one database; a part of a service."""

    name = "database"

    def __init__(self, url: str, *, min_size: int = 1, max_size: int = 8, timeout: float = 10.0) -> None:
        """Take the URL; `timeout` is the longest wait for a free connection, in seconds."""
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            connection_class=AsyncConnection[DictRow],
            kwargs={"row_factory": dict_row, "autocommit": True, "options": "-c timezone=UTC"},
            min_size=min_size,
            max_size=max_size,
            timeout=timeout,
            check=AsyncConnectionPool.check_connection,
            open=False,
        )
        self._timeout = timeout

    async def open(self) -> None:
        """Open the pool and wait for its first connections."""
        await self._pool.open(wait=True, timeout=self._timeout)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    async def start(self) -> None:
        """Open, as a part of a service."""
        await self.open()

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - callers have drained before
        """Close, as a part of a service."""
        await self.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection in autocommit; Unavailable when none can be had."""
        try:
            connection = await self._pool.getconn()
        except (PoolTimeout, psycopg.OperationalError) as error:
            raise Unavailable("DATABASE_AWAY", "The database does not answer at the moment.") from error
        try:
            yield connection
        finally:
            await self._pool.putconn(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Lend a connection inside a transaction: committed at the end, rolled back on any exception."""
        async with self.connection() as connection, connection.transaction():
            yield connection


def migrate(url: str, migrations: Path) -> None:
    """Bring one database to the newest revision of a folder of Alembic migrations; a second starter waits."""
    engine = create_engine(_driver_url(url), poolclass=pool.NullPool)
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({MIGRATION_LOCK})")
        connection.commit()
        try:
            attributes: dict[str, Any] = config.attributes
            attributes["connection"] = connection
            command.upgrade(config, "head")
        finally:
            connection.rollback()
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({MIGRATION_LOCK})")
            connection.commit()


def _driver_url(url: str) -> str:
    scheme, rest = url.split("://", 1)
    if scheme not in ("postgres", "postgresql"):
        raise ValueError(f"a database URL begins with postgresql://, not {scheme}://")
    return f"postgresql+psycopg://{rest}"
