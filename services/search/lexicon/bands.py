"""Numbers that titles give in bands: a body mass index of 42 is 40.0-44.9, a Glasgow coma score of 7 is 3-8.

A measure is known by its words, in any order, before or behind the number, with nothing between but units and words
that come and go. The bands are those of ICD-10-CM, each with the code that it is of.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from services.search.lexicon.row import Kind, Match, Row, Scope
from services.search.lexicon.spoken import SILENT
from services.search.lexicon.words import Word, words

FILE = Path(__file__).parent / "bands" / "icd10cm.csv"
COLUMNS = ("measure", "least", "most", "title", "source")
_UNITS = frozenset(["kg", "m2", "g", "gm", "gram", "score", "percent", "th", "percentile", "value", "now", "today"])
_ORDINALS = ("th", "st", "nd", "rd", "g", "gm")
_BETWEEN = _UNITS | SILENT


@dataclass(frozen=True, slots=True)
class Band:
    """A span of numbers and the title that names it."""

    least: float
    most: float
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with its measure: the words [start, end) of a query, and the row that says what titles call it."""

    start: int
    end: int
    row: Row


_Measures = Sequence[tuple[frozenset[str], Sequence[Band]]]
"""The bands of each measure, with its words."""


def measured(query: Sequence[Word]) -> Measured | None:
    """The first number of a query that is one of a measure with bands."""
    if not any(word.raw[0].isdigit() for word in query):
        return None
    said = {word.normal for word in query}
    measures = [each for each in _measures() if each[0] <= said]
    for place, word in enumerate(query if measures else ()):
        if word.raw[0].isdigit():
            number, end = _number(query, place)
            found = number is not None and _of_measure(query, (place, end), number, measures)
            if found:
                return found
    return None


def _number(query: Sequence[Word], place: int) -> tuple[float | None, int]:
    """The number that begins at a word, with its decimals, and the place behind it."""
    word = query[place]
    digits = word.raw.lower()
    digits = next((digits.removesuffix(each) for each in _ORDINALS if digits.endswith(each)), digits)
    if not digits.isdecimal() or len(digits) > 4:
        return None, place
    following = query[place + 1] if place + 1 < len(query) else None
    if following and following.start == word.end + 1 and following.raw.isdecimal():
        return float(f"{digits}.{following.raw}"), place + 2
    return float(digits), place + 1


def _of_measure(query: Sequence[Word], span: tuple[int, int], number: float, measures: _Measures) -> Measured | None:
    """The band of a number, by the longest of some measures whose words stand around it."""
    place, end = span
    for names, bands in measures:
        lacking = set(names)
        start, last = place, end
        while start and (query[start - 1].normal in lacking or query[start - 1].normal in _BETWEEN):
            start -= 1
            lacking.discard(query[start].normal)
        while last < len(query) and (query[last].normal in lacking or query[last].normal in _BETWEEN):
            lacking.discard(query[last].normal)
            last += 1
        band = next((each for each in bands if each.least <= number <= each.most), None)
        if not lacking and band is not None:
            said = *(word.raw for word in query[start:place]), f"{number:g}", *(word.raw for word in query[end:last])
            row = Row(" ".join(said), Kind.SYNONYM, band.title, Match.ANY, Scope.DIAGNOSIS, band.source)
            return Measured(start, last, row)
    return None


@lru_cache(maxsize=1)
def _measures() -> _Measures:
    """The bands of each measure, measures of more words first."""
    found: dict[frozenset[str], list[Band]] = {}
    for names, band in _rows():
        for name in names.split("|"):
            found.setdefault(frozenset(words(name)), []).append(band)
    return sorted(found.items(), key=lambda each: -len(each[0]))


def _rows() -> Iterator[tuple[str, Band]]:
    with FILE.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            least, most = float(line["least"]), float(line["most"])
            yield line["measure"], Band(least, most, line["title"], line["source"])
