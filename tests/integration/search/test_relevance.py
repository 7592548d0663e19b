"""Coder queries on what packages carry: search stays as good as it was found to be, whichever engine finds words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from services.search.lexicon import Row, lexicon
from tests.search.coder_queries import CoderQuery, coder_queries
from tests.search.evaluation import figures
from tests.search.held import Held, hold, table_of
from tests.search.loaded import loaded_entries

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
LEAST = 0.95
"""Share of queries, and of rows of the lexicon, whose code is among the first ten; of codes it is all."""


async def test_coders_words_and_the_lexicons_find_their_codes_among_the_first_ten_and_codes_always(
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
            if not url:
                missed = [row.term async for row in _astray(search, held)]
                assert len(missed) < (1 - LEAST) * len(lexicon().rows), missed


async def _astray(search: Held, held: set[tuple[str, str]]) -> AsyncIterator[Row]:
    """The rows of the lexicon that name a code of ICD-10-CM which there is, and do not lead to it."""
    for row in lexicon().rows:
        source, _, cited = row.source.partition(": ")
        code = _undotted(cited)
        if source == "icd10cm" and ("icd10cm", code) in held:
            results = await search.found(row.term, "icd10cm")
            if not any(result.entry.code.startswith(code) for result in results):
                yield row


def _exists(query: CoderQuery, held: set[tuple[str, str]]) -> bool:
    return (query.system, _undotted(query.gold)) in held


def _undotted(code: str) -> str:
    """A code, or what its further characters follow, as entries have it."""
    return code.replace(".", "").removesuffix("-")
