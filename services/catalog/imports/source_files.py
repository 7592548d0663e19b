"""The files of an import: there, readable, and their checksum."""

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path

from services.catalog.imports.defects import Defects
from shared.errors import InvalidInput

LARGEST_TEXT = 64 * 1024 * 1024
"""Bytes of a file that is read whole."""


def checksum_of(paths: Sequence[Path]) -> str:
    """SHA-256 of one file; of several, SHA-256 over their names and SHA-256 values, in order of name."""
    sums = {path.name: _sha256(path) for path in paths}
    if len(sums) == 1:
        return next(iter(sums.values()))
    return hashlib.sha256("".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()).hexdigest()


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InvalidInput(
            "FILE_UNREADABLE", f"{path}: the file cannot be read ({error.strerror}); name a file that can."
        ) from error


def one_file(paths: Sequence[Path], wanted: str) -> Path:
    """The only file; InvalidInput when there is none or several."""
    if len(paths) != 1:
        raise InvalidInput("FILES_WRONG", f"One file is expected, {wanted}; {len(paths)} were named.")
    return paths[0]


def text_of(path: Path, encoding: str, defects: Defects) -> str | None:
    """The text of a small file, packed by gzip or not; None when it cannot be read, which is a defect then."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(LARGEST_TEXT + 1)
    except (OSError, EOFError, zlib.error) as error:
        defects.add(path.name, 1, 1, f"the file cannot be unpacked ({error}); bring it whole, as it was published")
        return None
    if len(data) > LARGEST_TEXT:
        defects.add(path.name, 1, 1, f"the file is larger than {LARGEST_TEXT} bytes; no edition of it is")
        return None
    begin = len(codecs.BOM_UTF8) if encoding == "utf-8" and data.startswith(codecs.BOM_UTF8) else 0
    try:
        return data[begin:].decode(encoding)
    except UnicodeDecodeError as error:
        at = error.start + begin
        line, column = data.count(b"\n", 0, at) + 1, at - data.rfind(b"\n", 0, at)
        defects.add(path.name, line, column, f"the byte {data[at]:02x} is not {encoding.upper()}; save the file in it")
        return None
