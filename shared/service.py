"""A service as an ordered set of parts that start and drain together. The process that runs it owns the signals."""

import asyncio
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import structlog

_log = structlog.get_logger(__name__)


class Part(Protocol):
    """Something that runs: a database pool, an RPC server, a relay, a consumer."""

    @property
    def name(self) -> str:
        """A name for logs."""
        ...

    async def start(self) -> None:
        """Start; returns when the part works."""
        ...

    async def drain(self, grace: float) -> None:
        """Take nothing new, finish what is under way within `grace` seconds, and stop."""
        ...


@runtime_checkable
class Telling(Protocol):
    """A part that tells operators more than that it runs."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    def told(self) -> str:
        """How it stands, in a line; asked from another thread."""
        ...


class Service:
    """Starts its parts in order and drains them in reverse."""

    def __init__(self, name: str, parts: Sequence[Part]) -> None:
        """Take the parts in the order in which they depend on each other."""
        self.name = name
        self._parts = tuple(parts)
        self._started: list[Part] = []

    async def start(self) -> None:
        """Start every part; when one fails, those already started are drained and the failure is raised."""
        for part in self._parts:
            try:
                await part.start()
            except BaseException:
                await self.drain(0)
                raise
            self._started.append(part)
            _log.info("part started", service=self.name, part=part.name)

    async def drain(self, grace: float) -> None:
        """Drain every started part, the last one first; `grace` seconds are shared by all of them."""
        ends = asyncio.get_running_loop().time() + grace
        while self._started:
            part = self._started.pop()
            try:
                await part.drain(max(0.0, ends - asyncio.get_running_loop().time()))
            except Exception:  # noqa: BLE001 - the other parts must drain all the same
                _log.exception("part did not drain", service=self.name, part=part.name)

    def ready(self) -> bool:
        """Whether every part has started and none is draining."""
        return len(self._started) == len(self._parts)

    def told(self) -> list[str]:
        """How parts stand that tell it, a line each."""
        return [f"{self.name} {part.name}: {part.told()}" for part in self._parts if isinstance(part, Telling)]
