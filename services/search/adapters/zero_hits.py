"""Queries that found nothing, counted in PostgreSQL by day: neither the hour nor who asked is kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from datetime import date
from typing import NamedTuple

import structlog

from services.search.impersonal import kept_form
from shared.clock import Clock
from shared.database import Database
from shared.errors import Unavailable
from shared.tasks import end

MOST_WAITING = 2_000
WRITE_SECONDS = 2.0
KEPT_DAYS = 90

_log = structlog.get_logger(__name__)


class ZeroHit(NamedTuple):
    """A query that found nothing."""

    query: str
    times: int
    last_day: date


class PostgresZeroHits:
    """Writes in the background what was noted; a part of the service."""

    name = "zero hits"

    def __init__(self, database: Database, clock: Clock) -> None:
        """Take the database and the clock that says which day it is."""
        self._database, self._clock = database, clock
        self._waiting: Counter[str] = Counter()
        self._task: asyncio.Task[None] | None = None

    def note(self, query: str) -> None:
        """Note a query, to be written soon, unless it may tell of a person; under a flood new ones are left out."""
        query = kept_form(query)
        if not query:
            return
        if query in self._waiting or len(self._waiting) < MOST_WAITING:
            self._waiting[query] += 1

    async def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - one statement
        """Write what is left."""
        await end(self._task)
        with contextlib.suppress(Unavailable):
            await self.write()

    async def _run(self) -> None:
        swept: date | None = None
        while True:
            try:
                if swept != (today := self._clock.now().date()):
                    await self._forget(today)
                    swept = today
                await self.write()
            except Unavailable as error:
                _log.warning("queries without a result are not written now", reason=error.reason)
            await asyncio.sleep(WRITE_SECONDS)

    async def _forget(self, today: date) -> None:
        """Remove what was asked last too long ago."""
        async with self._database.transaction() as conn:
            await conn.execute(
                "DELETE FROM zero_hit WHERE last_day < %(today)s::date - %(days)s", {"today": today, "days": KEPT_DAYS}
            )

    async def write(self) -> None:
        """Write what was noted so far."""
        if not self._waiting:
            return
        noted, self._waiting = self._waiting, Counter()
        today = self._clock.now().date()
        async with self._database.transaction() as conn:
            await conn.execute(
                "INSERT INTO zero_hit (query, times, last_day) SELECT query, times, %(today)s"
                " FROM unnest(%(queries)s::text[], %(times)s::bigint[]) AS noted (query, times)"
                " ON CONFLICT (query) DO UPDATE"
                " SET times = zero_hit.times + excluded.times, last_day = excluded.last_day",
                {"queries": list(noted), "times": list(noted.values()), "today": today},
            )

    async def most_frequent(self, limit: int) -> list[ZeroHit]:
        """Those that were asked most."""
        await self.write()
        async with self._database.connection() as conn:
            cursor = await conn.execute(
                "SELECT query, times, last_day FROM zero_hit WHERE last_day >= %(today)s::date - %(days)s"
                " ORDER BY times DESC, last_day DESC, query LIMIT %(limit)s",
                {"limit": limit, "today": self._clock.now().date(), "days": KEPT_DAYS},
            )
            return [ZeroHit(row["query"], row["times"], row["last_day"]) for row in await cursor.fetchall()]
