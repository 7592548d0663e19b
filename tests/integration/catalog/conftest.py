"""The catalog as it runs: real PostgreSQL, real gRPC on a unix socket, small invented files in official layouts."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest
from codingahead.catalog.v1 import catalog_pb2 as pb
from codingahead.catalog.v1 import catalog_pb2_grpc, releases_pb2_grpc

from services.catalog import migrations, wiring
from services.catalog.imports.importer import Choices
from services.catalog.imports.run import import_file
from services.catalog.settings import Settings
from shared.database import Database
from shared.identity import InternalTokenSigner, Kind, Principal
from shared.rpc.client import invoke, open_channel
from tests.conftest import NewDatabase
from tests.internal_keys import new_key_files
from tests.stepped_clock import SteppedClock
from tests.unit.catalog.small_content import write_content
from tests.unit.catalog.small_tabular import SMALL, written

TODAY = datetime(2026, 5, 1, 12, tzinfo=UTC)
MIGRATIONS = Path(migrations.__path__[0])


@dataclass
class Catalog:
    """A running catalog service, how to call it, and how to import into it."""

    database: Database
    stub: catalog_pb2_grpc.CatalogServiceAsyncStub
    channel: grpc.aio.Channel
    releases: releases_pb2_grpc.ReleasesServiceAsyncStub
    clock: SteppedClock
    folder: Path
    _signer: InternalTokenSigner = field(repr=False)

    def token(self, *roles: str, name: str = "reader") -> str:
        """An internal token of an account with these roles."""
        return self._signer.sign(Principal(Kind.ACCOUNT, name, frozenset(roles)))

    def service_token(self) -> str:
        """An internal token of a service."""
        return self._signer.sign(Principal(Kind.SERVICE, "gateway", frozenset({"service"})))

    async def import_tabular(self, text: str = SMALL) -> str:
        """Import a Tabular List, and give the release's id."""
        release = await import_file(
            self.database, "icd10cm-tabular", [written(self.folder, text)], imported_by="tester", clock=self.clock
        )
        return release.id

    async def import_house(self, change: Callable[[Path], None] = lambda _: None) -> str:
        """Import invented texts and facts, changed before, and give the release's id."""
        content = self.folder / "content"
        write_content(content)
        change(content)
        release = await import_file(self.database, "house", [content], imported_by="tester", clock=self.clock)
        return release.id

    async def import_files(self, kind: str, files: Mapping[str, bytes], choices: Choices | None = None) -> str:
        """Import files of a kind by their names, and give the release's id."""
        paths = []
        for name, content in files.items():
            path = self.folder / name
            path.write_bytes(content)
            paths.append(path)
        release = await import_file(
            self.database, kind, paths, imported_by="tester", choices=choices or Choices(), clock=self.clock
        )
        return release.id

    async def page(self, system: str, code: str) -> pb.Code:
        """Ask for a page."""
        request = pb.GetCodeRequest(system=system, code=code)
        return (await invoke(self.stub.GetCode, request, timeout=10, token=self.token())).code

    async def import_cpt(self, text: str, edition: str = "2027", accepted_by: str = "A. Tester") -> str:
        """Import invented descriptors, and give the release's id."""
        choices = Choices(edition=edition, licence_accepted_by=accepted_by)
        path = written(self.folder, text, "LONGULT.txt")
        release = await import_file(
            self.database, "cpt", [path], imported_by="tester", choices=choices, clock=self.clock
        )
        return release.id


@pytest.fixture
def catalog_url(new_database: NewDatabase) -> str:
    """A migrated, empty catalog database."""
    return new_database("catalog")


@pytest.fixture
async def database(catalog_url: str) -> AsyncIterator[Database]:
    """The same, opened."""
    database = Database(catalog_url)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def run_folder() -> Iterator[Path]:
    """A folder with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="cat") as folder:
        yield Path(folder)


@pytest.fixture
async def catalog(catalog_url: str, events_url: str, database: Database, run_folder: Path) -> AsyncIterator[Catalog]:
    """The service, running and empty."""
    private, public = run_folder / "private.json", run_folder / "public.json"
    new_key_files(private, public)
    clock = SteppedClock(TODAY)
    listen = f"unix:{run_folder}/catalog.sock"
    settings = Settings(
        database_url=catalog_url, events_url=events_url, listen=listen, internal_token_jwks_file=public,
        uploads_folder=run_folder / "uploads",
    )  # fmt: skip
    service = wiring.build(settings, clock=clock)
    await service.start()
    channel: grpc.aio.Channel = open_channel(listen)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(service.drain, 5)
        stack.push_async_callback(channel.close)
        yield Catalog(
            database,
            catalog_pb2_grpc.CatalogServiceStub(channel),
            channel,
            releases_pb2_grpc.ReleasesServiceStub(channel),
            clock,
            run_folder,
            InternalTokenSigner.from_jwk_file(private),
        )
