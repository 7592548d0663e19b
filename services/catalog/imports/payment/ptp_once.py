"""Notices rows of PTP files that stand twice: a hash of each of millions of rows is kept, and sorted at the end."""

import numpy as np
from numpy.typing import NDArray

from services.catalog.imports.defects import Defects
from services.catalog.imports.payment.ptp_blocks import Numbers
from services.catalog.imports.payment.ptp_writing import Digests


class RowsOnce:
    """The rows of an import, by their hashes of 64 bits: that two different ones share one is past all likelihood."""

    def __init__(self) -> None:
        """Begin with none."""
        self._hashes: list[Digests] = []
        self._lines: list[NDArray[np.int32]] = []
        self._files: list[str] = []

    def add(self, hashes: Digests, file: str, lines: Numbers) -> None:
        """Take in rows with their lines in a file."""
        self._hashes.append(hashes)
        self._lines.append(lines.astype(np.int32))
        self._files.append(file)

    def tell(self, defects: Defects) -> None:
        """Note each row that stands again, at its line; when all rows are read."""
        every = np.sort(np.concatenate(self._hashes)) if self._hashes else np.zeros(0, np.uint64)
        again = np.unique(every[1:][every[1:] == every[:-1]])
        del every
        first: dict[int, tuple[str, int]] = {}
        for hashes, lines, file in zip(self._hashes, self._lines, self._files, strict=True) if len(again) else ():
            places = np.flatnonzero(np.isin(hashes, again))
            places = places[np.argsort(lines[places])]
            for row, line in zip(hashes[places].tolist(), lines[places].tolist(), strict=True):
                before = first.setdefault(row, (file, line))
                if before != (file, line):
                    where = f"line {before[1]}" if before[0] == file else f"{before[0]}, line {before[1]}"
                    defects.add(file, line, 1, f"the row stands twice, first in {where}; each row stands once")
