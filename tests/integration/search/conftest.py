"""Search as it runs: a real catalog with invented code sets, real PostgreSQL, gRPC on unix sockets, real tantivy."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from codingahead.search.v1 import search_pb2 as pb
from codingahead.search.v1 import search_pb2_grpc
from prometheus_client import REGISTRY

from services.search import migrations, wiring
from services.search.settings import Settings
from shared.clock import Clock
from shared.database import migrate
from shared.errors import Unavailable
from shared.events.log import open_log
from shared.events.topics import load_topics
from shared.identity import InternalTokenSigner, Kind, Principal
from shared.rpc.client import invoke, open_channel
from shared.service import Service
from tests.conftest import NewDatabase
from tests.integration.catalog.conftest import (  # noqa: F401 - fixtures
    Catalog,
    catalog,
    catalog_url,
    database,
    run_folder,
)
from tests.polling import DEADLINE, eventually
from tests.unit.catalog.code_set_files import CHOICES, RIGHT

MIGRATIONS = Path(migrations.__path__[0])


@dataclass
class Search:
    """A running search service, and how to ask it."""

    settings: Settings = field(repr=False)
    clock: Clock = field(repr=False)
    service: Service = field(repr=False)
    stub: search_pb2_grpc.SearchServiceAsyncStub
    signer: InternalTokenSigner = field(repr=False)

    async def restart(self) -> None:
        """Stop the service and start it again on what it kept."""
        await self.service.drain(5)
        self.service = wiring.build(self.settings, clock=self.clock)
        await self.service.start()

    def token(self, *roles: str) -> str:
        """An internal token of an account with these roles."""
        return self.signer.sign(Principal(Kind.ACCOUNT, "reader", frozenset(roles)))

    async def search(self, query: str, **values: object) -> pb.SearchResponse:
        """Ask."""
        request = pb.SearchRequest(query=query, **values)  # type: ignore[arg-type]
        return await invoke(self.stub.Search, request, timeout=10, token=self.token())

    async def codes(self, query: str) -> list[tuple[str, str]]:
        """System and code of the results."""
        return [(result.system, result.code) for result in (await self.search(query)).results]

    async def status(self) -> pb.GetIndexStatusResponse:
        """How the index stands."""
        request = pb.GetIndexStatusRequest()
        return await invoke(self.stub.GetIndexStatus, request, timeout=10, token=self.token())

    async def settled(self) -> str:
        """Wait until events are heard and what came before them is in the index; the generation that answers then."""
        heard = partial(REGISTRY.get_sample_value, "events_cache_listening", {"consumer": "search consumer"})
        await eventually(lambda: heard() == 1, "search hears events")
        async with asyncio.timeout(DEADLINE):
            while True:
                before = await self.status()
                await asyncio.sleep(1)
                after = await self.status()
                if before.generation == after.generation and not (before.building or after.building):
                    return after.generation

    async def until(self, query: str, expected: tuple[str, str], seconds: float = DEADLINE) -> None:
        """Wait until the index stands and the first result of a query is a code."""
        async with asyncio.timeout(seconds):
            while True:
                with contextlib.suppress(Unavailable):
                    answer = await self.search(query)
                    if not answer.limited and [(each.system, each.code) for each in answer.results[:1]] == [expected]:
                        return
                await asyncio.sleep(0.05)


@pytest.fixture
def engine_url(tmp_path: Path) -> str:
    """The engine; a module may name another one."""
    return f"tantivy://{tmp_path}/index"


@pytest.fixture
async def search(  # noqa: PLR0917 - fixtures
    catalog: Catalog,  # noqa: F811 - the fixture
    new_database: NewDatabase,
    events_url: str,
    run_folder: Path,  # noqa: F811 - the fixture
    tmp_path: Path,
    engine_url: str,
) -> AsyncIterator[Search]:
    """The service over a catalog with invented code sets."""
    log = open_log(events_url)
    await log.start()
    await log.create_topics(load_topics())
    await log.drain(1)
    for kind, given in RIGHT.items():
        await catalog.import_files(kind, given, CHOICES.get(kind))
    await catalog.import_tabular()
    url = new_database("search")
    await asyncio.to_thread(migrate, url, MIGRATIONS)
    listen = f"unix:{run_folder}/search.sock"
    settings = Settings(
        database_url=url,
        events_url=events_url,
        listen=listen,
        internal_token_jwks_file=run_folder / "public.json",
        internal_token_key_file=run_folder / "private.json",
        catalog_target=f"unix:{run_folder}/catalog.sock",
        search_engine_url=engine_url,
        search_table_folder=tmp_path / "table",
    )
    service = wiring.build(settings, clock=catalog.clock)
    await service.start()
    channel = open_channel(listen)
    signer = InternalTokenSigner.from_jwk_file(run_folder / "private.json")
    running = Search(settings, catalog.clock, service, search_pb2_grpc.SearchServiceStub(channel), signer)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(lambda: running.service.drain(5))
        stack.push_async_callback(channel.close)
        yield running
