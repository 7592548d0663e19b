"""What an operator may order: files are received, recognised or said to be of a kind, and imported one by one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from services.catalog.comparing import LICENSED_KINDS
from services.catalog.cursors import from_token, page_size, to_token
from services.catalog.imports.importer import Choices, Importer
from services.catalog.imports.recognition import Found, setting_of, sort_files
from services.catalog.imports.registry import IMPORTERS, importer_of
from services.catalog.jobs.folder import Receiving, UploadFolder
from services.catalog.jobs.job import Job, Jobs, NewJob, Upload
from shared.errors import FailedPrecondition, InvalidInput, NotFound, Unavailable

OF_FOLDERS = frozenset({"house"})
"""Kinds that come as a folder of this repository, not as files."""
LARGEST_PAGE = 200
LONGEST_EDITION = 80
KEPT_SECONDS = 24 * 3600.0
"""How long files of a failed import stay, for a retry."""


@dataclass(frozen=True, slots=True)
class Order:
    """What an operator says about files."""

    request_id: str
    upload_id: str
    kind: str
    """Empty to go by the files' names."""
    setting: str
    edition: str
    effective_from: date | None
    effective_to: date | None
    licence_accepted: bool

    @property
    def says_of_one(self) -> str:
        """What is said that holds for one import alone; empty when nothing is."""
        said = {
            "setting": self.setting, "edition": self.edition,
            "effective_from": self.effective_from, "effective_to": self.effective_to,
        }  # fmt: skip
        return next((name for name, value in said.items() if value), "")


@dataclass(frozen=True, slots=True)
class Arriving:
    """A part of files on their way: a name begins a file, bytes belong to the file that has begun, and one ends all."""

    file_name: str = ""
    chunk: bytes = b""
    whole: bool = False


def uploadable() -> tuple[Importer, ...]:
    """The importers whose files may be uploaded."""
    return tuple(importer for importer in IMPORTERS.values() if importer.kind not in OF_FOLDERS)


class Desk:
    """Takes files and orders."""

    def __init__(self, jobs: Jobs, folder: UploadFolder) -> None:
        """Take where jobs and files are kept."""
        self._jobs = jobs
        self._folder = folder

    async def receive(self, upload_id: str, parts: AsyncIterator[Arriving], by: str) -> Upload:
        """Keep files; a repeat of an id gives what it brought first. Nothing stays when they do not come whole."""
        known = await self._jobs.upload(upload_id)
        if known is not None:
            return known
        await self.make_room()
        receiving = self._folder.receive(upload_id)
        try:
            await _receive(receiving, parts)
            files = receiving.end()
        except OSError as error:
            receiving.give_up()
            raise Unavailable("UPLOADS_AWAY", f"The files cannot be kept at the moment: {error.strerror}.") from error
        except BaseException:
            receiving.give_up()
            raise
        return await self._jobs.keep_upload(Upload(upload_id, self._folder.name, by, files))

    async def begin(self, order: Order, by: str) -> tuple[list[Job], list[str]]:
        """Order the imports of an upload, once; gives them, and the names of files that belong to none."""
        upload = await self._jobs.upload(order.upload_id)
        if upload is None:
            raise NotFound("UPLOAD_UNKNOWN", "upload_id: there are no such files; send them again.")
        self._check_dates(order)
        known = await self._jobs.of_upload(upload.id)
        if known:
            return known, []
        if upload.place != self._folder.name:
            raise FailedPrecondition("UPLOAD_ELSEWHERE", "The files lie with another process: send them again.")
        try:
            names = [file.name for file in upload.files]
            paths = await asyncio.to_thread(self._folder.paths, upload.id, names)
            found, unknown = await asyncio.to_thread(_found, order, paths)
            jobs = await self._jobs.order(order.request_id, upload, [_ordered(each, order, by) for each in found], by)
        except (InvalidInput, FailedPrecondition):
            await self._drop_unordered(upload)
            raise
        return jobs, [path.name for path in unknown]

    async def jobs(self, size: int, token: str) -> tuple[list[Job], str]:
        """A page of jobs, the last ordered first, and the cursor of the next; empty at the end."""
        limit = page_size(size, largest=LARGEST_PAGE, default=50)
        before = from_token(token, int)[0] if token else 0
        found = await self._jobs.jobs(int(before), limit + 1)
        return found[:limit], to_token(found[limit - 1].number) if len(found) > limit else ""

    async def job(self, job_id: str) -> Job:
        """One job; NotFound when there is none."""
        job = await self._jobs.job(job_id)
        if job is None:
            raise NotFound("IMPORT_UNKNOWN", f"There is no import {job_id[:80]}.")
        return job

    async def retry(self, request_id: str, job_id: str, by: str) -> Job:
        """Have a failed job wait again."""
        await self.job(job_id)
        return await self._jobs.retry(request_id, job_id, by)

    async def make_room(self) -> None:
        """Remove files that nobody needs; those of failed imports earlier than otherwise where there is no room."""
        for kept in (KEPT_SECONDS, 0.0):
            if kept == 0.0 and await asyncio.to_thread(self._folder.has_room):
                return
            for upload_id in await self._jobs.ended_uploads(self._folder.name, kept):
                await asyncio.to_thread(self._folder.remove, upload_id)
                await self._jobs.removed(upload_id)

    async def _drop_unordered(self, upload: Upload) -> None:
        """Keep no files that cannot be imported; a repeat with other words has to send them again."""
        if await self._jobs.forget_unordered(upload.id) and upload.place == self._folder.name:
            await asyncio.to_thread(self._folder.remove, upload.id)

    @staticmethod
    def _check_dates(order: Order) -> None:
        if order.effective_from and order.effective_to and order.effective_to < order.effective_from:
            raise InvalidInput("DATES_WRONG", "effective_to: the release would end before it begins.")
        if len(order.edition) > LONGEST_EDITION:
            raise InvalidInput("EDITION_WRONG", f"edition: at most {LONGEST_EDITION} characters.")


