r"""Opens the files of an import, zipped or not, within bounds: no importer touches an archive itself.

    for file in members(paths, called(r"icd10cm-order-\d{4}\.txt"), wanted=self.files):
        with file.open_binary() as lines:
            ...

A path that ends in `.zip` gives its members, one that ends in `.gz` what is compressed in it, any other path itself.
Nothing is ever unpacked into a folder. An archive is refused in a sentence when it is cut or damaged, encrypted, holds
too many members or names that lead out of it, or would grow beyond the bounds; the bounds also hold while reading, for
an archive may lie about its size.
"""

import gzip
import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from services.catalog.imports.importer import FilePattern
from services.catalog.systems import printable
from shared.errors import InvalidInput

MIB = 1024 * 1024
MOST_NAMED = 3
BUFFER = 256 * 1024
IN_MEMORY = 8 * MIB
ENCRYPTED = 0x1
SMALLEST_GZIP = 18
"""Bytes of a header and a trailer."""
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    OverflowError, OSError,
)  # fmt: skip
"""What the readers of archives raise on what is no archive. An OSError: a place that is not in the file (or a disk that
fails while it is read)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an archive may grow."""

    members: int = 2_000
    """Most members of one archive."""
    size: int = 4 * 1024 * MIB
    """Most bytes that one archive may hold unpacked."""
    ratio: int = 200
    """Most bytes unpacked for each byte packed. Official texts full of blanks reach about fifty."""
    free: int = 16 * MIB
    """Bytes unpacked from which on the ratio counts."""


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of an import, ready to be opened; every way to open it gives a context manager."""

    name: str
    """Its own name, without folder and archive."""
    label: str
    """How defects name it: with its archive where it came from one."""
    size: int
    """Bytes unpacked, for showing progress; 0 where nobody knows."""
    _open: Callable[[], IO[bytes]]

    def open_binary(self) -> IO[bytes]:
        """Its bytes, buffered; InvalidInput while reading when the archive is damaged or grows beyond its bounds."""
        return self._open()

    @contextmanager
    def open_seekable(self) -> Iterator[IO[bytes]]:
        """Its bytes in a temporary file, for readers that jump about, such as those of workbooks (xlsx).

        A workbook is an archive itself and is held to the same bounds.
        """
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as whole:
            size = 0
            with self._open() as file:
                while chunk := file.read(BUFFER):
                    size += whole.write(chunk)
            whole.seek(0)
            if zipfile.is_zipfile(whole):
                whole.seek(0)
                with _archive(whole, self.label) as archive:
                    _checked(archive, self.label, size, LIMITS)
            whole.seek(0)
            yield whole


def members(
    paths: Sequence[Path], *patterns: FilePattern, wanted: str = "", limits: Limits = LIMITS
) -> Iterator[SourceFile]:
    """The files whose name is of a pattern (every file when none is given), of every path, in order.

    With `wanted`, which says for a person what is expected, each path must hold at least one of them.

    Raises:
        InvalidInput: a path cannot be read, is no whole archive, leads out of bounds, or holds nothing wanted.

    """
    for path in paths:
        files = list(_files(path, limits))
        found = [file for file in files if _is_one(file.name, patterns)]
        if wanted and not found:
            inside = _inside(files) if path.suffix.lower() == ".zip" else "is none of them"
            raise InvalidInput("FILES_WRONG", f"{path.name} {inside}; expected: {wanted}.")
        yield from found


def one_member(paths: Sequence[Path], *patterns: FilePattern, wanted: str, limits: Limits = LIMITS) -> SourceFile:
    """The only such file; InvalidInput when there is none or several."""
    found = list(members(paths, *patterns, wanted=wanted, limits=limits))
    if len(found) != 1:
        named = f": {', '.join(file.label for file in found[:5])}" if found else ""
        raise InvalidInput("FILES_WRONG", f"One file is expected, {wanted}; {len(found)} were named{named}.")
    return found[0]


def member_names(path: Path, limits: Limits = LIMITS) -> list[str]:
    """The names of the files in a zip archive, without folders; InvalidInput when it is not right."""
    return [file.name for file in _files(path, limits)]


def _is_one(name: str, patterns: Sequence[FilePattern]) -> bool:
    return not patterns or any(pattern.match(name) is not None for pattern in patterns)


def _files(path: Path, limits: Limits) -> list[SourceFile]:
    try:
        packed = path.stat().st_size
        if path.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        if path.suffix.lower() == ".zip":
            return _zipped(path, packed, limits)
        if path.suffix.lower() == ".gz":
            return [_gzipped(path, packed, limits)]
        return [SourceFile(path.name, path.name, packed, lambda: _plain(path))]
    except OSError as error:
        raise _unreadable(path, error) from error


def _plain(path: Path) -> IO[bytes]:
    try:
        return path.open("rb", buffering=BUFFER)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> InvalidInput:
    return InvalidInput("FILE_UNREADABLE", f"{path}: the file cannot be read ({error.strerror}); name a file that can.")


def _gzipped(path: Path, packed: int, limits: Limits) -> SourceFile:
    if packed < SMALLEST_GZIP:
        raise InvalidInput(
            "ARCHIVE_BROKEN", f"{path.name} is no whole gzip file: it may be cut off; fetch or copy it again."
        )
    with path.open("rb") as file:
        file.seek(-4, io.SEEK_END)
        tail = file.read(4)
    size = struct.unpack("<I", tail)[0]  # as the last member states it, modulo 4 GiB
    bound = _bound(packed, limits)
    return SourceFile(
        path.name[: -len(".gz")],
        path.name,
        size if size <= bound else 0,
        lambda: io.BufferedReader(_Bounded(_unpacking(path), path.name, bound), BUFFER),
    )


def _unpacking(path: Path) -> IO[bytes]:
    try:
        return cast("IO[bytes]", gzip.open(path, "rb"))
    except OSError as error:
        raise _unreadable(path, error) from error


def _zipped(path: Path, packed: int, limits: Limits) -> list[SourceFile]:
    with path.open("rb") as file, _archive(file, path.name) as archive:
        infos = _checked(archive, path.name, packed, limits)
    files = [info for info in infos if not info.is_dir()]
    return [
        SourceFile(PurePosixPath(i.filename).name, f"{path.name}/{i.filename}", i.file_size, _opener(path, i))
        for i in files
    ]


def _opener(path: Path, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        try:
            with zipfile.ZipFile(path) as archive:  # the member keeps the file open until it is closed itself
                member = archive.open(info)
        except _BROKEN as error:
            raise _damaged(f"{path.name}/{info.filename}", error) from error
        return io.BufferedReader(_Bounded(member, f"{path.name}/{info.filename}", info.file_size), BUFFER)

    return opened


@contextmanager
def _archive(file: IO[bytes], label: str) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as error:
        raise InvalidInput(
            "ARCHIVE_BROKEN", f"{label} is no whole zip archive ({error}): it may be cut off; fetch or copy it again."
        ) from error
    with archive:
        yield archive


def _checked(archive: zipfile.ZipFile, label: str, packed: int, limits: Limits) -> list[zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > limits.members:
        raise _unsafe(label, f"it holds {len(infos):,} files, and more than {limits.members:,} are not opened")
    for info in infos:
        place = PurePosixPath(info.filename.replace("\\", "/"))
        if place.is_absolute() or ".." in place.parts or ":" in info.filename:
            raise _unsafe(label, f'the name "{_shown(info.filename)}" leads out of the archive')
        if info.flag_bits & ENCRYPTED:
            raise _unsafe(label, f'"{_shown(info.filename)}" is encrypted; unpack it first')
    size = sum(info.file_size for info in infos)
    if size > _bound(packed, limits):
        raise _unsafe(label, f"{packed:,} bytes would grow to {size:,}, which no official file does")
    return infos


def _bound(packed: int, limits: Limits) -> int:
    return min(limits.size, max(limits.free, packed * limits.ratio))


def _shown(name: str) -> str:
    return "".join(c for c in name[:80] if c.isprintable())


def _inside(files: Sequence[SourceFile]) -> str:
    """What an archive holds in place of what is wanted; archives within it are not opened."""
    if not files:
        return "is empty"
    named = ", ".join(printable(file.name, 60) for file in files[:MOST_NAMED])
    more = f" and {len(files) - MOST_NAMED:,} more" if len(files) > MOST_NAMED else ""
    unpack = " (unpack archives within it first)" if any(file.name.lower().endswith(".zip") for file in files) else ""
    return f"holds none of them, but {named}{more}{unpack}"


def _unsafe(label: str, what: str) -> InvalidInput:
    return InvalidInput("ARCHIVE_UNSAFE", f"{label} is not opened: {what}.")


def _damaged(label: str, error: Exception) -> InvalidInput:
    what = printable(str(error), 100) or type(error).__name__
    return InvalidInput(
        "ARCHIVE_BROKEN", f"{label} is damaged or cut off ({what}): nothing was imported; fetch or copy it again."
    )


class _Bounded(io.RawIOBase):
    """Reads what is packed, up to a bound, and tells damage in a sentence."""

    def __init__(self, file: IO[bytes], label: str, bound: int) -> None:
        super().__init__()
        self._file = file
        self._label = label
        self._bound = bound
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: "memoryview | bytearray") -> int:  # type: ignore[override]
        try:
            chunk = self._file.read(len(target))
        except _BROKEN as error:
            raise _damaged(self._label, error) from error
        self._read += len(chunk)
        if self._read > self._bound:
            raise _unsafe(self._label, f"it grows beyond {self._bound:,} bytes, which no official file does")
        target[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
