"""The files of an import: there, readable, and their checksum.

Importers get opened files from `archives.members`, whether they came zipped or not.
"""

import codecs
import hashlib
from collections.abc import Sequence
from pathlib import Path

from services.catalog.imports.archives import Limits, SourceFile, members, one_member
from services.catalog.imports.defects import Defects
from shared.errors import InvalidInput

__all__ = ["Limits", "SourceFile", "checksum_of", "members", "one_member", "text_of"]

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


def text_of(file: SourceFile, encoding: str, defects: Defects) -> str | None:
    """The text of a small file; None when it cannot be read, which is a defect then."""
    with file.open_binary() as opened:
        data = opened.read(LARGEST_TEXT + 1)
    if len(data) > LARGEST_TEXT:
        defects.add(file.label, 1, 1, f"the file is larger than {LARGEST_TEXT} bytes; no edition of it is")
        return None
    begin = len(codecs.BOM_UTF8) if encoding == "utf-8" and data.startswith(codecs.BOM_UTF8) else 0
    try:
        return data[begin:].decode(encoding)
    except UnicodeDecodeError as error:
        at = error.start + begin
        line, column = data.count(b"\n", 0, at) + 1, at - data.rfind(b"\n", 0, at)
        defects.add(file.label, line, column, f"the byte {data[at]:02x} is not {encoding.upper()}; save the file in it")
        return None