async def _receive(receiving: Receiving, parts: AsyncIterator[Arriving]) -> None:
    async for part in parts:
        if part.whole:
            return
        if part.file_name:
            receiving.begin_file(part.file_name)
        if part.chunk:
            await asyncio.to_thread(receiving.write, part.chunk)
    raise InvalidInput("UPLOAD_CUT_OFF", "The files did not come whole: send them again.")


def _found(order: Order, paths: Sequence[Path]) -> tuple[list[Found], Sequence[Path]]:
    """The imports that files make, and the files that belong to none."""
    if order.kind:
        importer = importer_of(order.kind)
        if importer.kind in OF_FOLDERS:
            raise InvalidInput("KIND_UNKNOWN", f"kind: {order.kind} is a folder, which the command alone imports.")
        setting = setting_of(importer, paths, Choices(setting=order.setting))
        return [Found(importer.kind, setting, tuple(paths))], ()
    sorting = sort_files(paths, uploadable())
    if not sorting.imports:
        raise InvalidInput(
            "FILES_UNKNOWN", "file: no file is called as a known one is published; say of which kind they are."
        )
    if len(sorting.imports) > 1 and order.says_of_one:
        raise InvalidInput(
            "CHOICE_UNCLEAR",
            f"{order.says_of_one}: the files make {len(sorting.imports)} imports, and it holds for one; "
            "say the kind, or send them apart.",
        )
    chosen = [replace(found, setting=_setting(found, order, paths)) for found in sorting.imports]
    return chosen, (*sorting.unknown, *sorting.repeated)


def _setting(found: Found, order: Order, paths: Sequence[Path]) -> str:
    if found.setting and not order.setting:
        return found.setting
    return setting_of(importer_of(found.kind), paths, Choices(setting=order.setting))


def _ordered(found: Found, order: Order, by: str) -> NewJob:
    licensed = found.kind in LICENSED_KINDS
    if licensed and not order.licence_accepted:
        publisher = importer_of(found.kind).publisher
        raise FailedPrecondition(
            "LICENCE_NOT_ACCEPTED",
            f"licence_accepted: {found.kind} belongs to the {publisher}; accept its licence for this site first.",
        )
    if licensed and not order.edition:
        raise InvalidInput("EDITION_MISSING", f"edition: the files of {found.kind} do not state it; say it.")
    return NewJob(
        found.kind, found.setting, tuple(path.name for path in found.paths), order.edition,
        order.effective_from, order.effective_to, by if licensed else "",
    )  # fmt: skip
