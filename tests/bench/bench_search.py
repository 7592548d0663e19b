"""Search per keystroke inside the service: tantivy against Elasticsearch and against plain BM25, in one run.

As in the service, processes of their own make the table and the indexes, and the one that answers takes them up.
p50 and p99, of tantivy the medians of rounds in processes of their own, throughput with 1, 8 and 32 callers, time to
build, memory, and on random queries how often the engines find other candidates, by cause, or another first ten. With
DATA=folder on all code sets, otherwise on what packages carry.
`python tests/bench/bench_search.py [KEYSTROKES [RANDOM QUERIES]]`.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil
import structlog

from services.search.adapters.engines import open_engine
from services.search.adapters.table_files import TableFiles
from services.search.lexicon import lexicon
from services.search.searching import Standing
from services.search.shelf import Shelf
from services.search.shelving import documents_of
from shared.errors import Unavailable
from shared.memory import settle_memory
from tests.search.bm25 import Bm25
from tests.search.coder_queries import coder_queries
from tests.search.held import GENERATION, NOW, Answer, Held, Noting, noting, table_of
from tests.search.loaded import loaded_entries
from tests.servers.run import Run
from tests.servers.source import NotAvailableError

KEYSTROKES, RANDOM_QUERIES, SHOWN = 2_000, 10_000, 5
ROUNDS = 5
CALLERS = (1, 8, 32)
Ask = Callable[[str], Awaitable[Any]]
Done = TypeVar("Done")


def keystrokes(most: int) -> list[str]:
    """What stands in the box after each keystroke of coder queries that are drawn by lot."""
    queries = [query.text for query in coder_queries()]
    random.Random(1).shuffle(queries)  # noqa: S311 - a draw that is the same each time
    return [query[:size] for query in queries for size in range(1, len(query) + 1)][:most]


def random_queries(shelf: Shelf, count: int) -> list[str]:
    """Words of titles, some unfinished, and beginnings of codes."""
    draw = random.Random(2)  # noqa: S311 - likewise
    found: list[str] = []
    while len(found) < count:
        entry = shelf.entry(draw.randrange(len(shelf)))
        words = entry.title.split()
        if not words or draw.random() < 0.1:
            found.append(entry.display[: draw.randint(1, len(entry.display))])
            continue
        query = " ".join(draw.sample(words, min(len(words), draw.randint(1, 4))))
        found.append(query[: draw.randint(2, len(query))] if len(query) > 2 and draw.random() < 0.5 else query)
    return [query[:200] for query in found]


async def latencies(ask: Ask, queries: Sequence[str]) -> list[float]:
    """Ask one after the other; p50 and p99 in milliseconds by the clock, and the mean of the processor's time."""
    settle_memory()  # as the service does when it takes a table up
    told: list[float] = []
    own = time.thread_time()
    for query in queries:
        began = time.perf_counter()
        await ask(query)
        told.append((time.perf_counter() - began) * 1e3)
    own = (time.thread_time() - own) * 1e3 / len(queries)
    told.sort()
    return [told[len(told) // 2], told[int(len(told) * 0.99)], own]


def tell(name: str, figures: Sequence[float]) -> None:
    """Print latencies."""
    p50, p99, own = figures
    print(f"{name:>13}  p50 {p50:7.2f} ms  p99 {p99:7.2f} ms  processor here {own:6.2f} ms a keystroke", flush=True)


async def timed(held: Held, typed: Sequence[str]) -> list[float]:
    """Latencies of the first half of the keystrokes, after the others, which a service has met within minutes."""
    half = len(typed) // 2
    for query in typed[half:]:
        await held.typed(query)
    return await latencies(held.typed, typed[:half])


def one_round(folder: str, url: str, typed: Sequence[str]) -> list[float]:
    """Latencies in a process that has just taken the table and the index up."""
    return asyncio.run(_one_round(folder, url, typed))


async def _one_round(folder: str, url: str, typed: Sequence[str]) -> list[float]:
    async with AsyncExitStack() as stack:
        return await timed(await held_by(stack, folder, url), typed)


def in_rounds(name: str, folder: str, url: str, typed: Sequence[str]) -> list[float]:
    """Latencies in some processes, one after the other, and the median of each figure: what else goes on beside them
    on a machine that is shared slows some of them by half.
    """
    rounds = [apart(one_round, folder, url, typed) for _ in range(ROUNDS)]
    for figures in rounds:
        tell(name, figures)
    medians = [statistics.median(each) for each in zip(*rounds, strict=True)]
    tell("median", medians)
    return medians


async def throughput(held: Held, queries: Sequence[str]) -> None:
    """Keystrokes a second with several callers in one process, none of them answered before."""
    name, ask = held.name, held.typed
    for callers in CALLERS:
        held.standing.answered.clear()
        waiting, refused = iter(queries), [0]

        async def caller(waiting: Any = waiting, refused: list[int] = refused) -> None:
            for query in waiting:
                try:
                    await ask(query)
                except Unavailable:
                    refused[0] += 1

        began = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(callers)))
        rate = (len(queries) - refused[0]) / (time.perf_counter() - began)
        print(f"{name:>13}  {callers:>3} callers {rate:8.0f} keystrokes/s, {refused[0]} refused", flush=True)


