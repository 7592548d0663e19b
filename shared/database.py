"""PostgreSQL for a service: a pool of connections, transactions and migrations. Plain SQL stands with its owner."""

import re
import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from shared.errors import CannotStart, Unavailable

Connection = AsyncConnection[DictRow]

Result = TypeVar("Result")

# A server that vanishes without a farewell is noticed in about half a minute, not in two hours.
KEEPALIVE = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}

WAKE_SECONDS = 5.0
"""How often a wait for the server looks for itself, seconds; the socket wakes it before."""

_REVISIONS = (
    re.compile(r"^revision\b[^=\n]*=\s*[\"']([^\"']+)", re.MULTILINE),
    re.compile(r"^down_revision\b[^=\n]*=\s*[\"']([^\"']+)", re.MULTILINE),
)
"""A migration's own number, and that of the one before it."""


class PatientConnection(AsyncConnection[DictRow]):
    """A connection that sleeps until the server speaks.

    Psycopg wakes up ten times a second whenever it waits, as its threads must to notice Ctrl-C. An event loop is woken
    by the socket, and a platform of many listeners spent a twentieth of a core on waking up for nothing.
    """

    async def wait(self, gen: PQGen[Result], interval: float = WAKE_SECONDS, timeout: float | None = None) -> Result:  # noqa: ASYNC109 - psycopg's own signature
        """Run what talks to the server, as psycopg does."""
        return await super().wait(gen, interval, timeout)


class Database:
    """A pool of connections to one database; a part of a service."""

    name = "database"

    def __init__(self, url: str, *, min_size: int = 1, max_size: int = 8, timeout: float = 10.0) -> None:
        """Take the URL; `timeout` is the longest wait for a free connection, in seconds."""
        given = conninfo_to_dict(url)
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            connection_class=PatientConnection,
            kwargs={
                **KEEPALIVE,
                "row_factory": dict_row,
                "autocommit": True,
                "options": f"{given.get('options') or ''} -c timezone=UTC".strip(),
            },
            min_size=min_size,
            max_size=max_size,
            timeout=timeout,
            check=_check,
            open=False,
        )
        self._address = f"{given.get('host') or 'the default host'}, database {given.get('dbname') or 'of the user'}"
        self._timeout = timeout

    async def open(self) -> None:
        """Open the pool and wait for its first connections; CannotStart when the server does not answer in time."""
        try:
            await self._pool.open(wait=True, timeout=self._timeout)
        except PoolTimeout:
            await self._pool.close()
            raise CannotStart(
                f"PostgreSQL at {self._address}, did not answer within {self._timeout:g} s: is it running, and is"
                " DATABASE_URL right?"
            ) from None

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
        """Lend a connection in autocommit.

        Unavailable when none can be had, or when the server went away while it was lent: what was sent last may then
        have been committed or not.
        """
        try:
            connection = await self._pool.getconn()
        except (PoolTimeout, psycopg.OperationalError) as error:
            raise _away() from error
        try:
            yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if connection.broken or _is_farewell(error):
                raise _away() from error
            raise
        finally:
            await self._pool.putconn(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Lend a connection inside a transaction: committed at the end, rolled back on any exception or cancel."""
        async with self.connection() as connection, connection.transaction():
            yield connection


def migrate(url: str, migrations: Path) -> None:
    """Bring one database to the newest revision of a folder of Alembic migrations, whole or not at all.

    The folder holds `versions/` and an env.py that runs on `config.attributes["connection"]`. Of two starters at once
    the second waits. It blocks: call it through asyncio.to_thread while an event loop runs. Raises
    psycopg.OperationalError when the server does not answer, CannotStart when the database is newer than the folder.
    """
    if _is_newest(url, migrations):
        return
    from shared.migrations import upgrade  # noqa: PLC0415 - half a second and 25 MB that a running service never needs

    upgrade(url, migrations)


def _is_newest(url: str, migrations: Path) -> bool:
    """Whether nothing is to be done, as the files' own words say: Alembic is not loaded for that."""
    texts = [file.read_text() for file in (migrations / "versions").glob("*.py")]
    revisions, replaced = ({found[1] for text in texts if (found := line.search(text))} for line in _REVISIONS)
    with psycopg.connect(url) as session:
        try:
            present = {row[0] for row in session.execute("SELECT version_num FROM alembic_version")}
        except psycopg.errors.UndefinedTable:
            return False
    return present == revisions - replaced


def _is_farewell(error: psycopg.Error) -> bool:
    """Whether an error says by itself that the session has ended, which the socket may tell a moment later only.

    The server's own word for it is of class 57P. What the client library says bears no SQLSTATE, for no statement is to
    blame: that a pipeline cannot be left, for the server went away in its midst.
    """
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError)
    return error.sqlstate.startswith("57P")


def _away() -> Unavailable:
    return Unavailable("DATABASE_AWAY", "The database does not answer at the moment.")


async def _check(connection: Connection) -> None:
    """See that a connection still lives before it is lent; a round trip only when there is cause.

    An idle connection has nothing to read. When it has, the server said farewell or closed it (or sent a notice), and
    then a real query finds out which. This keeps a restarted server from failing one request per pooled connection,
    at the price of one system call.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        await AsyncConnectionPool.check_connection(connection)
