"""One import from files to a release in force: read, checked, copied and swapped in, in one transaction.

Readers get the old release until the new one is committed; whatever ends the import before leaves nothing of it.
"""

import asyncio
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import structlog

from services.catalog.content.edition import checksum_of as content_checksum
from services.catalog.imports.defects import Defects
from services.catalog.imports.house import folder_of
from services.catalog.imports.importer import Choices, Importer, Progress, silent
from services.catalog.imports.registry import IMPORTERS, importer_of
from services.catalog.imports.source_files import checksum_of
from services.catalog.releases import Release, ReleaseStore, ReleaseWriter, superseded, to_revert_to
from services.catalog.rows import Edition, Row
from shared.clock import Clock
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


async def land(
    store: ReleaseStore,
    kind: str,
    paths: Sequence[Path],
    *,
    imported_by: str,
    clock: Clock,
    choices: Choices = NO_CHOICES,
    progress: Progress = silent,
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
    now = clock.now()
    async with store.changing(kind) as writer:
        if skip_if_loaded:
            present = [release for release in await writer.releases() if release.in_force]
            if present and present[0].checksum == checksum:
                return present[0]
        release = await _load(writer, importer, paths, _Order(choices, imported_by, checksum, now), progress)
    await store.settle()
    _log.info("release published", kind=kind, release=release.id, entries=release.entries)
    return release


def _checksum(importer: Importer, paths: Sequence[Path]) -> str:
    if importer.kind == "house":
        return content_checksum(folder_of(paths))
    return checksum_of(paths)


async def _load(
    writer: ReleaseWriter,
    importer: Importer,
    paths: Sequence[Path],
    order: _Order,
    progress: Progress,
) -> Release:
    defects = Defects()
    release_id = _new_release_id(importer.kind, order.now)
    reading = await asyncio.to_thread(importer.read, paths, order.choices, defects, progress)
    entries = 0
    for table, rows in reading.rows:
        copied = await _copy(writer, release_id, table, rows, defects)
        entries += copied if table == importer.subject else 0
    edition = reading.edition()
    defects.refuse()
    release = _release(importer, release_id, edition, entries, order)
    await writer.add(release, edition)
    progress("publishing", 0, 1)
    await writer.publish(release, importer.subject, order.now)
    progress("publishing", 1, 1)
    return release


async def _copy(writer: ReleaseWriter, release_id: str, table: str, rows: Iterator[Row], defects: Defects) -> int:
    """Copy rows in batches; reading goes on in one thread, so that the event loop keeps serving.

    One and the same thread, for each thread that ever read would keep the memory of its largest batch.
    """
    count = 0
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import") as reader:
        while batch := await loop.run_in_executor(reader, lambda: list(islice(rows, ROWS_AT_ONCE))):
            if not defects.count:
                await writer.copy_rows(release_id, table, batch)
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


def _new_release_id(kind: str, now: datetime) -> str:
    """An id that sorts by time and names the kind."""
    return f"{kind}-{now:%Y%m%d%H%M%S}-{uuid.uuid4().hex[:8]}"


async def revert(store: ReleaseStore, kind: str, *, clock: Clock, release_id: str = "") -> tuple[Release, int]:
    """Put an older release of a kind in force again; gives it and the count of codes that changed by it."""
    importer = importer_of(kind)
    async with store.changing(kind) as writer:
        target = to_revert_to(await writer.releases(), kind, release_id)
        changed = await writer.publish(target, importer.subject, clock.now())
    return target, changed


async def prune(store: ReleaseStore, kind: str, *, keep: int, clock: Clock) -> list[Release]:
    """Remove the content of superseded releases of a kind, or of every kind when none is named; gives them.

    Raises:
        InvalidInput: the kind is not known, or too few would be kept.
        Conflict: an import of the kind is running.

    """
    gone: list[Release] = []
    for each in [importer_of(kind).kind] if kind else list(IMPORTERS):
        async with store.changing(each) as writer:
            going = superseded(await writer.releases(), keep)
            for release in going:
                await writer.remove_content(release, clock.now())
        gone += going
    if gone:
        await store.settle()
    return gone
