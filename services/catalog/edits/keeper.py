"""Keeps tables in memory, and puts a new state in the place of the old one whole.

The tables in force are loaded ahead; while a new one loads, the old state answers. Those of older days are loaded when
a claim asks for them, and the ones that were asked for last stay.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from time import perf_counter
from typing import Any, Protocol

import structlog
from cachetools import LRUCache

from services.catalog.editions import Editions
from services.catalog.edits.claim import Claim
from services.catalog.edits.diagnosis_table import DiagnosisTable
from services.catalog.edits.shelf import Shelf, in_force
from services.catalog.records import ReleaseRecord
from shared.errors import DomainError
from shared.memory import settle_memory
from shared.tasks import end

LOOK_EVERY_SECONDS = 5.0
"""How often it looks for itself, and tells that it lives; it hears of changes at once."""
AGAIN_SECONDS = 1.0
"""The pause after a failure."""

MOST_OLDER = 24
"""Tables of older days that stay; the largest, of PTP, are never among them, for they answer for all days."""
WEIGHT_OF_CODES = 6
"""As many of the others a table of ICD-10-CM weighs among them."""

_log = structlog.get_logger(__name__)


Wait = Callable[[float], Awaitable[None]]


class TableSource(Protocol):
    """Where releases and their tables come from."""

    async def editions(self) -> Editions[ReleaseRecord]:
        """Give every release that answers."""
        ...

    async def table(self, release: ReleaseRecord) -> Any:
        """Give the table of a release as rules look into it."""
        ...

    def listening(self) -> AbstractAsyncContextManager[Wait]:
        """Begin to hear when releases change, and give what waits for the next change, up to some seconds."""
        ...

    async def tell(self, editions: Editions[ReleaseRecord]) -> None:
        """Tell whoever waits for it which releases this process answers from."""
        ...

    async def leave(self) -> None:
        """Tell whoever waits that this process answers no longer."""
        ...


def _weight(table: Any) -> int:
    return WEIGHT_OF_CODES if isinstance(table, DiagnosisTable) else 1


class Keeper:
    """The present state of the tables; a part of the service."""

    name = "edit tables"

    def __init__(self, source: TableSource) -> None:
        """Take where tables come from."""
        self._source = source
        self._in_force: dict[str, Any] = {}
        self._older: LRUCache[str, Any] = LRUCache(MOST_OLDER, getsizeof=_weight)
        self._shelf: Shelf | None = None
        self._first = asyncio.Event()
        self._loading = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def shelf(self, claims: Sequence[Claim]) -> Shelf:
        """The tables for some claims as they are now; waits for what is not loaded yet."""
        if self._shelf is None:
            await self._first.wait()
        shelf = self._present()
        if shelf.missing(claims):
            async with self._loading:
                shelf = self._present()
                loaded = {release.id: await self._load(release) for release in shelf.missing(claims)}
                self._older.update(loaded)
                self._put(shelf.editions)
                shelf = Shelf(shelf.editions, {**shelf.tables, **loaded})
        return shelf

    async def start(self) -> None:
        """Begin to load; calls that need tables wait for them, the others do not."""
        self._task = asyncio.create_task(self._keep(), name=self.name)

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - nothing has to be finished
        """Stop."""
        if self._task is not None:
            await end(self._task)
            with contextlib.suppress(DomainError):
                await self._source.leave()

    async def _keep(self) -> None:
        while True:
            try:
                async with self._source.listening() as change:
                    while True:
                        await self.refresh()
                        await change(LOOK_EVERY_SECONDS)
            except DomainError as error:
                _log.warning("edit tables cannot be loaded", reason=error.reason, error=error.message)
            except Exception:  # noqa: BLE001 - the old state answers, and the next look may succeed
                _log.exception("edit tables cannot be loaded")
            await asyncio.sleep(AGAIN_SECONDS)

    async def refresh(self) -> None:
        """Load what is in force and not in memory, let go what is no longer, and tell of it."""
        async with self._loading:
            editions = await self._source.editions()
            wanted = {release.id: release for release in in_force(editions)}
            tables = {
                identity: self._in_force[identity] if identity in self._in_force else await self._load(release)
                for identity, release in wanted.items()
            }
            changed = tables.keys() != self._in_force.keys()
            self._in_force = tables
            self._put(editions)
        if changed:
            settle_memory()
        await self._source.tell(editions)

    async def _load(self, release: ReleaseRecord) -> Any:
        began = perf_counter()
        table = await self._source.table(release)
        seconds = round(perf_counter() - began, 1)
        _log.info("edit table loaded", kind=release.kind, setting=release.setting, release=release.id, seconds=seconds)
        return table

    def _put(self, editions: Editions[ReleaseRecord]) -> None:
        self._shelf = Shelf(editions, {**self._older, **self._in_force})
        self._first.set()

    def _present(self) -> Shelf:
        assert self._shelf is not None  # noqa: S101 - set before the event that calls wait for
        return self._shelf
