"""Sizes, times, ages and weights: what a query states as one number, titles state as a span of them.

A wound of 3 cm is one of "2.6 to 5.0 cm", a patient of 7 years one of "5 to 11 years". Nothing here knows which of them
a code set has: the spans are read from titles, as they are written there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.search.shelf import SUMMARY, Shelf

UNITS: Mapping[str, tuple[str, float]] = {
    "cm": ("cm", 1.0), "centimeter": ("cm", 1.0), "mm": ("cm", 0.1), "millimeter": ("cm", 0.1),
    "min": ("minute", 1.0), "minute": ("minute", 1.0),
    "h": ("minute", 60.0), "hr": ("minute", 60.0), "hour": ("minute", 60.0),
    "day": ("day", 1.0), "week": ("day", 7.0), "month": ("day", 30.44), "mo": ("day", 30.44),
    "year": ("day", 365.25), "yr": ("day", 365.25), "yo": ("day", 365.25), "y/o": ("day", 365.25),
    "gram": ("gram", 1.0), "g": ("gram", 1.0), "gm": ("gram", 1.0), "kg": ("gram", 1000.0),
}  # fmt: skip
"""What is measured by each unit, and how many of the least of its units one is."""
_SIZES, _AGES = frozenset({"cm", "gram"}), frozenset({"yo", "y/o"})
_NUMBER = r"\d{1,4}(?:\.\d{1,2})?"
_UNIT = rf"(?P<unit>{'|'.join(sorted(map(re.escape, UNITS), key=len, reverse=True))})s?"
_UNIT_OF = _UNIT.replace("<unit>", "<{}_unit>")
_ABOVE, _BELOW = r"over|more than|greater than|longer than|older than|past the first|>", r"under|less than|below|<"
_STATED = re.compile(
    r"(?<![\w.,/-])(?<![x*] )(?<!for )(?<!past )(?<!last )(?<!to )(?<!- )"
    rf"(?:(?P<above>{_ABOVE})\s*|(?P<below>{_BELOW})\s*)?(?P<number>{_NUMBER})[\s-]*{_UNIT}"
    r"(?P<old>[\s-]+(?:old|of age))?(?:\s+(?:long|in size))?(?![\w/]|\s*[-x\u00d7*]\s*\d|\s+to\s+\d|\s+sq|\s+ago)",
    re.IGNORECASE,
)
"""A size, a time or an age; no part of a span, of several dimensions or of how long something has lasted."""
_SPANS = re.compile(
    rf"(?:(?P<above>{_ABOVE})|(?P<below>{_BELOW})|(?P<most>up to|no more than))?\s*(?<![\w.])"
    rf"(?:(?P<open>the first\s+)?(?P<first>{_NUMBER})\s*(?:{_UNIT_OF.format('first')}\s*)?(?:to|-)\s*)?"
    rf"(?P<last>{_NUMBER})[\s-]*(?:consecutive\s+)?{_UNIT}(?![\w/])"
    rf"(?:\s+(?P<further>{_NUMBER})\s*{_UNIT_OF.format('further')}(?![\w/]))?"
    r"(?:\s*(?:of age\s*)?,?\s*(?:or|and)\s+"
    r"(?:(?P<less>less|under|younger|fewer)|(?P<more>more|greater|over|older|longer)))?",
    re.IGNORECASE,
)
ABIT = 1e-6
"""What "over" and "under" add to a number and take from it."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a query states."""

    kind: str
    value: float
    said: str
    """The words of it."""
    rest: str
    """The query without them."""
    sure: bool
    """Whether it is a size or an age, which are of somebody and no words of a title; a time may be."""
    apart: bool = False
    """Whether the rest is looked for without it."""


@dataclass(frozen=True, slots=True)
class Span:
    """What a title states; both ends are part of it."""

    kind: str
    least: float
    most: float


def measure_in(text: str) -> Measure | None:
    """The first measure of a query that has other words besides; none where there is no such."""
    found = _STATED.search(text)
    if found is None:
        return None
    unit = found["unit"].lower()
    age = bool(found["old"]) or unit in _AGES
    if unit == "week" and not age:
        return None  # of gestation
    kind, of_unit = UNITS[unit]
    value = float(found["number"]) + (ABIT if found["above"] else -ABIT if found["below"] else 0.0)
    rest = f"{text[: found.start()].rstrip()} {text[found.end() :].lstrip()}".lstrip()
    sure = age or kind in _SIZES
    return Measure(kind, value * of_unit, found[0], rest, sure) if re.search(r"[^\W\d_]{2}", rest) else None


def spans_in(text: str) -> Iterator[Span]:
    """The spans that a title states; a single number is none."""
    for found in _SPANS.finditer(text):
        kind, of_unit = UNITS[found["unit"].lower()]
        number = float(found["last"]) * of_unit
        if found["further"]:
            number += float(found["further"]) * UNITS[found["further_unit"].lower()][1]
        if found["first"]:
            of_first = UNITS[found["first_unit"].lower()][1] if found["first_unit"] else of_unit
            yield Span(kind, float(found["first"]) * of_first, float("inf") if found["open"] else number)
        elif found["most"] or found["less"]:
            yield Span(kind, 0.0, number)
        elif found["below"]:
            yield Span(kind, 0.0, number - ABIT * of_unit)
        elif found["more"]:
            yield Span(kind, number, float("inf"))
        elif found["above"]:
            yield Span(kind, number + ABIT * of_unit, float("inf"))


class Measures:
    """The spans that the titles of one table state."""

    def __init__(self, shelf: Shelf) -> None:
        """Take the table."""
        self._shelf = shelf

    @cached_property
    def spans(self) -> Mapping[int, tuple[Span, ...]]:
        """The spans of each row that states any, in its title, terms or names; codes below a header that state none
        have the header's: what is said of it is said of them.
        """
        found = {row: spans for row in self._with_units() if (spans := tuple(self._of(row)))}
        columns = self._shelf.columns
        for row in [row for row in found if not columns.billable[row]]:
            system, code = self._shelf.code_of(row)
            for below in self._shelf.with_prefix(code).tolist():
                if self._shelf.code_of(below)[0] == system:
                    found.setdefault(below, found[row])
        return found

    def _with_units(self) -> list[int]:
        """The rows whose title, terms or names have a unit."""
        phrases, numbers = self._shelf.phrases, self._shelf.numbers
        is_unit = np.zeros(len(self._shelf.vocabulary), np.bool_)
        is_unit[[numbers[unit] for unit in UNITS if unit in numbers]] = True
        holding = np.searchsorted(phrases.starts, np.flatnonzero(is_unit[phrases.terms]), side="right") - 1
        rows = np.searchsorted(phrases.first, holding[phrases.kinds[holding] < SUMMARY], side="right") - 1
        found: list[int] = np.unique(rows).tolist()
        return found

    def _of(self, row: int) -> Iterable[Span]:
        entry = self._shelf.entry(row)
        for text in (entry.title, *entry.terms, *entry.names):
            yield from spans_in(text)

    def fits(self, measure: Measure, rows: NDArray[np.int64]) -> NDArray[np.int8]:
        """For each row 1 when it states a span that the measure lies in, -1 when it states others only, 0 when none."""
        return np.array([self._fits(measure, self.spans.get(row, ())) for row in rows.tolist()], np.int8)

    @staticmethod
    def _fits(measure: Measure, spans: Sequence[Span]) -> int:
        of_kind = [span for span in spans if span.kind == measure.kind]
        if not of_kind:
            return 0
        return 1 if any(span.least <= measure.value <= span.most for span in of_kind) else -1
