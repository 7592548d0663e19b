"""The procedure-to-procedure edits of one release in memory: sorted numbers, searched for all pairs of a claim at once.

A code becomes a number, a pair of codes the number of both. Two million rows take about 30 MB, and the 870 ordered
pairs of 30 lines are looked for in one call.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

UNKNOWN_START = np.iinfo(np.int32).min
NO_END = np.iinfo(np.int32).max
NEVER_APPLIED = "9"
"""The indicator of rows that never applied: their deletion date is their effective date."""

Numbers = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.uint64]
LARGEST_CODES = 1 << 16


@dataclass(frozen=True, slots=True)
class PtpRows:
    """Rows of a release, column by column."""

    codes: Sequence[str]
    """Every code, in order of its number."""
    column_1: Numbers
    column_2: Numbers
    begins: Numbers
    """Days as of date.toordinal; UNKNOWN_START where the file gives none."""
    ends: Numbers
    """Days as of date.toordinal; NO_END for rows that are not deleted."""
    indicators: Bytes
    """Characters by their numbers in ASCII."""
    rationales: Bytes
    """Numbers of rationale_names."""
    rationale_names: Sequence[str]


@dataclass(frozen=True, slots=True)
class PtpEdit:
    """A row that applies on a day."""

    column_1: str
    column_2: str
    indicator: str
    rationale: str
    begins: date | None
    """None where the file gives no effective dates."""
    ends: date | None


class PtpTable:
    """All rows of a release that ever applied."""

    def __init__(self, rows: PtpRows) -> None:
        """Take the rows in any order."""
        self._codes = tuple(rows.codes)
        self._rationale_names = tuple(rows.rationale_names)
        self._number: Mapping[str, int] = {code: number for number, code in enumerate(rows.codes)}
        self._factor = max(1, len(rows.codes))
        kept = np.flatnonzero(rows.indicators != ord(NEVER_APPLIED))
        # Four bytes a key hold the pairs of 65,536 codes; there are about 20,000.
        kind: npt.DTypeLike = np.uint32 if self._factor <= LARGEST_CODES else np.uint64
        keys = self._keys_of(rows.column_1[kept], rows.column_2[kept]).astype(kind)
        order = np.lexsort((rows.ends[kept], keys))
        self._keys = keys[order]
        kept = kept[order]
        self._begins, self._ends = rows.begins[kept], rows.ends[kept]
        self._indicators, self._rationales = rows.indicators[kept], rows.rationales[kept]

    def _keys_of(self, column_1: Numbers, column_2: Numbers) -> Keys:
        return column_1.astype(np.uint64) * np.uint64(self._factor) + column_2.astype(np.uint64)

    def __len__(self) -> int:
        """How many rows it holds."""
        return len(self._keys)

    @property
    def nbytes(self) -> int:
        """The memory that its rows take."""
        parts = (self._keys, self._begins, self._ends, self._indicators, self._rationales)
        return sum(part.nbytes for part in parts)

    def applying(self, codes: Sequence[str], day: date) -> list[PtpEdit]:
        """The rows that apply on a day to two of the codes, in either order; at most one an order."""
        numbers = sorted({number for code in codes if (number := self._number.get(code)) is not None})
        if len(numbers) < 2 or not len(self._keys):
            return []
        known = np.array(numbers, dtype=np.int32)
        wanted = self._keys_of(known[:, None], known[None, :]).astype(self._keys.dtype).ravel()
        places = np.searchsorted(self._keys, wanted)
        places[places == len(self._keys)] = 0
        found = np.flatnonzero(self._keys[places] == wanted)
        return list(self._chosen(places[found].tolist(), day.toordinal()))

    def _chosen(self, places: Sequence[int], day: int) -> Iterator[PtpEdit]:
        for first in places:
            place = self._row_on(first, day)
            if place is not None:
                yield self._edit(place)

    def _row_on(self, first: int, day: int) -> int | None:
        """Of the rows of one pair, which stand in order of deletion, the one that applies.

        A row with known dates applies between them; of rows without a known start the first that was not yet deleted.
        """
        key, best, best_start = self._keys[first], None, UNKNOWN_START
        for place in range(first, len(self._keys)):
            if self._keys[place] != key:
                break
            start = int(self._begins[place])
            if start <= day <= int(self._ends[place]) and (best is None or start > best_start):
                best, best_start = place, start
        return best

    def _edit(self, place: int) -> PtpEdit:
        column_1, column_2 = divmod(int(self._keys[place]), self._factor)
        begins, ends = int(self._begins[place]), int(self._ends[place])
        return PtpEdit(
            column_1=self._codes[column_1],
            column_2=self._codes[column_2],
            indicator=chr(self._indicators[place]),
            rationale=self._rationale_names[self._rationales[place]],
            begins=None if begins == UNKNOWN_START else date.fromordinal(begins),
            ends=None if ends == NO_END else date.fromordinal(ends),
        )
