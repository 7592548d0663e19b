"""The entries that search is judged on: a catalog of its own, loaded with what packages carry and with official files.

The indexes of ICD-10-CM are left out: their paths are questions here.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from services.catalog import migrations, wiring
from services.catalog.imports.packaged import import_packaged
from services.catalog.imports.run import import_file
from services.catalog.settings import Settings
from services.search.adapters.catalog import CatalogEntries
from services.search.entry import Entry, Release
from shared.database import Database, migrate
from shared.events.log import open_log
from shared.events.topics import load_topics
from shared.identity import InternalTokenSigner, Kind, Principal, new_key_files
from shared.rpc.client import open_channel
from tests.real_files import CODE_SETS, files_of
from tests.servers.postgres import create_database, drop_database

QUESTIONS = "icd10cm-index"
Loaded = tuple[list[Entry], dict[str, Release]]


async def loaded_entries(server: str, data: Path | None) -> Loaded:
    """Load a database of a PostgreSQL server, and give every entry with the releases; the database goes again."""
    with _databases(server) as (url, events_url):
        migrate(url, Path(migrations.__path__[0]))
        database = Database(url)
        await database.open()
        try:
            await import_packaged(database)
            for kind in CODE_SETS if data else ():
                if data and kind != QUESTIONS:
                    await import_file(database, kind, files_of(data, kind), imported_by="evaluation")
        finally:
            await database.close()
        async with catalog_entries(url, events_url) as source:
            return await source.export()


@contextlib.contextmanager
def _databases(server: str) -> Iterator[list[str]]:
    names = ("loaded_catalog", "loaded_events")
    try:
        yield [create_database(server, name) for name in names]
    finally:
        for name in names:
            drop_database(server, name)


@contextlib.asynccontextmanager
async def catalog_entries(url: str, events_url: str) -> AsyncIterator[CatalogEntries]:
    """The catalog of a database, asked as search asks it."""
    with tempfile.TemporaryDirectory(prefix="loaded") as name:
        folder = Path(name)
        new_key_files(folder / "private.json", folder / "public.json")
        signer = InternalTokenSigner.from_jwk_file(folder / "private.json")
        listen = f"unix:{folder}/catalog.sock"
        log = open_log(events_url)
        await log.start()
        await log.create_topics(load_topics())
        await log.drain(1)
        service = wiring.build(
            Settings(
                database_url=url,
                events_url=events_url,
                listen=listen,
                internal_token_jwks_file=folder / "public.json",
            )
        )
        await service.start()
        channel = open_channel(listen)
        asking = Principal(Kind.SERVICE, "search", frozenset({"service"}))
        try:
            yield CatalogEntries(channel, lambda: signer.sign(asking))
        finally:
            await channel.close()
            await service.drain(5)
