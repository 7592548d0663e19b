"""Both engines behind the port; every test runs on each."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from services.search.adapters.engines import EnginePart, open_engine
from tests.contract.search.small_index import SmallIndex


@pytest.fixture
def engine_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where an engine of this test's own lies; the test's module says which engines there are."""
    if request.param == "tantivy":
        yield f"tantivy://{tmp_path}/index"
        return
    address, alias = request.getfixturevalue("elasticsearch_url"), f"test-{uuid.uuid4().hex[:12]}"
    yield f"{address}/{alias}"
    for index in httpx.get(f"{address}/{alias}.*/_alias").json():
        httpx.delete(f"{address}/{index}").raise_for_status()


@pytest.fixture
async def engine(engine_url: str) -> AsyncIterator[EnginePart]:
    """A running engine without an index."""
    opened = open_engine(engine_url)
    await opened.start()
    yield opened
    await opened.drain(1)


@pytest.fixture
async def index(engine: EnginePart, request: pytest.FixtureRequest) -> SmallIndex:
    """A search on the entries that the test's module names."""
    return await SmallIndex.of(engine, request.module.ENTRIES)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests of an engine on each; what the module marks so is long on Elasticsearch."""
    if "engine_url" not in metafunc.fixturenames:
        return
    long = (pytest.mark.long,) if getattr(metafunc.module, "LONG_ON_ELASTICSEARCH", False) else ()
    engines = ["tantivy", pytest.param("elasticsearch", marks=long)]
    metafunc.parametrize("engine_url", engines, indirect=True)
