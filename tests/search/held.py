"""One table of codes with an index of it in each engine, as search would hold them, for figures of both in one run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.search.adapters.engines import EnginePart, open_engine
from services.search.engine import Group, Narrowed, Weighing, Weighted
from services.search.entry import Key
from services.search.found import Result
from services.search.lexicon import lexicon
from services.search.searching import Request, Searching, Standing
from services.search.shelf import Shelf
from services.search.shelving import documents_of, shelf_of
from tests.search.loaded import Loaded
from tests.stepped_clock import SteppedClock

NOW = datetime(2026, 5, 1, tzinfo=UTC)
GENERATION = "20260501"
SUGGESTED = 8
"""As many results as the search box asks for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine found when it was asked once."""

    keys: frozenset[Key]
    cut: bool
    """Whether there may be more than were asked for."""


class Noting:
    """An engine that notes what it found that has all of the words, by key."""

    def __init__(self, engine: EnginePart, shelf: Shelf) -> None:
        """Take the engine and the table that its numbers are of."""
        self.engine, self._shelf = engine, shelf
        self.noted: list[Answer] = []

    async def all_of(self, groups: Sequence[Group], narrowed: Narrowed, limit: int) -> Sequence[Key | int]:
        """Ask, and note."""
        names = await self.engine.all_of(groups, narrowed, limit)
        keys = frozenset(self._shelf.code_of(name) if isinstance(name, int) else name for name in names)
        self.noted.append(Answer(keys, cut=len(names) == limit))
        return names

    def __getattr__(self, name: str) -> Any:
        """The rest is the engine's."""
        return getattr(self.engine, name)


class NotingWeighing(Noting):
    """One that weighs terms as well."""

    async def some_of(self, terms: Sequence[Weighted], narrowed: Narrowed, limit: int) -> Sequence[Key | int]:
        """Ask."""
        found: Sequence[Key | int] = await self.engine.some_of(terms, narrowed, limit)  # type: ignore[attr-defined]
        return found


def noting(engine: EnginePart, shelf: Shelf) -> Noting:
    """An engine that notes what it found."""
    return (NotingWeighing if isinstance(engine, Weighing) else Noting)(engine, shelf)


@dataclass
class Held:
    """A search on one engine."""

    name: str
    engine: EnginePart
    standing: Standing
    build_seconds: float
    noted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Join the table with what answers."""
        self._searching = Searching(lambda: self.standing, SteppedClock(NOW), self)

    def note(self, query: str) -> None:
        """Note a query that found nothing."""
        self.noted.append(query)

    async def found(self, query: str, system: str = "", *, limit: int = 10, typing: bool = False) -> Sequence[Result]:
        """Search, within a system or within all."""
        narrowed = Narrowed(systems=(system,)) if system else Narrowed()
        return (await self._searching.search(Request(query, narrowed, limit, typing=typing))).results

    async def typed(self, query: str) -> Sequence[Result]:
        """Search while typing, as the search box does."""
        return await self.found(query, limit=SUGGESTED, typing=True)


def table_of(loaded: Loaded) -> tuple[Shelf, float]:
    """The table of some entries, and the seconds that making it took."""
    began = time.perf_counter()
    entries, releases = loaded
    shelf = shelf_of(GENERATION, entries, releases)
    return shelf, time.perf_counter() - began


async def hold(stack: AsyncExitStack, shelf: Shelf, url: str = "") -> Held:
    """Build an index of a table: in tantivy, in a folder that goes with the stack, or in the engine of a URL."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="held")))
    engine = open_engine(url or f"tantivy://{folder}/index")
    await engine.start()
    stack.push_async_callback(engine.drain, 1)
    began = time.perf_counter()
    await engine.build(GENERATION, documents_of(shelf, range(len(shelf)), NOW.date().toordinal()))
    await engine.swap(GENERATION)
    seconds = time.perf_counter() - began
    return Held(engine.name, engine, Standing.of(shelf, engine, lexicon()), seconds)
