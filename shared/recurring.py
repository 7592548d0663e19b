"""Work that a service does again and again in the background, such as forgetting what has run out."""

import asyncio
from collections.abc import Awaitable, Callable

import psycopg
import structlog

from shared.errors import DomainError
from shared.tasks import end

HOURLY = 3600.0

_log = structlog.get_logger(__name__)


class Recurring:
    """Does it and rests, until it is stopped; a part of a service. What failed is tried again after the rest."""

    def __init__(
        self, name: str, work: Callable[[], Awaitable[object]], *, every: float = HOURLY, at_start: bool = True
    ) -> None:
        """Take the work, which may be cut at any moment, the seconds of rest, and whether it begins with the work."""
        self.name = name
        self._work = work
        self._every = every
        self._at_start = at_start
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - what is left waits for the next time
        """Stop."""
        await end(self._task)

    async def _run(self) -> None:
        if not self._at_start:
            await asyncio.sleep(self._every)
        while True:
            try:
                await self._work()
            except (DomainError, psycopg.Error) as error:
                _log.warning("recurring work has to wait", work=self.name, error=type(error).__name__)
            await asyncio.sleep(self._every)
