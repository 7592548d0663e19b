"""The production profile on a real Kafka, PostgreSQL and Elasticsearch: read, followed through Kafka, found."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from codingahead.metering.v1.events_pb2 import PageViewed

from shared.events.log import open_log
from tests.conftest import missing, required_servers
from tests.e2e.platform import ROOT, Platform, started_platform
from tests.house_content import CODE, corrected
from tests.servers.elasticsearch import Elasticsearch
from tests.servers.kafka import Kafka
from tests.servers.ports import free_port
from tests.servers.postgres import Postgres
from tests.servers.source import NotAvailableError

PAGE = f"/codes/cpt/{CODE}"
CORRECTED = "This sentence was corrected by an operator."
PATIENCE = 30
"""Seconds for an answer, for an index is built and other tests run beside these."""

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that the database's own user may enter."""
    path = Path(tempfile.mkdtemp(prefix="production-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def servers(folder: Path) -> Iterator[Mapping[str, str]]:
    """Servers of these tests' own: the platform's databases and topics have fixed names."""
    postgres, kafka = Postgres(folder / "postgres", port=free_port()), Kafka(folder / "kafka")
    elasticsearch = Elasticsearch(folder / "elasticsearch")
    try:
        postgres.start()
        kafka.start()
        elasticsearch.start()
        yield {
            "POSTGRES_URL": postgres.url(),
            "KAFKA_URL": kafka.url,
            "ELASTICSEARCH_URL": f"{elasticsearch.url}/production",
        }
    except NotAvailableError as reason:
        missing("kafka or elasticsearch", reason, required=bool({"kafka", "elasticsearch"} & required_servers()))
    finally:
        elasticsearch.remove()
        kafka.remove()
        postgres.remove()


@pytest.fixture(scope="module", params=["one process", "split"])
def platform(request: pytest.FixtureRequest, folder: Path, servers: Mapping[str, str]) -> Iterator[Platform]:
    """The platform over them."""
    options = ("--production", "--split") if request.param == "split" else ("--production",)
    with started_platform(folder / "state", *options, environment=servers) as running:
        yield running


async def test_a_page_that_is_read_three_times_is_told_of_in_kafka_once(
    platform: Platform, servers: Mapping[str, str]
) -> None:
    before = await _page_viewed(servers)
    async with httpx.AsyncClient(base_url=platform.url, timeout=PATIENCE) as guest:
        for _ in range(3):
            assert (await guest.get(PAGE)).status_code == 200
        refused = await guest.get("/api/v1/codes/icd10cm/E11.9")
    async with httpx.AsyncClient(base_url=platform.url, timeout=PATIENCE) as other:
        await other.get(PAGE)  # a later view: what the first guest read is in the log before it, or nowhere
    async with asyncio.timeout(30):
        while len(known := await _page_viewed(servers)) < len(before) + 2:  # noqa: ASYNC110 - a poll
            await asyncio.sleep(0.2)
    views = [known[id_] for id_ in known.keys() - before.keys()]
    assert refused.status_code == 429
    assert [view.content.code for view in views] == [CODE, CODE]
    assert len({view.principal for view in views}) == 2


async def test_words_are_found_by_elasticsearch_once_the_index_is_built(
    platform: Platform, servers: Mapping[str, str]
) -> None:
    async with httpx.AsyncClient(base_url=platform.url, timeout=PATIENCE) as guest, asyncio.timeout(240):
        while (answer := await guest.get("/api/v1/suggest?q=cholera due to")).status_code != 200:
            assert answer.status_code in {503, 504}, answer.text
            await asyncio.sleep(0.5)
        indices = await guest.get(f"{servers['ELASTICSEARCH_URL']}/_count")
    assert answer.json()["results"][0]["code"].startswith("A00")
    assert indices.json()["count"] > 90_000


def test_the_operators_commands_answer_on_kafka(platform: Platform, servers: Mapping[str, str]) -> None:
    for arguments in (("topics", "list"), ("lag",), ("dead-letters", "list")):
        done = subprocess.run(
            [sys.executable, "-m", "shared.events", *arguments],
            env={**os.environ, "EVENTS_URL": servers["KAFKA_URL"]},
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout


async def test_an_operators_release_reaches_the_pages_that_the_gateway_keeps(
    platform: Platform, servers: Mapping[str, str], tmp_path: Path
) -> None:
    words = f"{CORRECTED[:-1]} {platform.url.rpartition(':')[2]}."
    async with httpx.AsyncClient(base_url=platform.url, timeout=PATIENCE) as guest:
        before = (await guest.get(PAGE)).text
        kept = (await guest.get(PAGE)).text
        await asyncio.to_thread(_import_house, platform, servers, corrected(tmp_path, words))
        async with asyncio.timeout(20):
            while words not in (await guest.get(PAGE)).text:  # noqa: ASYNC110 - a poll
                await asyncio.sleep(0.05)
    assert words not in before
    assert words not in kept


async def _page_viewed(servers: Mapping[str, str]) -> dict[str, PageViewed]:
    """What Kafka holds, by event id."""
    log = open_log(servers["KAFKA_URL"])
    await log.start()
    try:
        events = [record.event() async for record in log.read("metering.page-viewed")]
        return {event.id: event.parse(PageViewed) for event in events}
    finally:
        await log.drain(1)


def _import_house(platform: Platform, servers: Mapping[str, str], content: Path) -> None:
    """As an operator does, with the settings of the production profile."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", "--production", "exec", "catalog",
         sys.executable, "-m", "services.catalog", "import", "house", str(content)],
        env={**os.environ, **servers, "STATE": str(platform.state)},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
