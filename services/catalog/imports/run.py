"""One import from files to a release in force: read, checked, copied and swapped in, in one transaction.

Readers get the old release until the new one is committed; whatever ends the import before leaves nothing of it.
"""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import structlog

from services.catalog.adapters import release_store
from services.catalog.adapters.release_store import Release
from services.catalog.content.loading import load_content
from services.catalog.imports.defects import Defects
from services.catalog.imports.house import folder_of
from services.catalog.imports.importer import Choices, Importer, Progress, silent
from services.catalog.imports.registry import importer_of
from services.catalog.imports.source_files import checksum_of
from services.catalog.rows import Edition, Row
from shared.clock import Clock, SystemClock
from shared.database import Connection, Database
from shared.errors import InvalidInput

ROWS_AT_ONCE = 2_000
NO_CHOICES = Choices()

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Order:
    """Who imports what, and when."""

    choices: Choices
    imported_by: str
    checksum: str
    now: datetime


async def import_file(
    database: Database,
    kind: str,
    paths: Sequence[Path],
    *,
    imported_by: str,
    choices: Choices = NO_CHOICES,
    progress: Progress = silent,
    clock: Clock | None = None,
    skip_if_loaded: bool = False,
) -> Release:
    """Import files as one release and put it in force.

    With `skip_if_loaded` nothing happens when the release in force came from the same bytes.

    Raises:
        ImportRefused: the files have defects; nothing of them lands.
        InvalidInput: kind, files or choices are not right.
        Conflict: another import of the kind is running.

    """
    importer = importer_of(kind)
    if not imported_by.strip():
        raise InvalidInput("IMPORTER_MISSING", "Say who imports, so that the release can name them (--by NAME).")
    checksum = await asyncio.to_thread(_checksum, importer, paths)
    now = (clock or SystemClock()).now()
    async with database.transaction() as conn:
        await release_store.lock_kind(conn, kind)
        if skip_if_loaded:
            present = [release for release in await release_store.releases(conn, kind) if release.in_force]
            if present and present[0].checksum == checksum:
                return present[0]
        release = await _load(conn, importer, paths, _Order(choices, imported_by, checksum, now), progress)
    await _analyze(database)
    _log.info("release published", kind=kind, release=release.id, entries=release.entries)
    return release


def _checksum(importer: Importer, paths: Sequence[Path]) -> str:
    if importer.kind == "house":
        return load_content(folder_of(paths)).checksum
    return checksum_of(paths)


async def _load(
    conn: Connection,
    importer: Importer,
    paths: Sequence[Path],
    order: _Order,
    progress: Progress,
) -> Release:
    defects = Defects()
    release_id = release_store.new_release_id(importer.kind, order.now)
    reading = await asyncio.to_thread(importer.read, paths, order.choices, defects, progress)
    entries = 0
    for table, rows in reading.rows:
        copied = await _copy(conn, release_id, table, rows, defects)
        entries += copied if table == importer.subject else 0
    edition = reading.edition()
    defects.refuse()
    release = _release(importer, release_id, edition, entries, order)
    await release_store.add_release(conn, release, edition)
    progress("publishing", 0, 1)
    await release_store.publish(conn, release, importer.subject, order.now)
    progress("publishing", 1, 1)
    return release


async def _copy(conn: Connection, release_id: str, table: str, rows: Iterator[Row], defects: Defects) -> int:
    """Copy rows in batches; reading goes on in one thread, so that the event loop keeps serving.

    One and the same thread, for each thread that ever read would keep the memory of its largest batch.
    """
    count = 0
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import") as reader:
        while batch := await loop.run_in_executor(reader, lambda: list(islice(rows, ROWS_AT_ONCE))):
            if not defects.count:
                await release_store.copy_rows(conn, release_id, table, batch)
            count += len(batch)
    return count


def _release(
    importer: Importer,
    release_id: str,
    edition: Edition,
    entries: int,
    order: _Order,
) -> Release:
    if edition.effective_from and edition.effective_to and edition.effective_to < edition.effective_from:
        raise InvalidInput("DATES_WRONG", "The release would end before it begins; say other effective dates.")
    return Release(
        id=release_id,
        kind=importer.kind,
        title=importer.title,
        publisher=importer.publisher,
        edition=edition.name,
        effective_from=edition.effective_from,
        effective_to=edition.effective_to,
        systems=importer.systems,
        checksum=order.checksum,
        entries=entries,
        imported_by=order.imported_by,
        imported_at=order.now,
        in_force=True,
        licence_accepted_by=order.choices.licence_accepted_by or None,
    )


async def _analyze(database: Database) -> None:
    """Give the planner the new sizes; without them the first pages would be slow."""
    async with database.connection() as conn:
        await conn.execute("ANALYZE code, official_text, our_text, code_facts, add_on, ptp_edit, hcc")


async def revert(
    database: Database, kind: str, *, release_id: str = "", clock: Clock | None = None
) -> tuple[Release, int]:
    """Put an older release of a kind in force again; gives it and the count of codes that changed by it."""
    importer = importer_of(kind)
    async with database.transaction() as conn:
        await release_store.lock_kind(conn, kind)
        target = await release_store.release_to_revert_to(conn, kind, release_id)
        changed = await release_store.publish(conn, target, importer.subject, (clock or SystemClock()).now())
    return target, changed