async def differences(one: Held, other: Held, queries: Sequence[str]) -> None:
    """Count where two engines find other candidates or show another first ten, and show some."""
    engines: list[Noting] = []
    for held in (one, other):
        engine = noting(held.engine, held.standing.shelf)
        held.standing = Standing.of(held.standing.shelf, engine, lexicon())
        engines.append(engine)
    causes: Counter[str] = Counter()
    shown = compared = 0
    for query in queries:
        first: list[list[tuple[str, str]]] = []
        for held, engine in zip((one, other), engines, strict=True):
            engine.noted = []
            first.append([result.entry.key for result in await held.found(query)])
        compared += len(engines[0].noted)
        causes.update(dict.fromkeys(caused(*(engine.noted for engine in engines)), 1))
        causes["another first ten"] += first[0] != first[1]
        if first[0] != first[1] and shown < SHOWN:
            shown += 1
            at = next((i for i, (a, b) in enumerate(zip(*first, strict=False)) if a != b), min(map(len, first)))
            print(f'  "{query}" differs at place {at + 1}: {first[0][at : at + 1]} and {first[1][at : at + 1]}')
    print(f"{len(queries):,} random queries asked engines {compared:,} times; by engine, queries have")
    for cause, count in causes.items():
        print(f"  {count:>6,}  {cause}", flush=True)


def caused(one: Sequence[Answer], other: Sequence[Answer]) -> Iterator[str]:
    """How the candidates of two engines differ: where, and whether there were more than were asked for."""
    for mine, theirs in zip(one, other, strict=False):
        if mine.keys != theirs.keys:
            cut = mine.cut and theirs.cut
            yield f"other candidates{' at the limit' if cut else ''}"
            return
    if len(one) != len(other):
        yield "asked another number of times"


def apart(work: Callable[..., Done], *given: Any) -> Done:
    """What work gives that is done in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(work, *given).result()


def make_table(folder: str, server: str, data: Path | None) -> float:
    """Keep the table of all entries in a folder; the seconds that making it took."""
    shelf, seconds = table_of(asyncio.run(loaded_entries(server, data)))
    TableFiles(Path(folder)).save(shelf, "")
    return seconds


def make_index(folder: str, url: str) -> float:
    """Build an engine's index of the table in a folder; the seconds that it took."""
    return asyncio.run(_make_index(kept_table(folder), url))


async def _make_index(shelf: Shelf, url: str) -> float:
    engine = open_engine(url)
    await engine.start()
    began = time.perf_counter()
    await engine.build(GENERATION, documents_of(shelf, range(len(shelf)), NOW.date().toordinal()))
    await engine.swap(GENERATION)
    seconds = time.perf_counter() - began
    await engine.drain(1)
    return seconds


def kept_table(folder: str) -> Shelf:
    """The table that is kept in a folder."""
    kept = TableFiles(Path(folder)).load(GENERATION)
    if kept is None:
        raise FileNotFoundError(folder)
    return kept[0]


async def held_by(stack: AsyncExitStack, folder: str, url: str, build_seconds: float = 0.0) -> Held:
    """The table in a folder, taken up with an engine that has its index."""
    engine = open_engine(url)
    await engine.start()
    stack.push_async_callback(engine.drain, 1)
    return Held(engine.name, engine, Standing.of(kept_table(folder), engine, lexicon()), build_seconds)


async def take_up(stack: AsyncExitStack, folder: str, url: str) -> Held:
    """Take up the table in a folder with an engine, of which the index is built before."""
    return await held_by(stack, folder, url, apart(make_index, folder, url))


async def main(count: int, drawn: int) -> None:
    """Build, ask and print."""
    data = Path(os.environ["DATA"]) if os.environ.get("DATA") else None
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    run = Run.begin()
    process = psutil.Process()
    try:
        async with AsyncExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="bench"))
            seconds = apart(make_table, folder, run.get("postgres").address, data)
            gc.collect()
            before = process.memory_info().rss
            tantivy = await take_up(stack, folder, f"tantivy://{folder}/index")
            size = (process.memory_info().rss - before) / 2**20
            shelf = tantivy.standing.shelf
            print(f"{len(shelf):,} entries, table in {seconds:.1f} s, tantivy in {tantivy.build_seconds:.1f} s")
            print(f"memory of the table, tantivy's index and what reads by them: {size:.0f} MiB", flush=True)
            typed = keystrokes(2 * count)
            some = typed[: min(count, 1_000)]
            # before Elasticsearch, which goes on merging, is there
            figures = [in_rounds(tantivy.name, folder, f"tantivy://{folder}/index", typed)]
            await throughput(tantivy, some)
            searches = [tantivy]
            try:
                elastic = await take_up(stack, folder, f"{run.get('elasticsearch').address}/bench")
                print(f"Elasticsearch in {elastic.build_seconds:.1f} s")
                searches.append(elastic)
                figures.append(await timed(elastic, typed))
                tell(elastic.name, figures[-1])
                await throughput(elastic, some)
            except NotAvailableError as reason:
                print(f"Elasticsearch is left out: {reason}")
            entries = map(shelf.entry, range(len(shelf)))
            baseline = Bm25((entry.system, entry.code, entry.title) for entry in entries)

            async def plain(query: str) -> Sequence[str]:
                return baseline.find(query)

            tell("plain BM25", await latencies(plain, typed[: max(count // 4, 1)]))
            if len(searches) > 1:
                ratios = [other / own for own, other in zip(*(each[:2] for each in figures), strict=True)]
                print(f"tantivy is {ratios[0]:.1f} times as fast as Elasticsearch at p50, {ratios[1]:.1f} times at p99")
                await differences(searches[0], searches[1], random_queries(shelf, drawn))
    finally:
        run.end()


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:3]]
    asyncio.run(main(*(given + [KEYSTROKES, RANDOM_QUERIES][len(given) :])))
