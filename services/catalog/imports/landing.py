"""One import from files to a release in force: read, checked, copied and swapped in, in one transaction.

Readers get the old release until the new one is committed; whatever ends the import before leaves nothing of it.
"""

import asyncio
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog

from services.catalog.content.edition import checksum_of as content_checksum
from services.catalog.editions import slot_key
from services.catalog.imports.copying import copy_table
from services.catalog.imports.defects import Defects
from services.catalog.imports.house import folder_of
from services.catalog.imports.importer import Choices, Importer, Progress, silent
from services.catalog.imports.recognition import setting_of
from services.catalog.imports.registry import importer_of
from services.catalog.imports.source_files import checksum_of
from services.catalog.releases import (
    Release,
    ReleaseStore,
    ReleaseWriter,
    after_import,
    after_revert,
    superseded,
    to_revert_to,
)
from services.catalog.rows import SUBJECTS, Edition
from shared.clock import Clock
from shared.errors import InvalidInput

NO_CHOICES = Choices()

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Order:
    """Who imports what, and when."""

    choices: Choices
    imported_by: str
    checksum: str
    now: datetime
    setting: str


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
    """Import files as one release that answers from its first day on; the last one of its slot is in force.

    With `skip_if_loaded` nothing happens when a release that answers came from the same bytes.

    Raises:
        ImportRefused: the files have defects; nothing of them lands.
        InvalidInput: kind, files or choices are not right.
        Conflict: another import of the slot is running.

    """
    importer = importer_of(kind)
    if not imported_by.strip():
        raise InvalidInput("IMPORTER_MISSING", "Say who imports, so that the release can name them (--by NAME).")
    checksum = await asyncio.to_thread(_checksum, importer, paths)
    order = _Order(choices, imported_by, checksum, clock.now(), setting_of(importer, paths, choices))
    async with store.changing(kind, order.setting) as writer:
        if skip_if_loaded:
            same = [r for r in await writer.releases() if r.answering and r.checksum == checksum]
            if same:
                return same[0]
        release = await _load(writer, importer, paths, order, progress)
    progress("taking effect", 0, 1)
    await store.settle()
    await store.answered()
    progress("taking effect", 1, 1)
    _log.info("release published", kind=kind, setting=order.setting, release=release.id, entries=release.entries)
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
    choices = replace(order.choices, setting=order.setting)
    reading = await asyncio.to_thread(importer.read, paths, choices, defects, progress)
    entries, counted = 0, SUBJECTS[importer.subject].entries or importer.subject
    for table, rows in reading.rows:
        copied = await copy_table(writer, release_id, table, rows, defects, progress=progress)
        entries += copied if table == counted else 0
    edition = reading.edition()
    defects.refuse()
    release = await writer.add(_release(importer, release_id, edition, entries, order), edition)
    progress("publishing", 0, 1)
    standing = after_import(await writer.releases(), release)
    await writer.publish(standing, importer.subject, order.now)
    progress("publishing", 1, 1)
    return replace(release, answering=True, in_force=standing.in_force is release)


def _release(
    importer: Importer,
    release_id: str,
    edition: Edition,
    entries: int,
    order: _Order,
) -> Release:
    if edition.effective_from and edition.effective_to and edition.effective_to < edition.effective_from:
        raise InvalidInput("DATES_WRONG", "The release would end before it begins; say other effective dates.")
    if edition.setting and edition.setting != order.setting:
        raise InvalidInput(
            "SETTING_WRONG",
            f"setting: the files say that they are for {edition.setting}, not for {order.setting}; import them so.",
        )
    return Release(
        id=release_id,
        kind=importer.kind,
        setting=order.setting,
        title=f"{importer.title}, {order.setting}" if order.setting else importer.title,
        publisher=importer.publisher,
        edition=edition.name,
        effective_from=edition.effective_from,
        effective_to=edition.effective_to,
        systems=edition.systems or importer.systems,
        checksum=order.checksum,
        entries=entries,
        imported_by=order.imported_by,
        imported_at=order.now,
        licence_accepted_by=order.choices.licence_accepted_by or None,
    )


def _new_release_id(kind: str, now: datetime) -> str:
    """An id that sorts by time and names the kind."""
    return f"{kind}-{now:%Y%m%d%H%M%S}-{uuid.uuid4().hex[:8]}"


async def revert(
    store: ReleaseStore, kind: str, *, clock: Clock, setting: str = "", release_id: str = "", request_id: str = ""
) -> tuple[Release, int]:
    """Put an older release of a slot in force again; gives it and the count of codes that changed by it.

    A repeat of a request id gives the first answer and changes nothing.
    """
    importer = importer_of(kind)
    if setting not in (importer.settings or ("",)):
        raise InvalidInput("SETTING_WRONG", _settings_of(importer, setting))
    async with store.changing(kind, setting) as writer:

        async def change() -> bytes:
            known = await writer.releases()
            target = to_revert_to(known, slot_key(kind, setting), release_id)
            changed = await writer.publish(after_revert(known, target), importer.subject, clock.now())
            return json.dumps([target.id, changed]).encode()

        request = json.dumps([kind, setting, release_id]).encode()
        answer = await (writer.once(request_id, request, change) if request_id else change())
        target_id, changed = json.loads(answer)
        (target,) = [release for release in await writer.releases() if release.id == target_id]
    await store.answered()
    return target, changed


def _settings_of(importer: Importer, setting: str) -> str:
    if not importer.settings:
        return f"setting: {importer.kind} has no settings; leave it out."
    said = f'there is no setting "{setting}"' if setting else "each has its own releases"
    return f"setting: {importer.kind} has the settings {', '.join(importer.settings)}, and {said}; say one of them."


async def prune(store: ReleaseStore, kind: str, *, keep: int, clock: Clock) -> list[Release]:
    """Remove the content of superseded releases of a kind, or of every kind when none is named; gives them.

    Raises:
        InvalidInput: the kind is not known, or too few would be kept.
        Conflict: an import of one of the slots is running.

    """
    known = await store.releases(importer_of(kind).kind if kind else "")
    superseded(known, keep)  # refuses before anything is removed
    gone: list[Release] = []
    for each in sorted({(release.kind, release.setting) for release in known}):
        async with store.changing(*each) as writer:
            going = superseded(await writer.releases(), keep)
            for release in going:
                await writer.remove_content(release, clock.now())
        gone += going
    if gone:
        await store.settle()
    return gone
