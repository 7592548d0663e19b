"""The procedure-to-procedure edits of one release in memory: columns of numbers, in order of the codes of a pair.

A code becomes a number, and the rows of a column 1 code lie beside each other. Two million rows take about 30 MB. A
claim of 30 lines looks at some thousands of them, those of its own codes, in a few operations on whole arrays.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

UNKNOWN_START = np.iinfo(np.int32).min
NO_END = np.iinfo(np.int32).max
NEVER_APPLIED = "9"
"""The indicator of rows that never applied: their deletion date is their effective date."""

Numbers = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]


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


class PtpEdit(NamedTuple):
    """A row that applies on a day. A named tuple, as findings are, for a claim has dozens."""

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
        kept = np.flatnonzero(rows.indicators != ord(NEVER_APPLIED))
        kept = kept[np.lexsort((rows.ends[kept], rows.column_2[kept], rows.column_1[kept]))]
        self._firsts: list[int] = np.searchsorted(rows.column_1[kept], np.arange(len(rows.codes) + 1)).tolist()
        """Where the rows of each column 1 code begin; the next one's beginning is their end."""
        small = len(rows.codes) <= np.iinfo(np.uint16).max + 1
        self._column_2: npt.NDArray[Any] = rows.column_2[kept].astype(np.uint16 if small else np.int32)
        self._begins, self._ends = rows.begins[kept], rows.ends[kept]
        self._indicators, self._rationales = rows.indicators[kept], rows.rationales[kept]

    def __len__(self) -> int:
        """How many rows it holds."""
        return len(self._column_2)

    @property
    def nbytes(self) -> int:
        """The memory that its rows take."""
        parts = (self._column_2, self._begins, self._ends, self._indicators, self._rationales)
        return sum(part.nbytes for part in parts)

    def applying(self, codes: Sequence[str], day: date) -> list[PtpEdit]:
        """The rows that apply on a day to two of the codes, in either order; at most one an order."""
        numbers = sorted({number for code in codes if (number := self._number.get(code)) is not None})
        if len(numbers) < 2:
            return []
        asked = np.zeros(len(self._codes), dtype=np.bool_)
        asked[numbers] = True
        groups = [self._column_2[self._firsts[number] : self._firsts[number + 1]] for number in numbers]
        hits: list[int] = asked[np.concatenate(groups)].nonzero()[0].tolist()
        return list(self._chosen(numbers, groups, hits, day.toordinal()))

    def _chosen(
        self, numbers: Sequence[int], groups: Sequence[npt.NDArray[Any]], hits: Sequence[int], day: int
    ) -> Iterator[PtpEdit]:
        """The rows that apply among hits, which are places in the rows of all numbers one behind the other."""
        group, begun, ended, before = -1, 0, 0, -1
        for hit in hits:
            while hit >= ended:
                group, begun, before = group + 1, ended, -1
                ended = begun + len(groups[group])
            column_2 = int(groups[group][hit - begun])
            if column_2 != before:
                before = column_2
                first = self._firsts[numbers[group]]
                place = self._row_on(first + hit - begun, self._firsts[numbers[group] + 1], day)
                if place is not None:
                    yield self._edit(numbers[group], place)

    def _row_on(self, first: int, end: int, day: int) -> int | None:
        """Of the rows of one pair, which stand in order of deletion, the one that applies.

        A row with known dates applies between them; of rows without a known start the first that was not yet deleted.
        """
        column_2, best, best_start = self._column_2[first], None, UNKNOWN_START
        for place in range(first, end):
            if self._column_2[place] != column_2:
                break
            start = int(self._begins[place])
            if start <= day <= int(self._ends[place]) and (best is None or start > best_start):
                best, best_start = place, start
        return best

    def _edit(self, column_1: int, place: int) -> PtpEdit:
        begins, ends = int(self._begins[place]), int(self._ends[place])
        return PtpEdit(
            column_1=self._codes[column_1],
            column_2=self._codes[self._column_2[place]],
            indicator=chr(self._indicators[place]),
            rationale=self._rationale_names[self._rationales[place]],
            begins=None if begins == UNKNOWN_START else date.fromordinal(begins),
            ends=None if ends == NO_END else date.fromordinal(ends),
        )
