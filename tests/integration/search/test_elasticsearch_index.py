"""What operators, accidents and other processes do to the index in Elasticsearch: it is mended, and made once."""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from codingahead.search.v1 import search_pb2_grpc

from services.search import wiring
from services.search.settings import Settings
from shared.rpc.client import open_channel
from tests.integration.catalog.conftest import Catalog
from tests.integration.search.conftest import Search
from tests.unit.catalog.code_set_files import INDEX_XML
from tests.unit.catalog.small_tabular import SMALL

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
BUMP = ("icd10cm", "S06")


@pytest.fixture
def engine_url(elasticsearch_url: str) -> Iterator[str]:
    """The service finds words in an index of this test's own."""
    url = f"{elasticsearch_url}/test-{uuid.uuid4().hex[:12]}"
    yield url
    for index in indices(url):
        httpx.delete(f"{elasticsearch_url}/{index}").raise_for_status()


@pytest.fixture(autouse=True)
def looking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is asked every second whether it still has its index."""
    monkeypatch.setattr("services.search.indexing.LOOK_SECONDS", 1.0)


def indices(url: str) -> dict[str, list[str]]:
    """The indices of an alias, built or being built, with the aliases that name each."""
    return {name: list(held["aliases"]) for name, held in httpx.get(f"{url}.*/_alias").json().items()}


def ask(url: str, method: str, path: str, body: dict[str, object] | None = None) -> Any:
    """Do to the servers what an operator might."""
    base, _, _ = url.rpartition("/")
    answer = httpx.request(method, f"{base}/{path}", json=body)
    answer.raise_for_status()
    return answer.json()


async def test_an_index_that_is_deleted_and_an_alias_that_names_another_are_mended(
    search: Search, engine_url: str
) -> None:
    await search.until("made up bump", BUMP)
    await search.settled()
    alias = alias_of(engine_url)
    for name in indices(engine_url):
        ask(engine_url, "DELETE", name)
    await search.until("made up bump", BUMP, seconds=60)
    await search.settled()
    strange = f"strange-{alias}"
    ask(engine_url, "PUT", strange)
    try:
        moved = [{"remove": {"index": f"{alias}.*", "alias": alias}}, {"add": {"index": strange, "alias": alias}}]
        ask(engine_url, "POST", "_aliases", {"actions": moved})
        await search.until("made up bump", BUMP, seconds=60)
        await search.settled()
        assert alias not in ask(engine_url, "GET", f"{strange}/_alias")[strange]["aliases"]
        assert len(indices(engine_url)) == 1
    finally:
        ask(engine_url, "DELETE", strange)


async def test_while_the_disk_is_read_only_the_old_index_answers_and_changes_are_made_up_for(
    search: Search, catalog: Catalog, engine_url: str
) -> None:
    await search.until("made up bump", BUMP)
    await search.settled()
    settings = f"{alias_of(engine_url)}/_settings"
    ask(engine_url, "PUT", settings, {"index.blocks.read_only_allow_delete": True})
    await catalog.import_tabular(re.sub("made.up bump", "unheard marsupial bump", SMALL, flags=re.IGNORECASE))
    await asyncio.sleep(3)
    assert BUMP in await search.codes("made up bump")
    ask(engine_url, "PUT", settings, {"index.blocks.read_only_allow_delete": None})
    await search.until("unheard marsupial", BUMP)


@contextlib.asynccontextmanager
async def another(search: Search, folder: Path) -> AsyncIterator[Search]:
    """Another process of search on the same database and the same index, with a table of its own."""
    listen = f"{search.settings.listen.removesuffix('.sock')}2.sock"
    own = {"listen": listen, "search_table_folder": folder}
    settings = Settings(**search.settings.model_dump() | own)
    service = wiring.build(settings, clock=search.clock)
    await service.start()
    channel = open_channel(listen)
    other = Search(settings, search.clock, service, search_pb2_grpc.SearchServiceStub(channel), search.signer)
    try:
        yield other
    finally:
        await channel.close()
        await other.service.drain(5)


async def test_two_processes_make_one_index_of_the_same_releases_and_keep_it_over_a_restart(
    search: Search, catalog: Catalog, engine_url: str, tmp_path: Path
) -> None:
    await search.until("made up bump", BUMP)
    generation = await search.settled()
    async with another(search, tmp_path / "other") as other:
        await other.until("made up bump", BUMP)
        assert (await other.settled(), list(indices(engine_url))) == (
            generation,
            [f"{alias_of(engine_url)}.{generation}"],
        )
        await other.restart()
        await other.until("made up bump", BUMP)
        assert {await search.settled(), await other.settled()} == {generation}, "nothing was built anew"
        later = INDEX_XML.replace("<version>2026", "<version>2028").replace("<title>hill", "<title>marsh")
        await catalog.import_files("icd10cm-index", {"icd10cm-eindex-April-1-2028.xml": later.encode()})
        for each in (search, other):
            await each.until("fever marsh", ("icd10cm", "A00.0"), seconds=60)
        generations = {await search.settled(), await other.settled()}
        assert len(generations) == len(indices(engine_url)) == 1
        assert generations != {generation}


def alias_of(url: str) -> str:
    """The alias that a URL names."""
    return url.rpartition("/")[2]
