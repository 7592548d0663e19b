"""How often search finds what is meant: tantivy, Elasticsearch and plain BM25 on the same queries in one run.

`make eval DATA=folder`: paths of the Alphabetic Index, without the Index loaded, and coder queries by class with the
keystrokes until the target is among the first five. A number behind it asks every so-many-th path only.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import structlog

from tests.search.bm25 import Bm25
from tests.search.coder_queries import CoderQuery, coder_queries
from tests.search.evaluation import Figures, figures, index_queries
from tests.search.held import Held, hold, table_of
from tests.search.loaded import loaded_entries
from tests.servers.run import Run
from tests.servers.source import NotAvailableError

FIRST = 5


async def asked(held: Held, queries: Sequence[CoderQuery]) -> Figures:
    """Figures of a search."""
    answers = {}
    for query in queries:
        results = await held.found(query.text, query.system)
        answers[query.text, query.system] = [result.entry.code for result in results]
    return figures(queries, lambda text, system: answers[text, system])


async def keystrokes_until(held: Held, query: CoderQuery) -> int:
    """Keystrokes until a right code is among the first five, over all code sets; one more than there are when never."""
    for size in range(1, len(query.text) + 1):
        results = await held.found(query.text[:size], limit=FIRST, typing=True)
        if any(query.counts(r.entry.code) and r.entry.system == query.system for r in results):
            return size
    return len(query.text) + 1


async def told(held: Held, every: int, of_paths: Sequence[CoderQuery]) -> Figures:
    """Print the figures of a search, and give those of the paths of the Index."""
    queries = coder_queries()
    print(f"{held.name:>13}  coder queries   {await asked(held, queries)}", flush=True)
    for kind in dict.fromkeys(query.kind for query in queries):
        of_kind = [query for query in queries if query.kind == kind]
        needed = [(await keystrokes_until(held, query), len(query.text)) for query in of_kind[::every]]
        typed, whole = (sum(column) / len(needed) for column in zip(*needed, strict=True))
        keys = f"{typed:.1f} of {whole:.1f} keystrokes"
        print(f"{'':>13}  {kind:<14}  {await asked(held, of_kind)}  {keys}", flush=True)
    of_index = await asked(held, of_paths)
    print(f"{held.name:>13}  index queries   {of_index}", flush=True)
    return of_index


def told_of_plain(plain: Bm25, of_paths: Sequence[CoderQuery]) -> Figures:
    """Print the figures of the baseline, and give those of the paths of the Index."""
    queries = coder_queries()
    print(f"{'plain BM25':>13}  coder queries   {figures(queries, plain.find)}", flush=True)
    for kind in dict.fromkeys(query.kind for query in queries):
        print(f"{'':>13}  {kind:<14}  {figures([query for query in queries if query.kind == kind], plain.find)}")
    base = figures(of_paths, plain.find)
    print(f"{'plain BM25':>13}  index queries   {base}", flush=True)
    return base


async def main(data: Path, every: int) -> None:
    """Load, ask and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    run = Run.begin()
    try:
        async with AsyncExitStack() as stack:
            loaded = await loaded_entries(run.get("postgres").address, data)
            shelf, _ = table_of(loaded)
            print(f"{len(shelf):,} entries", flush=True)
            plain = Bm25((entry.system, entry.code, entry.title) for entry in loaded[0])
            of_paths = index_queries(data)[::every]
            found = {"tantivy": await told(await hold(stack, shelf), every, of_paths)}
            try:
                elastic = await hold(stack, shelf, f"{run.get('elasticsearch').address}/eval")
                found["Elasticsearch"] = await told(elastic, every, of_paths)
            except NotAvailableError as reason:
                print(f"Elasticsearch is left out: {reason}")
            base = told_of_plain(plain, of_paths)
            for name, of in found.items():
                ratio = of.hit_10 / (base.hit_10 or 1)
                print(f"index queries: hit@10 of {name} is {of.hit_10:.3f}, {ratio:.2f} times that of plain BM25")
    finally:
        run.end()


if __name__ == "__main__":
    if not os.environ.get("DATA"):
        sys.exit("DATA names no folder of official files, so there is nothing to search.")
    asyncio.run(main(Path(os.environ["DATA"]), int(sys.argv[1]) if len(sys.argv) > 1 else 1))
