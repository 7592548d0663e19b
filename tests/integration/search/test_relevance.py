"""Coder queries on what packages carry: search stays as good as it was found to be, whichever engine finds words."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from tests.search.coder_queries import CoderQuery, coder_queries
from tests.search.evaluation import figures
from tests.search.held import hold, table_of
from tests.search.loaded import loaded_entries

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
LEAST = 0.95
"""Share of queries whose code is among the first ten; of codes it is all."""


async def test_coders_words_find_their_codes_among_the_first_ten_and_codes_always(
    postgres_url: str, elasticsearch_url: str
) -> None:
    loaded = await loaded_entries(postgres_url, None)
    held = {(entry.system, entry.code) for entry in loaded[0]}
    queries = [query for query in coder_queries() if _exists(query, held)]
    assert len(queries) >= 500
    shelf, _ = table_of(loaded)
    async with AsyncExitStack() as stack:
        for url in ("", f"{elasticsearch_url}/relevance"):
            search = await hold(stack, shelf, url)
            found = {}
            for query in queries:
                results = await search.found(query.text, query.system)
                found[query.text, query.system] = [result.entry.code for result in results]

            def hit_10(kind: str, found: dict[tuple[str, str], list[str]] = found) -> float:
                asked = [query for query in queries if kind in ("", query.kind)]
                return figures(asked, lambda text, system: found[text, system]).hit_10

            assert hit_10("") >= LEAST, search.name
            assert (hit_10("code"), hit_10("prefix")) == (1.0, 1.0), search.name


def _exists(query: CoderQuery, held: set[tuple[str, str]]) -> bool:
    gold = query.gold.replace(".", "")
    return (query.system, gold.removesuffix("-")) in held
