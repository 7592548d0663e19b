"""A queue on disk that is emptied towards metering: what its database holds goes out, also after a crash.

What is queued, and how a round sends it, is its subclasses' matter.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod

import structlog

from shared.database import Database
from shared.errors import DomainError
from shared.tasks import end

PAUSE_SECONDS = 2.0
"""The rest after a round that failed."""

_log = structlog.get_logger(__name__)


class DurableQueue(ABC):
    """The emptying of a queue; a part of the gateway."""

    name: str

    def __init__(self, database: Database) -> None:
        """Take the gateway's database, in which the queue lies."""
        self._database = database
        self._added = asyncio.Event()
        self._added.set()  # an earlier process may have left some
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Say that something was added, once it is on disk."""
        self._added.set()

    async def start(self) -> None:
        """Begin to empty the queue."""
        self._task = asyncio.create_task(self._empty(), name=self.name)

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - what is queued is on disk
        """Stop; the next process goes on."""
        await end(self._task)

    @abstractmethod
    async def send(self) -> bool:
        """Send what waits and take it off the disk; whether more may wait. Whatever is raised is tried again."""

    async def _empty(self) -> None:
        while True:
            await self._added.wait()
            self._added.clear()  # before the round: what is added during it gets a round of its own
            try:
                while await self.send():
                    pass
            except DomainError as error:
                _log.info("a queue waits", queue=self.name, reason=error.reason)
                await self._rest()
            except Exception:  # noqa: BLE001 - the queue must go on being emptied, whatever one round met
                _log.exception("a queue waits", queue=self.name)
                await self._rest()

    async def _rest(self) -> None:
        self._added.set()
        await asyncio.sleep(PAUSE_SECONDS)
