"""The entries that search is judged on: a catalog of its own, loaded with what packages carry and with official files.

The indexes of ICD-10-CM are left out: their paths are questions here.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from services.catalog import migrations
from services.catalog.imports.packaged import import_packaged
from services.catalog.imports.run import import_file
from services.search.adapters.catalog import CatalogEntries
from services.search.entry import Entry, Release
from shared.database import Database, migrate
from shared.identity import Kind, Principal
from tests.real_files import CODE_SETS, files_of
from tests.running_catalog import running_catalog
from tests.servers.postgres import create_database, drop_database
from tests.servers.run import Run

QUESTIONS = "icd10cm-index"
Loaded = tuple[list[Entry], dict[str, Release]]


async def official_entries(data: Path) -> list[Entry]:
    """Every entry, by a PostgreSQL server that is started for it where none is."""
    run = Run.begin()
    try:
        entries, _ = await loaded_entries(run.get("postgres").address, data)
    finally:
        run.end()
    return entries


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
    caller = Principal(Kind.SERVICE, "search", frozenset({"service"}))
    async with running_catalog(url, events_url, caller) as (channel, token):
        yield CatalogEntries(channel, token)
