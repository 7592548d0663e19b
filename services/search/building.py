"""Joins what one build of the index needs, which is a process of its own: nothing that reads or ranks, so that it is
under way in no time.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from services.search.adapters.catalog import CatalogEntries
from services.search.adapters.engines import open_engine
from services.search.adapters.generations import made_of
from services.search.adapters.table_files import TableFiles
from services.search.progress import Progress, Stage, counted
from services.search.shelving import documents_of, shelf_of
from shared.errors import Unavailable
from shared.rpc.client import open_channel


async def build_generation(
    *,
    generation: str,
    catalog_target: str,
    token: str,
    engine_url: str,
    table_folder: str,
    today: str,
    index_of: str,
    tell: Callable[[Progress], None] = lambda _: None,
) -> None:
    """Build a generation of the catalog's entries: its table, kept as files, and the engine's index of it, unless there
    is one of a state of the catalog. It tells how far it is.
    """
    tell(Progress(Stage.READING))
    channel = open_channel(catalog_target)
    try:
        source = CatalogEntries(channel, lambda: token)
        state = await source.state()
        if index_of not in {"", state}:
            raise Unavailable("CATALOG_CHANGED", "The catalog has other releases now than the index is of.")
        entries, releases = await source.export(lambda read: tell(Progress(Stage.READING, read)))
    finally:
        await channel.close()
    tell(Progress(Stage.TABLE))
    shelf = shelf_of(generation, entries, releases)
    TableFiles(Path(table_folder)).save(shelf, state)
    if index_of:
        return
    day = date.fromisoformat(today).toordinal()
    engine = open_engine(engine_url)
    try:
        documents = documents_of(shelf, range(len(shelf)), day)
        await engine.build(generation, counted(documents, Stage.INDEXING, len(shelf), tell), made_of(state))
    finally:
        await engine.drain(0)
