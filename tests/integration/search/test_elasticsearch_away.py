"""Elasticsearch goes away under a running service: words are refused in a sentence, codes are found all the same."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.errors import Unavailable
from tests.conftest import missing, required_servers
from tests.integration.search.conftest import Search
from tests.servers.elasticsearch import Elasticsearch
from tests.servers.source import NotAvailableError

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Elasticsearch]:
    """An Elasticsearch of this test's own, which it may end."""
    server = Elasticsearch(tmp_path / "elasticsearch")
    try:
        server.start()
        yield server
    except NotAvailableError as reason:
        missing("elasticsearch", reason, required="elasticsearch" in required_servers())
    finally:
        server.remove()


@pytest.fixture
def engine_url(node: Elasticsearch) -> str:
    """The service finds words in it."""
    return node.url


async def test_codes_are_found_while_elasticsearch_is_away_even_after_a_restart_and_words_when_it_is_back(
    search: Search, node: Elasticsearch
) -> None:
    await search.until("made up bump", ("icd10cm", "S06"))
    assert (await search.status()).engine == "elasticsearch"
    for leave in (node.stand_still, node.kill):
        leave()
        began = time.monotonic()
        with pytest.raises(Unavailable, match="Words cannot be searched at the moment"):
            await search.search("made up bump")
        assert time.monotonic() - began < 5
        assert (await search.codes("S06"))[0] == ("icd10cm", "S06")
        node.go_on()
        if leave == node.stand_still:
            await search.until("made up bump", ("icd10cm", "S06"), seconds=10)
    await search.restart()
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(Unavailable):
                if await search.codes("S06"):
                    break
            await asyncio.sleep(0.05)
    assert not (await search.status()).engine_answers
    await asyncio.to_thread(node.start)
    await search.until("made up bump", ("icd10cm", "S06"), seconds=60)
