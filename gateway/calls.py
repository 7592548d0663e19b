"""What one gateway changes, the others hear at once: PostgreSQL's NOTIFY, on one connection for all who listen.

A call only saves waiting: who remembers something by it also forgets by the clock while nobody hears (`heard`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import structlog
from psycopg import sql

from shared.database import PatientConnection
from shared.tasks import end

RECONNECT_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class Calls:
    """Hears calls and hands them on; a part of the gateway."""

    name = "calls between gateways"

    def __init__(self, database_url: str) -> None:
        """Take the database on which changes are called out."""
        self._url = database_url
        self._hear: dict[str, Callable[[str], None]] = {}
        self._anew: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self.heard = False
        """Whether calls are heard at the moment."""

    def on(self, channel: str, hear: Callable[[str], None], anew: Callable[[], None]) -> None:
        """Have a channel's calls handed to `hear`; `anew` is called when calls before may have been missed."""
        self._hear[channel] = hear
        self._anew.append(anew)

    async def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self._listen(), name=self.name)

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - nothing is under way
        """Stop."""
        await end(self._task)

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear_for_ever()
            except (psycopg.Error, OSError) as error:
                _log.info("changes are noticed by the clock until the database answers", error=type(error).__name__)
            finally:
                self.heard = False
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _hear_for_ever(self) -> None:
        async with await PatientConnection.connect(self._url, autocommit=True) as connection:
            for channel in self._hear:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            for anew in self._anew:
                anew()
            self.heard = True
            async for notice in connection.notifies():
                self._hear[notice.channel](notice.payload)
