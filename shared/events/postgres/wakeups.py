"""Wake-ups between processes by LISTEN and NOTIFY. They only save waiting: whoever waits also looks by the clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection

import psycopg
import structlog

from shared.database import PatientConnection
from shared.tasks import end

CHANNEL = "event_log"
RECONNECT_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class Wakeup:
    """Set when one of its words was called out."""

    def __init__(self, words: Collection[str]) -> None:
        """Take the words to listen for."""
        self.words = frozenset(words)
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits, or whoever waits next."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Wait until it rings, at most this long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)
        self._rung.clear()


class Wakeups:
    """One listening connection for everything in this process that waits for the log."""

    def __init__(self, url: str) -> None:
        """Take the database's URL."""
        self._url = url
        self._waiting: set[Wakeup] = set()
        self._task: asyncio.Task[None] | None = None

    def subscribe(self, words: Collection[str]) -> Wakeup:
        """Begin to listen for words: topic names, or "group:" and a group's name."""
        wakeup = Wakeup(words)
        self._waiting.add(wakeup)
        if self._task is None:
            self._task = asyncio.create_task(self._listen(), name="event log wake-ups")
        return wakeup

    def unsubscribe(self, wakeup: Wakeup) -> None:
        """Stop listening."""
        self._waiting.discard(wakeup)

    async def close(self) -> None:
        """Close the connection."""
        await end(self._task)
        self._task = None

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except psycopg.Error as error:
                _log.debug("listening connection lost", error=str(error))
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _hear(self) -> None:
        connection = await PatientConnection.connect(self._url, autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            # Whatever was called out while nobody listened is looked for now.
            for wakeup in self._waiting:
                wakeup.ring()
            async for notice in connection.notifies():
                for wakeup in self._waiting:
                    if notice.payload in wakeup.words:
                        wakeup.ring()
