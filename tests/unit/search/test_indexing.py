"""Keeping the index true: what happens while a generation is built, and when building fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client import REGISTRY

from services.search.adapters.engines import EnginePart, open_engine
from services.search.engine import Group, Narrowed
from services.search.entry import Entry, Key, Release
from services.search.indexing import Indexing
from services.search.lexicon import lexicon
from services.search.progress import Progress, Stage, counted
from services.search.searching import Standing
from services.search.shelf import Shelf
from services.search.shelving import documents_of, shelf_of
from shared.errors import Unavailable
from tests.contract.search.small_index import TODAY, code
from tests.polling import eventually
from tests.stepped_clock import SteppedClock

FEVER = code("icd10cm", "R50", "Fever")
NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Catalog:
    """Entries that change while they are read, and generations of them; a build waits at its end until it may go on."""

    def __init__(self, engine: EnginePart) -> None:
        """Take the engine that generations are built in."""
        self.entries, self._engine = [FEVER], engine
        self.built, self.broken, self.away = 0, False, False
        self.go_on = asyncio.Event()
        self.kept_only: list[str] = []

    async def state(self) -> str:
        """What the entries are of."""
        return "May"

    async def of(self, keys: Sequence[Key]) -> tuple[list[Entry], Mapping[str, Release]]:
        """The entries of some keys."""
        return [entry for entry in self.entries if entry.key in keys], {}

    async def kept(self, generation: str) -> tuple[Shelf, str] | None:  # noqa: ARG002 - nothing is kept
        """None."""
        return None

    async def build(self, tell: Callable[[Progress], None]) -> tuple[Shelf, str]:
        """Build of the entries as they are now."""
        self.built += 1
        shelf = shelf_of(str(self.built), list(self.entries), {})
        tell(Progress(Stage.INDEXING, 1, 4))
        await self.go_on.wait()
        if self.broken:
            raise Unavailable("INDEX_NOT_BUILT", "The disk is full.")
        await self._engine.build(shelf.generation, documents_of(shelf, range(len(shelf)), TODAY.toordinal()))
        return shelf, "May"

    async def keep(self, shelf: Shelf) -> None:
        """Note how many entries it has."""
        self.kept_only.append(f"{int(shelf.columns.alive.sum())} kept")

    async def keep_only(self, generation: str) -> None:
        """Note it."""
        self.kept_only.append(generation)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EnginePart]:
    """An engine without an index."""
    opened = open_engine(f"tantivy://{tmp_path}/index")
    await opened.start()
    yield opened
    await opened.drain(1)


@asynccontextmanager
async def followed(catalog: Catalog, engine: EnginePart) -> AsyncIterator[Indexing]:
    """An index that follows a catalog."""
    indexing = Indexing(catalog, catalog, engine, lexicon, SteppedClock(NOW))
    await indexing.start()
    try:
        yield indexing
    finally:
        await indexing.drain(10)


def slowly(make: Callable[..., Standing]) -> Callable[..., Standing]:
    """The same, but it takes a while."""

    def made(*parts: Any) -> Standing:
        time.sleep(0.3)
        return make(*parts)

    return made


async def has(engine: EnginePart, term: str) -> bool:
    """Whether an entry with a term is found."""
    return bool(await engine.all_of([Group((term,))], Narrowed(), 10))


async def test_what_changes_while_a_generation_is_built_is_found_in_the_new_one(engine: EnginePart) -> None:
    catalog = Catalog(engine)
    async with followed(catalog, engine) as indexing:
        await eventually(lambda: catalog.built == 1, "a build has read the entries")
        catalog.entries = [replace(FEVER, title="Marsupial fever")]
        indexing.change(FEVER.key, NOW.timestamp())
        assert indexing.current() is None
        catalog.go_on.set()
        await eventually(lambda: has(engine, "marsupial"), "the change was taken in")
        assert catalog.built == 1


async def test_builds_that_fail_leave_the_old_generation_and_are_tried_less_and_less_often(
    engine: EnginePart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.search.indexing.TRY_AGAIN_SECONDS", 0.2)
    catalog = Catalog(engine)
    catalog.go_on.set()
    async with followed(catalog, engine) as indexing:
        await eventually(lambda: indexing.current() is not None, "the first generation answers")
        catalog.broken = True
        indexing.rebuild()
        await eventually(lambda: catalog.built == 4, "three more builds were tried")
        before = asyncio.get_running_loop().time()
        await eventually(lambda: catalog.built == 5, "and a fourth")
        assert asyncio.get_running_loop().time() - before > 0.6
        assert (await engine.generation(), await has(engine, "fever")) == ("1", True)
        assert set(catalog.kept_only) <= {"", "1"}, "no table of a failed build stays"
        catalog.broken = False
        await eventually(lambda: catalog.built > 5 and not indexing.building, "the next one is built")
        assert await engine.generation() == str(catalog.built)


async def test_an_index_that_is_older_than_the_table_is_built_anew(engine: EnginePart) -> None:
    catalog = Catalog(engine)
    catalog.go_on.set()
    catalog.built = 4
    async with followed(catalog, engine) as indexing:
        await eventually(lambda: indexing.current() is not None, "generation 5 answers")
        shelf = shelf_of("3", [FEVER], {})
        await engine.build("3", documents_of(shelf, range(1), TODAY.toordinal()))
        await engine.swap("3")
        indexing.doubt()
        await eventually(lambda: catalog.built == 6 and not indexing.building, "it is built")
        assert await engine.generation() == "6"


async def test_operators_read_how_far_a_build_is_whether_an_index_stands_and_how_old_it_is(engine: EnginePart) -> None:
    catalog = Catalog(engine)
    async with followed(catalog, engine) as indexing:
        await eventually(lambda: indexing.progress is not None, "the build tells")
        assert "none stands yet" in indexing.told()
        assert "indexing words, 1 of 4 entries" in indexing.told()
        assert REGISTRY.get_sample_value("search_index_building_done_ratio") == 0.25
        catalog.go_on.set()
        await eventually(lambda: indexing.current() is not None and not indexing.building, "an index stands")
        assert indexing.told().startswith("1 entries, built "), indexing.told()
        assert "being built" not in indexing.told()
        catalog.go_on.clear()
        indexing.rebuild()
        await eventually(lambda: indexing.progress is not None, "the next build tells")
        assert indexing.told().startswith("1 entries, built ")
        assert "the next one is being built for" in indexing.told()
        catalog.broken = True
        catalog.go_on.set()
        await eventually(lambda: indexing.failed > 0 and not indexing.building, "it failed")
        assert "could not be built" in indexing.told()


def test_counting_tells_at_the_beginning_and_now_and_then_and_lines_are_read_back() -> None:
    told: list[Progress] = []
    seconds = iter(range(10_000))
    assert list(counted(range(600), Stage.INDEXING, 600, told.append, now=lambda: next(seconds))) == list(range(600))
    assert [each.done for each in told] == [0, 0, 256, 512]
    assert [Progress.read(each.line()) for each in told] == told
    assert [Progress.read(line) for line in ("", "[1]", '{"stage": "cooking", "done": 1, "of": 2}', "some log")] == [
        None
    ] * 4


async def test_a_table_in_which_codes_were_changed_is_kept_in_a_quiet_moment_and_at_a_stop(
    engine: EnginePart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.search.indexing.LOOK_SECONDS", 0.3)
    catalog = Catalog(engine)
    catalog.go_on.set()
    async with followed(catalog, engine) as indexing:
        await eventually(lambda: indexing.current() is not None and not indexing.building, "an index stands")
        catalog.entries.append(code("icd10cm", "R51", "Marsupial headache"))
        indexing.change(catalog.entries[-1].key, NOW.timestamp())
        await eventually(lambda: "2 kept" in catalog.kept_only, "it is kept")
        monkeypatch.setattr("services.search.indexing.LOOK_SECONDS", 60)
        monkeypatch.setattr(Standing, "of", slowly(Standing.of))  # so that the stop meets it
        catalog.entries.append(code("icd10cm", "R52", "Marsupial pain"))
        indexing.change(catalog.entries[-1].key, NOW.timestamp())
        await eventually(lambda: has(engine, "pain"), "it is found")
        assert "3 kept" not in catalog.kept_only
    assert catalog.kept_only.count("2 kept") == catalog.kept_only.count("3 kept") == 1
