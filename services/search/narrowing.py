"""What filters leave of the rows of a table."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.search.compiling import compiled
from services.search.engine import Narrowed
from services.search.entry import SYSTEMS
from services.search.shelf import Shelf

Rows = NDArray[np.int64]
NO_DAY, EVERYWHERE, NOWHERE = -1, -1, -2
"""Instead of a day; and of the row of a section where none is asked for, and where the table has none such."""


def columns_of(shelf: Shelf) -> tuple[Any, ...]:
    """What of a table filters look at."""
    columns = shelf.columns
    return columns.system, columns.billable, columns.first_day, columns.last_day, columns.alive, columns.above


def sieve_of(shelf: Shelf, narrowed: Narrowed) -> tuple[Any, ...]:
    """A filter as the compiled loops read it: which systems, whether only what is billable, the day, the section."""
    systems = np.array([not narrowed.systems or system in narrowed.systems for system in SYSTEMS], np.bool_)
    day = narrowed.day.toordinal() if narrowed.day else NO_DAY
    section = EVERYWHERE
    if narrowed.section:
        system, _, code = narrowed.section.partition("/")
        row = shelf.row((system, code.upper()))
        section = NOWHERE if row is None else row
    return systems, narrowed.billable_only, day, section


def let_through(shelf: Shelf, rows: Rows, narrowed: Narrowed) -> NDArray[np.bool_]:
    """Which of some rows the filter lets through."""
    found: NDArray[np.bool_] = _let_through(rows, columns_of(shelf), sieve_of(shelf, narrowed))
    return found


@compiled()
def passes(row: Any, columns: Any, sieve: Any) -> Any:
    """Whether a row that counts is let through."""
    system, billable, first_day, last_day, alive, above = columns
    systems, billable_only, day, section = sieve
    if not alive[row] or not systems[system[row]] or (billable_only and not billable[row]):
        return False
    if day != NO_DAY and not first_day[row] <= day <= last_day[row]:
        return False
    if section != EVERYWHERE:
        while row >= 0 and row != section:
            row = above[row]
        return row == section
    return True


@compiled(
    "b1[::1](i8[::1], Tuple((i1[::1], b1[::1], i4[::1], i4[::1], b1[::1], i4[::1])), Tuple((b1[::1], b1, i8, i8)))"
)
def _let_through(rows: Any, columns: Any, sieve: Any) -> Any:
    found = np.empty(len(rows), np.bool_)
    for at in range(len(rows)):
        found[at] = passes(rows[at], columns, sieve)
    return found
