"""Consumers that keep a cache true: every process hears every event from now on, and nothing is recorded.

What was read before this process began to listen, or while it could not, may be stale: `reset` is called then, after
the new place to read from is fixed, so that nothing falls between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from shared.errors import DomainError
from shared.events import metrics
from shared.events.backoff import Backoff
from shared.events.event import Event
from shared.events.log import EventLog, Tail, TailBroken
from shared.tasks import end

POLL_SECONDS = 5.0

CacheHandler = Callable[[Event], Awaitable[None]]
Reset = Callable[[], Awaitable[None]]

_log = structlog.get_logger(__name__)


class CacheConsumer:
    """Hears every event of some topics in this process; a part of a service."""

    def __init__(
        self,
        log: EventLog,
        *,
        topics: Sequence[str],
        handle: CacheHandler,
        reset: Reset,
        name: str = "cache",
        backoff: Backoff | None = None,
    ) -> None:
        """Take what to do with an event, and how to empty the cache whole."""
        self.name = f"{name} consumer"
        self._log, self._topics, self._handle, self._reset = log, tuple(topics), handle, reset
        self._backoff = backoff or Backoff(longest=10.0)
        self._listening = metrics.CACHE_LISTENING.labels(self.name)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen; the log may still be away."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - nothing of a cache has to be finished
        """Stop listening."""
        await end(self._task)

    async def _run(self) -> None:
        failures = 0
        reason = "start"
        while True:
            try:
                tail = await self._log.tail(self._topics)
                try:
                    await self._empty(reason)
                    failures = 0
                    self._listening.set(1)
                    await self._listen(tail)
                finally:
                    self._listening.set(0)
                    await tail.close()
            except TailBroken as error:
                reason = "gap"
                _log.warning("cache may have missed events", consumer=self.name, error=str(error))
            except DomainError as error:
                reason = "gap"
                _log.warning("cache cannot listen", consumer=self.name, reason=error.reason, error=error.message)
            except Exception:  # noqa: BLE001 - a cache that nobody keeps true is worse
                reason = "failure"
                _log.exception("cache listens again", consumer=self.name)
            failures += 1
            await asyncio.sleep(self._backoff.delay(failures))

    async def _listen(self, tail: Tail) -> None:
        while True:
            for record in await tail.poll(POLL_SECONDS):
                try:
                    await self._handle(record.event())
                except Exception as error:  # noqa: BLE001 - an emptied cache is right whatever the event said
                    _log.warning(
                        "event not understood, cache emptied",
                        consumer=self.name, place=f"{record.partition}/{record.offset}", error=type(error).__name__,
                    )  # fmt: skip
                    await self._empty("event not understood")

    async def _empty(self, reason: str) -> None:
        metrics.CACHE_RESETS.labels(self.name, reason).inc()
        await self._reset()
