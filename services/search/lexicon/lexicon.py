"""What else a query could mean: every reading of its words and phrases, with the reason, longest first."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.search.lexicon.loading import own_rows
from services.search.lexicon.row import Kind, Match, Row
from services.search.lexicon.words import Word, split, words

MOST_BEGUN = 3
"""So many phrases are proposed to one who types."""
_NOT_READINGS = frozenset({Kind.SPELLING, Kind.PLURAL})


@dataclass(frozen=True, slots=True)
class Reading:
    """Other words for the words [start, end) of a query."""

    start: int
    end: int
    words: tuple[str, ...]
    """Normal forms of what a title says."""
    row: Row

    @property
    def reason(self) -> str:
        """The sentence a reader sees."""
        return self.row.reason


_Read = tuple[Row, tuple[str, ...]]
"""A row with the normal forms of its expansion."""


def _read(row: Row) -> _Read:
    return row, words(row.expansion)


class Lexicon:
    """The rows by what they match. Immutable and safe to share."""

    def __init__(self, rows: Iterable[Row]) -> None:
        """Take rows that a loader has found right."""
        self.rows = tuple(rows)
        self._by_words: dict[tuple[str, ...], list[_Read]] = defaultdict(list)
        self._by_tokens: dict[tuple[str, ...], list[_Read]] = defaultdict(list)
        for row in self.rows:
            if row.kind in _NOT_READINGS:
                continue
            if row.kind is Kind.ABBREVIATION:
                self._by_tokens[tuple(word.raw.casefold() for word in split(row.term))].append(_read(row))
                continue
            self._by_words[words(row.term)].append(_read(row))
            if row.kind is Kind.ANATOMY:
                self._by_words[words(row.expansion)].append(_read(row.reversed()))
        self._phrases = sorted(" ".join(key) for key in self._by_words if len(key) > 1)
        self._longest = max((len(key) for key in (*self._by_words, *self._by_tokens)), default=0)

    def readings(self, query: Sequence[Word]) -> tuple[Reading, ...]:
        """Give every reading of the words and phrases of a query: longer phrases first, then from the left."""
        found = [
            reading
            for length in range(min(self._longest, len(query)), 0, -1)
            for start in range(len(query) - length + 1)
            for reading in self._at(query, start, start + length)
        ]
        return tuple(found)

    def begun(self, query: Sequence[Word], start: str) -> tuple[Reading, ...]:
        """Give the readings of phrases that the end of a query begins, of which a whole word stands there at least; the
        last word is the beginning of one. The longest beginning counts.
        """
        for first in range(max(0, len(query) - self._longest), len(query) - 1):
            begins = " ".join([*(word.normal for word in query[first:-1]), start])
            low = bisect_left(self._phrases, begins)
            phrases = self._phrases[low : low + MOST_BEGUN]
            found = [
                each
                for phrase in phrases
                if phrase.startswith(begins)
                for each in self._by_words[tuple(phrase.split(" "))]
            ]
            if found:
                return tuple(Reading(first, len(query), expansion, row) for row, expansion in found)
        return ()

    def readings_of(self, text: str) -> tuple[Reading, ...]:
        """Give the readings of a text."""
        return self.readings(split(text))

    def _at(self, query: Sequence[Word], start: int, end: int) -> Iterator[Reading]:
        span = query[start:end]
        exact = self._by_tokens.get(tuple(word.raw.casefold() for word in span), ())
        if not exact and span[-1].raw.endswith("s") and span[-1].raw[:-1].isupper():  # UTIs, PVCs
            exact = self._by_tokens.get((*(w.raw.casefold() for w in span[:-1]), span[-1].raw[:-1].casefold()), ())
        capitals = all(word.raw.upper() == word.raw for word in span)
        for row, expansion in exact:
            if row.match is not Match.CAPITALS or capitals:
                yield Reading(start, end, expansion, row)
        for row, expansion in self._by_words.get(tuple(word.normal for word in span), ()):
            yield Reading(start, end, expansion, row)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Give the lexicon that comes with the platform."""
    return Lexicon(own_rows())
