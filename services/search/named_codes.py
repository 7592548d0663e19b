"""Finds the codes that a query names in the table of codes, whatever engine stands behind, and what filters leave."""

from __future__ import annotations

from typing import Any

import numpy as np

from services.search.classes import Class
from services.search.code_shapes import Codes
from services.search.compiling import compiled
from services.search.engine import Narrowed
from services.search.narrowing import Rows, let_through
from services.search.order import NONE, Candidates, not_among
from services.search.shelf import Shelf
from services.search.shelving import PLACES
from services.search.words import has_digit

_DOTTED = [PLACES[system] for system in ("icd10cm", "icd9cm", "icd9pcs")]
_WITH_MODIFIERS = {PLACES[system] for system in ("cpt", "hcpcs", "cdt")}
LATE = 32
"""More than there are systems."""
_EVERYTHING = Narrowed()


def by_code(shelf: Shelf, codes: Codes, narrowed: Narrowed, today: int) -> Candidates:
    """The codes that a query names, in its order: those named first, then those that begin so, without chapters and
    blocks, whose names are spans of codes.
    """
    named: list[int] = []
    for code in codes.exact:
        found = shelf.with_code(code)
        if codes.system:
            found = [row for row in found if int(shelf.columns.system[row]) == PLACES[codes.system]]
        if codes.modifiers:
            found = [row for row in found if int(shelf.columns.system[row]) in _WITH_MODIFIERS]
        named += sorted_codes(shelf, np.array(found, np.int64), today).tolist() if len(found) > 1 else found
    for code in codes.modifiers:
        named += [row for row in shelf.with_code(code) if shelf.columns.system[row] == PLACES["modifier"]]
    begun: list[Rows] = []
    if codes.prefix and (has_digit(codes.prefix) or not shelf.begins_any(codes.prefix.lower())):
        rows = of_form(shelf, shelf.with_prefix(codes.prefix), codes)
        rows = rows[shelf.columns.system[rows] == PLACES[codes.system]] if codes.system else rows
        begun.append(sorted_codes(shelf, rows[~shelf.spans[rows]], today, whole=codes.prefix))
    if codes.span is not None:
        begun.append(sorted_codes(shelf, _within(shelf, *codes.span), today))
    if not named and not begun:
        return NONE
    first = np.array(list(dict.fromkeys(named)), np.int64)
    rest = np.concatenate(begun) if begun else np.zeros(0, np.int64)
    rest = rest[not_among(rest, first)] if len(first) and len(rest) else rest
    classes = np.repeat(np.array([Class.CODE, Class.PREFIX], np.int8), [len(first), len(rest)])
    codes_found = Candidates.named(np.concatenate([first, rest]), classes)
    return codes_found if narrowed == _EVERYTHING else codes_found.only(let_through(shelf, codes_found.rows, narrowed))


def of_form(shelf: Shelf, rows: Rows, codes: Codes) -> Rows:
    """Those of some codes that are written as the query is: with a dot, or in any way."""
    return rows[np.isin(shelf.columns.system[rows], _DOTTED)] if codes.dotted else rows


def _within(shelf: Shelf, first: str, last: str) -> Rows:
    """Codes of the systems that have one of the two ends, all of them when none has."""
    ends = {int(shelf.columns.system[row]) for code in (first, last) for row in shelf.with_code(code)}
    rows = shelf.within(first, last)
    return rows[np.isin(shelf.columns.system[rows], list(ends))] if ends else rows


def sorted_codes(shelf: Shelf, rows: Rows, today: int, whole: str = "") -> Rows:
    """The whole code first, valid ones before others, system by system, in order of the code."""
    columns = shelf.columns
    first = np.array(shelf.with_code(whole) if whole else (), np.int64)
    listed: Rows = _listed(rows, first, (columns.system, columns.first_day, columns.last_day), today)
    return listed


@compiled("i8[::1](i8[::1], i8[::1], Tuple((i1[::1], i4[::1], i4[::1])), i8)")
def _listed(rows: Any, whole: Any, columns: Any, today: int) -> Any:
    """Rows sorted by where they belong; those of one place stay in their order."""
    system, first_day, last_day = columns
    places = np.empty(len(rows), np.uint8)
    begins = np.zeros(4 * LATE + 1, np.int64)
    for at in range(len(rows)):
        row = rows[at]
        place = system[row] + LATE * (first_day[row] > today or today > last_day[row])
        if len(whole) and row not in whole:
            place += 2 * LATE
        places[at] = place
        begins[place + 1] += 1
    begins = np.cumsum(begins)
    found = np.empty(len(rows), np.int64)
    for at in range(len(rows)):
        found[begins[places[at]]] = rows[at]
        begins[places[at]] += 1
    return found
