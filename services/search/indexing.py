"""Keeps the index true: builds it from the catalog's entries beside the one that answers, and follows the events.

A generation is a table of codes and an engine's index with the same number. Both are built whole before the swap; when
a build is interrupted, the old generation goes on answering.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog
from prometheus_client import Gauge, Histogram

from services.search.engine import Engine
from services.search.entry import Entry, Key, Release
from services.search.lexicon import Lexicon
from services.search.progress import Progress
from services.search.searching import Standing
from services.search.shelf import Shelf
from services.search.shelving import documents_of, with_changes
from shared.clock import Clock
from shared.errors import DomainError, Unavailable
from shared.memory import settle_memory
from shared.tasks import end

LAG = Gauge("search_index_lag_seconds", "Time from the catalog's latest event to the moment it could be found.")
BUILDING = Gauge("search_index_building", "Whether a generation is being built, 1 or 0.")
ENTRIES = Gauge("search_index_entries", "Entries in the table of codes that answers.")
BUILD = Histogram(
    "search_index_build_seconds", "Time to build a generation.", buckets=(1, 3, 10, 30, 60, 120, 300, 600)
)
BUILT_AT = Gauge("search_index_built_timestamp_seconds", "When the generation that answers was built, in Unix time.")
DONE = Gauge(
    "search_index_building_done_ratio", "How much of the stage that a build is in is done, 0 to 1; 0 when none runs."
)
GATHER_SECONDS = 0.2
"""Events that come together are worked on together."""
MOST_AT_ONCE = 5_000
"""More codes than this are a new generation."""
TRY_AGAIN_SECONDS = 2.0
LOOK_SECONDS = 30.0
"""How often the engine is asked whether it still has its index."""

_log = structlog.get_logger(__name__)


class Source(Protocol):
    """Where entries come from."""

    async def state(self) -> str:
        """Give a word that changes when the releases do that entries are of."""
        ...

    async def of(self, keys: Sequence[Key]) -> tuple[list[Entry], Mapping[str, Release]]:
        """Give the entries of some keys, those that exist."""
        ...


class Generations(Protocol):
    """Where generations come from."""

    async def kept(self, generation: str) -> tuple[Shelf, str] | None:
        """Give the table of a generation that was built before and the catalog's state that it is of; without a name
        the newest one.
        """
        ...

    async def build(self, tell: Callable[[Progress], None]) -> tuple[Shelf, str]:
        """Build another one, table and index, of the catalog's entries, telling how far it is; nothing answers from it
        yet.
        """
        ...

    async def keep_only(self, generation: str) -> None:
        """Forget the tables of all others; of all, when none is named."""
        ...

    async def keep(self, shelf: Shelf) -> None:
        """Keep the table that answers, in which codes were changed since it was built."""
        ...


class Indexing:
    """Owns the generation that answers; a part of the service."""

    name = "index"

    def __init__(
        self,
        source: Source,
        generations: Generations,
        engine: Engine,
        lexicon: Callable[[], Lexicon],
        clock: Clock,
        *,
        turn: Callable[[], AbstractAsyncContextManager[Any]] = contextlib.nullcontext,
    ) -> None:
        """Take where entries and generations come from, the engine, the lexicon, the clock of valid codes, and what
        lets processes that share an index build one after the other.
        """
        self._source, self._generations, self._engine, self._turn = source, generations, engine, turn
        self._lexicon, self._clock = lexicon, clock
        self._standing: Standing | None = None
        self._state: str | None = None
        """The catalog's state that the table is of; None once single codes were changed in it."""
        self._unkept = False
        """Whether codes were changed in the table since it was kept."""
        self._doubted = False
        self.failed = 0
        """How many builds failed one after the other."""
        self._changed: dict[Key, float] = {}
        self._whole: float | None = None
        """When the event was published for which everything is built anew; None when nothing is to be built."""
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._looked = asyncio.Event()
        self._taking_in = asyncio.Lock()
        self.building = False
        self.progress: Progress | None = None
        """How far the build is; None when none runs or it has not begun to tell."""
        self._began = 0.0
        self.lag = 0.0

    def current(self) -> Standing | None:
        """The table that answers, with what reads and finds by it; None before the first one."""
        return self._standing

    @property
    def seconds(self) -> float:
        """How long the build has been going on; 0 when none runs."""
        return time.monotonic() - self._began if self.building else 0.0

    def told(self) -> str:
        """How the index stands and how far the next one is, for operators."""
        standing, building = self._standing, "is being built"
        if self.building:
            so_far = f" ({self.progress})" if self.progress else ""
            building += f" for {self.seconds:,.0f} s{so_far}"
        elif self.failed:
            building = f"could not be built {self.failed} times and is tried again"
        if standing is None:
            missing = f"{building}; codes are found by number meanwhile, words are not" if self._looked.is_set() else ""
            return f"none stands yet, the first one {missing}" if missing else "what was kept is being read"
        built = datetime.fromtimestamp(standing.shelf.built_at, UTC)
        age = (self._clock.now() - built).total_seconds() / 3600
        stands = (
            f"{int(standing.shelf.columns.alive.sum()):,} entries, built {built:%Y-%m-%d %H:%M} UTC,"
            f" {age:,.1f} hours ago, latest change found after {self.lag:,.1f} s"
        )
        return f"{stands}; the next one {building}" if self.building or self.failed else stands

    async def looked(self) -> None:
        """Wait until the table that was kept, if there is one, is taken up after a start."""
        await self._looked.wait()

    async def start(self) -> None:
        """Begin to follow; searches are answered as soon as there is a table."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def drain(self, grace: float) -> None:
        """Stop following, and keep the table as it is for the next start. A build is begun anew then; changes that the
        engine has are taken into the table first, for what is kept has to go with the engine's index.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._taking_in.acquire()
        await end(self._task)
        with contextlib.suppress(Unavailable):
            await self._keep()

    def change(self, key: Key, at: float) -> None:
        """A code changed, as an event of a time tells."""
        self._changed.setdefault(key, at)
        self._wake.set()

    def rebuild(self, at: float = 0.0) -> None:
        """Everything may have changed."""
        self._whole = at if self._whole is None else self._whole
        self._wake.set()

    def doubt(self) -> None:
        """Events may have been missed: build anew if the catalog has other releases than the table is of."""
        self._doubted = True
        self._wake.set()

    async def _run(self) -> None:
        try:
            await self._take_kept()
        except Exception:  # noqa: BLE001 - another one is built
            _log.exception("what was kept cannot be taken up")
        finally:
            self._looked.set()
        self._doubted = True
        while True:
            try:
                await self._work()
            except DomainError as error:
                _log.warning("index has to wait", reason=error.reason, error=error.message)
                await asyncio.sleep(self._patience())
                continue
            except Exception:  # noqa: BLE001 - an index that nobody keeps true is worse
                _log.exception("index is tried again")
                await asyncio.sleep(self._patience())
                continue
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._wake.wait()
                await asyncio.sleep(GATHER_SECONDS)
            except TimeoutError:
                await self._keep_quietly()

    async def _keep_quietly(self) -> None:
        try:
            await self._keep()
        except DomainError as error:
            _log.warning("the table cannot be kept", reason=error.reason, error=error.message)

    async def _keep(self) -> None:
        """Keep a table in which codes were changed; until then a start has to build anew before it finds words."""
        if self._unkept and self._standing is not None:
            await self._generations.keep(self._standing.shelf)
            self._unkept = False

    def _patience(self) -> float:
        """Seconds until what failed is tried again; builds, which cost much, less and less often."""
        return min(TRY_AGAIN_SECONDS * 2.0 ** max(self.failed - 1, 0), LOOK_SECONDS)

    async def _take_kept(self) -> None:
        """Take up the table of the generation that answers; while the engine is away the newest one, so that codes are
        found by number meanwhile.
        """
        try:
            generation = await self._engine.generation()
        except Unavailable:
            kept = await self._generations.kept("")
        else:
            kept = await self._generations.kept(generation) if generation else None
            await self._generations.keep_only(generation)
        if kept is not None:
            self._take(await self._standing_of(kept[0]), kept[1])
        with contextlib.suppress(Unavailable):
            await self._engine.tidy()

    async def _work(self) -> None:
        self._wake.clear()
        if (standing := self._standing) and await self._engine.generation() < standing.shelf.generation:
            self.rebuild()  # the engine lost its index, or never got the one that goes with the table
        if self._doubted and self._whole is None and await self._source.state() != self._state:
            self._whole = 0.0
        self._doubted = False
        if self._whole is not None or len(self._changed) > MOST_AT_ONCE or self._standing is None:
            await self._build()
        elif self._changed:
            await self._update()

    async def _build(self) -> None:
        at, changed = self._whole, dict(self._changed)
        began = time.perf_counter()
        self._tell_building(yes=True)
        self.failed += 1
        try:
            async with self._turn():
                shelf, state = await self._generations.build(self._progressed)
                standing = await self._standing_of(shelf)
                await self._engine.swap(shelf.generation)
            self._take(standing, state)
            self._unkept = False
            await self._generations.keep_only(shelf.generation)
        except Unavailable:
            if self._standing is None and (kept := await self._generations.kept("")) is not None:
                # its index could not be made; codes are found by number all the same
                self._take(await self._standing_of(kept[0]), kept[1])
                self.rebuild()
            elif self._standing is not None:
                await self._generations.keep_only(self._standing.shelf.generation)
            raise
        finally:
            self._tell_building(yes=False)
        self.failed = 0
        self._done(changed)
        if self._whole == at:
            self._whole = None
        BUILD.observe(time.perf_counter() - began)
        self._tell(min((time for time in (at, *changed.values()) if time), default=0.0))
        _log.info("index built", entries=len(shelf), seconds=round(time.perf_counter() - began, 1))

    async def _update(self) -> None:
        standing = self._standing
        if standing is None:
            return
        changed = dict(self._changed)
        entries, releases = await self._source.of(list(changed))
        entries = [standing.with_paths(entry) for entry in entries]
        gone = set(changed) - {entry.key for entry in entries}
        shelf = await asyncio.to_thread(with_changes, standing.shelf, entries, gone, releases)
        rows = range(len(standing.shelf), len(shelf))
        documents = list(documents_of(shelf, rows, self._clock.now().date().toordinal()))
        async with self._taking_in:
            await self._generations.keep_only("")
            await self._engine.update(documents, list(gone))
            self._take(await self._standing_of(shelf), None)
            self._unkept = True
        self._done(changed)
        self._tell(min(changed.values()))

    async def _standing_of(self, shelf: Shelf) -> Standing:
        return await asyncio.to_thread(Standing.of, shelf, self._engine, self._lexicon())

    def _take(self, standing: Standing, state: str | None) -> None:
        self._standing, self._state = standing, state
        settle_memory()  # a table is a million things that stay
        ENTRIES.set(int(standing.shelf.columns.alive.sum()))
        BUILT_AT.set(standing.shelf.built_at)

    def _done(self, changed: Mapping[Key, float]) -> None:
        for key, at in changed.items():
            if self._changed.get(key) == at:
                del self._changed[key]

    def _tell_building(self, *, yes: bool) -> None:
        self.building, self.progress, self._began = yes, None, time.monotonic()
        BUILDING.set(yes)
        DONE.set(0)

    def _progressed(self, progress: Progress) -> None:
        self.progress = progress
        DONE.set(progress.done / progress.of if progress.of else 0)

    def _tell(self, published: float) -> None:
        if published:
            self.lag = max(0.0, self._clock.now().timestamp() - published)
            LAG.set(self.lag)
