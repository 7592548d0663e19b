"""The procedure-to-procedure edits of one release in memory: columns of numbers, in order of the codes of a pair.

A code becomes a number, and the rows of a column 1 code lie beside each other. Two million rows take about 30 MB. A
claim of 30 lines looks at some thousands of them, those of its own codes, in a few operations on whole arrays.
"""

from collections.abc import Mapping, Sequence
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
        asked[np.array(numbers)] = True
        firsts = self._firsts
        bounds = [(firsts[number], firsts[number + 1]) for number in numbers]
        hits = asked.take(np.concatenate([self._column_2[first:last] for first, last in bounds])).nonzero()[0]
        if not len(hits):
            return []
        begun, lasts = np.array(bounds).T
        behind = (lasts - begun).cumsum()
        of_group = behind.searchsorted(hits, side="right")
        places = hits + (lasts - behind)[of_group]
        today = day.toordinal()
        applies = ((self._begins[places] <= today) & (self._ends[places] >= today)).nonzero()[0]
        return self._chosen([numbers[group] for group in of_group[applies].tolist()], places[applies])

    def _chosen(self, column_1: Sequence[int], places: npt.NDArray[np.intp]) -> list[PtpEdit]:
        """One row of each pair among those that apply on a day, which stand in order of pairs and then of deletion.

        Of rows with known dates the one that began last; of rows without a known start the one that is deleted first.
        """
        found: dict[tuple[int, int], tuple[int, int, int, int]] = {}
        columns = (self._column_2, self._begins, self._ends, self._indicators, self._rationales)
        rows = zip(column_1, *[column[places].tolist() for column in columns], strict=True)
        for one, other, begins, ends, indicator, rationale in rows:
            best = found.get((one, other))
            if best is None or begins > best[0]:
                found[one, other] = (begins, ends, indicator, rationale)
        codes, names = self._codes, self._rationale_names
        return [
            PtpEdit(codes[one], codes[other], chr(indicator), names[rationale], _first_day(begins), _last_day(ends))
            for (one, other), (begins, ends, indicator, rationale) in found.items()
        ]


def _first_day(number: int) -> date | None:
    return None if number == UNKNOWN_START else date.fromordinal(number)


def _last_day(number: int) -> date | None:
    return None if number == NO_END else date.fromordinal(number)
