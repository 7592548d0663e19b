"""The files of an import: there, readable, and their checksum."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from shared.errors import InvalidInput


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
