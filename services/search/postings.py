"""Where each term of a table stands, and the entries whose terms weigh most together.

tantivy asks several objects for each posting of such a union, which took it 25 ns where this loop takes 3: a fifth of
the slowest answers went to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from services.search.compiling import compiled
from services.search.engine import Narrowed, Weighted
from services.search.kept import Kept
from services.search.narrowing import columns_of, passes, sieve_of
from services.search.shelf import CONTEXT, Shelf

ROWS = 2**32
"""More than a table has."""
MOST_SIEVES = 100


class Postings:
    """The postings of one table; one thread uses them."""

    def __init__(self, shelf: Shelf) -> None:
        """Turn what terms rows have into what rows have terms."""
        phrases = shelf.phrases
        table = phrases.terms, phrases.starts, phrases.kinds, phrases.first
        self._shelf, self._columns = shelf, columns_of(shelf)
        self._postings = _turned(table, shelf.columns.alive, len(shelf.vocabulary))
        self._sums = np.zeros(len(shelf), np.int32)
        self._sieves: Kept[Narrowed, tuple[Any, ...]] = Kept(MOST_SIEVES)

    async def some_of(self, terms: Sequence[Weighted], narrowed: Narrowed, limit: int) -> list[int]:
        """Up to `limit` rows with some of the terms, those whose terms weigh most together; of equal ones the least.

        Telling terms come before others.
        """
        numbers = self._shelf.numbers
        asked = [(numbers[t.term], t.weight, t.above, t.telling) for t in terms if t.weight and t.term in numbers]
        if not asked or not asked[0][-1]:
            return []
        sieve = self._sieves.get(narrowed) or self._sieves.keep(narrowed, sieve_of(self._shelf, narrowed))
        laid_out = np.array(asked, np.int64)
        through = self._columns, sieve
        found: list[int] = _weightiest(laid_out, self._postings, self._sums, through, limit).tolist()
        return found


@compiled()
def _meet(table: Any, alive: Any, seen: Any, ends: Any, rows: Any) -> None:
    """Count each row with each of its terms, its own ones first; write it at the end of the term's rows, if there are
    any yet.
    """
    terms, starts, kinds, first = table
    for row in np.flatnonzero(alive):
        for lying_below in range(2):
            for phrase in range(first[row], first[row + 1]):
                if (kinds[phrase] == CONTEXT) != lying_below:
                    continue
                for term in terms[starts[phrase] : starts[phrase + 1]]:
                    if seen[term] != row:
                        seen[term] = row
                        if len(rows):
                            rows[ends[term, lying_below]] = row
                        ends[term, lying_below] += 1


@compiled(
    "Tuple((i4[::1], i8[::1], i8[::1]))(Tuple((i4[::1], i4[::1], i1[::1], i4[::1])), b1[::1], i8)",
    aside=True,
)
def _turned(table: Any, alive: Any, vocabulary: int) -> Any:
    """The rows of each term, first those that have it themselves, then those that it stands above only; where the rows
    of each term begin, one more at the end; and where those begin that it stands above.
    """
    begins, above = np.zeros(vocabulary + 1, np.int64), np.zeros(vocabulary, np.int64)
    ends, seen = np.zeros((vocabulary, 2), np.int64), np.full(vocabulary, -1, np.int32)
    _meet(table, alive, seen, ends, np.empty(0, np.int32))
    for term in range(vocabulary):
        above[term] = begins[term] + ends[term, 0]
        begins[term + 1] = above[term] + ends[term, 1]
        ends[term, 0], ends[term, 1] = begins[term], above[term]
    rows = np.empty(begins[-1], np.int32)
    seen[:] = -1
    _meet(table, alive, seen, ends, rows)
    return rows, begins, above


@compiled()
def _add(rows: Any, weight: Any, marks: Any, count: Any, telling: Any) -> Any:
    """Add a weight to rows: to those that have something already, and, if it is telling, to others."""
    sums, touched = marks
    for row in rows:
        if sums[row] == 0:
            if not telling:
                continue
            touched[count] = row
            count += 1
        sums[row] += weight
    return count


@compiled()
def _sift(heap: Any, place: Any) -> None:
    """Let the least of a heap come to its beginning again, once something else was put at a place."""
    size = len(heap)
    while True:
        least = place
        for child in (2 * place + 1, 2 * place + 2):
            if child < size and heap[child] < heap[least]:
                least = child
        if least == place:
            return
        heap[place], heap[least] = heap[least], heap[place]
        place = least


@compiled(
    "i8[::1](i8[:,::1], Tuple((i4[::1], i8[::1], i8[::1])), i4[::1],"
    " Tuple((Tuple((i1[::1], b1[::1], i4[::1], i4[::1], b1[::1], i4[::1])), Tuple((b1[::1], b1, i8, i8)))), i8)"
)
def _weightiest(asked: Any, postings: Any, sums: Any, through: Any, limit: int) -> Any:
    """Rows that are let through by the sum of what their terms weigh; the sums are by row, empty before and after."""
    rows, begins, above = postings
    most = 0
    for term, _, _, telling in asked:
        most += (begins[term + 1] - begins[term]) * telling
    touched = np.empty(min(most, len(sums)), np.int32)
    marks, count = (sums, touched), 0
    for term, weight, weight_above, telling in asked:
        count = _add(rows[begins[term] : above[term]], weight, marks, count, telling)
        if weight_above:
            count = _add(rows[above[term] : begins[term + 1]], weight_above, marks, count, telling)
    columns, sieve = through
    system, systems = columns[0], sieve[0]
    best = np.full(limit, -1, np.int64)
    for row in touched[:count]:
        worth = np.int64(sums[row]) * ROWS - row
        sums[row] = 0
        if worth > best[0] and systems[system[row]] and passes(row, columns, sieve):  # most fall before the call
            best[0] = worth
            _sift(best, 0)
    best = np.sort(best[best >= 0])[::-1]
    return -best & (ROWS - 1)
