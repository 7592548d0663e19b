"""A database that goes away and comes back: callers are told soon, and nobody has to restart the service.

A door before the real server is closed and opened again, which looks to the pool like a stopped machine.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from shared.database import Database
from shared.errors import Unavailable


class Door:
    """Passes connections on to PostgreSQL while it is open."""

    def __init__(self, folder: Path, url: str) -> None:
        self._given = conninfo_to_dict(url)
        self._socket = folder / ".s.PGSQL.5432"
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.StreamWriter] = set()
        self.url = make_conninfo(url, host=str(folder), port=5432)

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._pass_on, self._socket)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in list(self._passing):
                writer.transport.abort()
            self._server = None
            self._socket.unlink(missing_ok=True)  # Python 3.13 does it itself

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = str(self._given.get("host") or "/tmp"), str(self._given.get("port") or "5432")  # noqa: S108
        if host.startswith("/"):
            there, back = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            there, back = await asyncio.open_connection(host, int(port))
        self._passing |= {writer, back}
        await asyncio.gather(_copy(reader, back), _copy(there, writer))
        self._passing -= {writer, back}


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    except OSError:
        pass
    finally:
        target.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        yield Path(name)


@pytest.fixture
async def door(folder: Path, database_url: str) -> AsyncIterator[Door]:
    door = Door(folder, database_url)
    await door.open()
    yield door
    await door.close()


@pytest.fixture
async def database(door: Door) -> AsyncIterator[Database]:
    database = Database(door.url, min_size=1, max_size=2, timeout=0.5)
    await database.open()
    yield database
    await database.close()


async def ask(database: Database) -> None:
    async with database.connection() as conn:
        await conn.execute("SELECT 1")


async def test_while_it_is_away_callers_are_told_in_time(database: Database, door: Door) -> None:
    await door.close()
    for _ in range(3):
        async with asyncio.timeout(5):
            with pytest.raises(Unavailable):
                await ask(database)


async def test_when_it_is_back_the_pool_finds_it_by_itself(database: Database, door: Door) -> None:
    await door.close()
    with pytest.raises(Unavailable):
        await ask(database)
    await door.open()
    async with asyncio.timeout(30):
        while True:
            try:
                await ask(database)
            except Unavailable:
                continue
            break
