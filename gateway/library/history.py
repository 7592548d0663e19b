"""Records what accounts read and look up, beside the way of the pages: noted in memory, written together.

A page costs an entry in a dictionary. What is noted is written within seconds, at the end of the gateway, and before
its reader looks at it. Whether a reader wants it is asked when it is written. The memory is bounded: while the database
is away, the oldest notes are given up and counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from itertools import count, islice
from typing import TypeVar

import psycopg
import structlog
from prometheus_client import Counter

from gateway.library.history_store import HistoryStore, LookUpRow, ReadingRow
from shared.errors import DomainError
from shared.tasks import end

WRITE_SECONDS = 5.0
WRITTEN_AT_ONCE = 1_000
MOST_NOTED = 20_000
SWEEP_SECONDS = 300.0
SWEEPS_A_DAY = int(86_400 / SWEEP_SECONDS)

GIVEN_UP = Counter(
    "gateway_history_given_up_total", "Readings that were not recorded, because the database was away for too long."
)

_log = structlog.get_logger(__name__)
Key = TypeVar("Key")
Value = TypeVar("Value")
Row = TypeVar("Row", ReadingRow, LookUpRow)


class History:
    """What is noted and not yet written; a part of the gateway."""

    name = "reading history"

    def __init__(self, store: HistoryStore, *, now: Callable[[], float] = time.time) -> None:
        """Take where history is kept, and the time of day in seconds."""
        self.store = store
        self._now = now
        self._read: dict[tuple[str, str, str], float] = {}
        self._looked_up: dict[tuple[str, str], tuple[str, float]] = {}
        self._touched: set[str] = set()
        self._writing = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    def note_reading(self, account: str, system: str, code: str) -> None:
        """Note that an account reads a page now."""
        self._read[account, system, code] = self._now()
        if len(self._read) > MOST_NOTED:
            _give_up_oldest(self._read)

    def note_look_up(self, account: str, words: str) -> None:
        """Note that an account looks something up now."""
        shown = " ".join(words.split())
        if shown and shown.isprintable():
            self._looked_up[account, shown.casefold()] = (shown, self._now())
        if len(self._looked_up) > MOST_NOTED:
            _give_up_oldest(self._looked_up)

    async def write(self) -> None:
        """Write what is noted; Unavailable when the database is away, and then it stays noted."""
        async with self._writing:
            await self._write(self._read, lambda key, at: (*key, _moment(at)), self.store.write_readings)
            await self._write(
                self._looked_up, lambda key, value: (*key, value[0], _moment(value[1])), self.store.write_look_ups
            )

    async def start(self) -> None:
        """Begin to write and to sweep."""
        self._tasks = [
            asyncio.create_task(self._write_for_ever(), name=self.name),
            asyncio.create_task(self._sweep(), name=f"{self.name}: bounds"),
        ]

    async def drain(self, grace: float) -> None:
        """Write what is left and stop."""
        await end(*self._tasks)
        try:
            async with asyncio.timeout(max(grace, 1.0)):
                await self.write()
        except (DomainError, TimeoutError, psycopg.Error):
            GIVEN_UP.inc(len(self._read) + len(self._looked_up))

    async def _write(
        self,
        noted: dict[Key, Value],
        row_of: Callable[[Key, Value], Row],
        write: Callable[[Sequence[Row]], Awaitable[None]],
    ) -> None:
        for _ in range(0, len(noted), WRITTEN_AT_ONCE):
            taken = {key: noted.pop(key) for key in list(islice(noted, WRITTEN_AT_ONCE))}
            rows = [row_of(key, value) for key, value in taken.items()]
            try:
                await write(rows)
            except BaseException:
                for key, value in taken.items():
                    noted.setdefault(key, value)  # what was noted meanwhile is newer
                raise
            self._touched.update(row[0] for row in rows)

    async def _write_for_ever(self) -> None:
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            try:
                await self.write()
            except (DomainError, psycopg.Error) as error:
                _log.warning("readings wait to be recorded", error=type(error).__name__)

    async def _sweep(self) -> None:
        for number in count():
            with contextlib.suppress(DomainError, psycopg.Error):  # the next sweep comes
                if number % SWEEPS_A_DAY == 0:
                    await self.store.forget_old(_moment(self._now()))
                touched, self._touched = self._touched, set()
                await self.store.prune(sorted(touched))
            await asyncio.sleep(SWEEP_SECONDS)


def _give_up_oldest(noted: dict[Key, Value]) -> None:
    del noted[next(iter(noted))]
    GIVEN_UP.inc()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
