"""A queue whose workers take all that has gathered, up to a bound, and work on it together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

import structlog

from shared.tasks import end

T = TypeVar("T")

CROWD = 128
"""Things that wait and are worth a further worker at once."""
LONG_SECONDS = 0.01
"""How long a worker may take until a further one begins for less."""

_log = structlog.get_logger(__name__)


class Lane(Generic[T]):
    """What arrives while a worker works is taken together by the next one that is free."""

    def __init__(self, name: str, work: Callable[[Sequence[T]], Awaitable[None]], *, most: int, workers: int) -> None:
        """Take the work, which fails for nothing, the most things worked on together, and how often at a time.

        While one worker works another begins only for a crowd, or when the first takes long: a few things more wait
        the moment that they save by going together.
        """
        self.name = name
        self._work = work
        self._most = most
        self._number = workers
        self._workers: list[asyncio.Task[None]] = []
        self._waiting: deque[T] = deque()
        self._busy = 0
        self._begun = 0.0
        """When work was begun last, by the event loop's clock."""
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    async def start(self) -> None:
        """Start the workers."""
        self._workers = [asyncio.create_task(self._run(), name=f"{self.name} {i}") for i in range(self._number)]

    async def drain(self, grace: float) -> None:
        """Work off what waits, within `grace` seconds, and stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), grace or 0.001)
        await end(*self._workers)
        self._workers = []

    def add(self, things: Iterable[T]) -> None:
        """Let things wait for the next free worker."""
        self._waiting.extend(things)
        if self._waiting:
            self._idle.clear()
            self._arrived.set()

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            if self._busy and not self._worth_another():
                self._arrived.clear()  # whoever works now sets it again
                continue
            together = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
            if not self._waiting:
                self._arrived.clear()
            if not together:
                continue
            self._busy += 1
            self._begun = asyncio.get_running_loop().time()
            try:
                await self._work(together)
            except Exception:  # noqa: BLE001 - a lane that stopped would leave everyone waiting
                _log.exception("work failed in its lane", lane=self.name, size=len(together))
            finally:
                self._busy -= 1
                if self._waiting:
                    self._arrived.set()
                elif not self._busy:
                    self._idle.set()

    def _worth_another(self) -> bool:
        long = asyncio.get_running_loop().time() - self._begun > LONG_SECONDS
        return long or len(self._waiting) >= CROWD
