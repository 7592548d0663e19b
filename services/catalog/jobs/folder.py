"""The bounded folder of received files: each upload has a folder of its own, written whole or not at all."""

import contextlib
import hashlib
import re
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from services.catalog.jobs.job import UploadedFile
from shared.errors import Conflict, FailedPrecondition, InvalidInput, QuotaExceeded

MIB = 1024 * 1024
MOST_FILES = 50
LONGEST_NAME = 150
PARTIAL = ".partial"
"""How the folder of an upload ends that is still on its way."""
_UPLOAD_ID = re.compile(r"[A-Za-z0-9_-]{8,100}", re.ASCII)
_NO_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]|^\.|^$|[. ]$')


class UploadFolder:
    """The folder; its name tells processes apart that keep files on different disks."""

    def __init__(self, folder: Path, *, largest_upload: int, largest: int) -> None:
        """Take the folder, and the most bytes of one upload and of all."""
        self._folder = folder
        self._largest_upload = largest_upload
        self._largest = largest
        self._name = ""

    def open(self) -> str:
        """Make the folder where it is missing, remove what a killed process left half received; gives its name."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = self._folder / "name"
        if not name.exists():
            fresh = self._folder / f"name-{uuid.uuid4().hex}"
            fresh.write_text(uuid.uuid4().hex)
            with contextlib.suppress(FileExistsError):  # another process was faster
                name.hardlink_to(fresh)
            fresh.unlink()
        self._name = name.read_text()
        return self._name

    @property
    def name(self) -> str:
        """The name of the folder, once it is open."""
        return self._name

    @property
    def largest_upload(self) -> int:
        """Most bytes of one upload."""
        return self._largest_upload

    def remove_partial(self, older_than: float) -> None:
        """Remove uploads on which nothing has been written since a moment, in seconds since 1970."""
        for folder in self._folder.glob(f"*{PARTIAL}"):
            with contextlib.suppress(OSError):
                if max(path.stat().st_mtime for path in (folder, *folder.iterdir())) < older_than:
                    shutil.rmtree(folder)

    def used(self) -> int:
        """Bytes that lie in the folder."""
        total = 0
        for path in self._folder.rglob("*"):
            with contextlib.suppress(OSError):
                total += path.stat().st_size
        return total

    def has_room(self) -> bool:
        """Whether one more upload fits, however large."""
        return self.used() + self._largest_upload <= self._largest

    def receive(self, upload_id: str) -> "Receiving":
        """Begin to receive an upload; Conflict when it is under way already."""
        if not _UPLOAD_ID.fullmatch(upload_id):
            raise InvalidInput("REQUEST_ID_INVALID", "request_id: 8 to 100 letters, digits, - and _ are needed.")
        if not self.has_room():
            raise QuotaExceeded(
                "UPLOADS_FULL",
                "The folder of uploads is full: wait until imports that wait have run, then send the files again.",
            )
        folder = self._folder / f"{upload_id}{PARTIAL}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            raise Conflict("UPLOAD_RUNNING", "request_id: these files are being received now; wait.") from None
        return Receiving(folder, self._folder / upload_id, self._largest_upload)

    def paths(self, upload_id: str, names: Iterable[str]) -> list[Path]:
        """Where files of an upload lie; FailedPrecondition when they are gone."""
        paths = [self._folder / upload_id / name for name in names]
        if not all(path.is_file() for path in paths):
            raise FailedPrecondition("UPLOAD_GONE", "The files are no longer kept: upload them again.")
        return paths

    def remove(self, upload_id: str) -> None:
        """Remove the files of an upload."""
        shutil.rmtree(self._folder / upload_id, ignore_errors=True)


class Receiving:
    """One upload on its way."""

    def __init__(self, partial: Path, whole: Path, largest: int) -> None:
        """Take the folder to write into, the one that it becomes, and the most bytes."""
        self._partial = partial
        self._whole = whole
        self._left = self._largest = largest
        self._file: IO[bytes] | None = None
        self._sum: Any = None
        self._files: list[UploadedFile] = []
        self._name = ""
        self._size = 0

    def begin_file(self, name: str) -> None:
        """Begin a file; InvalidInput when its name is none for a file or stands twice."""
        self._end_file()
        if len(self._files) >= MOST_FILES:
            raise InvalidInput("FILES_WRONG", f"At most {MOST_FILES} files come at once.")
        if _NO_NAME.search(name) or len(name.encode()) > LONGEST_NAME:
            raise InvalidInput("FILE_NAME_WRONG", f'file: "{_shown(name)}" is no name of a file; send it as published.')
        if any(file.name.lower() == name.lower() for file in self._files):
            raise InvalidInput("FILES_WRONG", f"file: {_shown(name)} was sent twice; send each file once.")
        self._name, self._size, self._sum = name, 0, hashlib.sha256()
        self._file = (self._partial / name).open("xb")

    def write(self, chunk: bytes) -> None:
        """Write bytes of the file that has begun; InvalidInput when the upload grows too large."""
        if self._file is None:
            raise InvalidInput("FILES_WRONG", "Bytes came before the name of their file.")
        self._left -= len(chunk)
        if self._left < 0:
            raise InvalidInput(
                "UPLOAD_TOO_LARGE",
                f"The files are larger than {self._largest // MIB:,} MiB together; send fewer.",
            )
        self._file.write(chunk)
        self._sum.update(chunk)
        self._size += len(chunk)

    def end(self) -> tuple[UploadedFile, ...]:
        """Keep the upload; InvalidInput when no file came."""
        self._end_file()
        if not self._files:
            raise InvalidInput("FILES_WRONG", "file: choose at least one file.")
        shutil.rmtree(self._whole, ignore_errors=True)  # of an upload that was never recorded
        self._partial.rename(self._whole)
        return tuple(self._files)

    def give_up(self) -> None:
        """Leave nothing."""
        if self._file is not None:
            self._file.close()
        shutil.rmtree(self._partial, ignore_errors=True)

    def _end_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._files.append(UploadedFile(self._name, self._size, self._sum.hexdigest()))
            self._file = None


def _shown(name: str) -> str:
    return "".join(c for c in name[:80] if c.isprintable())
