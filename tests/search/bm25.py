"""The baseline that search is compared with: plain BM25 over titles, without anything of ours (Robertson, k1 and b)."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from heapq import nlargest

K1, B = 1.2, 0.75
MOST = 10
_WORD = re.compile(r"[a-z0-9]+")


def plain_words(text: str) -> list[str]:
    """The words of a text in small letters, as they are."""
    return _WORD.findall(text.lower())


class Bm25:
    """Titles of codes by their words."""

    def __init__(self, titles: Iterable[tuple[str, str, str]]) -> None:
        """Take system, code and title of every entry."""
        self._entries: list[tuple[str, str]] = []
        self._lengths: list[int] = []
        self._holding: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, (system, code, title) in enumerate(titles):
            words = plain_words(title)
            self._entries.append((system, code))
            self._lengths.append(len(words))
            for word, times in Counter(words).items():
                self._holding[word].append((number, times))
        self._mean = sum(self._lengths) / max(len(self._lengths), 1)

    def find(self, query: str, system: str = "") -> Sequence[str]:
        """Give the ten best codes within a system, or within all."""
        return [self._entries[number][1] for number in self.best(plain_words(query), system)]

    def best(self, words: Sequence[str], system: str) -> list[int]:
        """Give the entries that fit some words best."""
        scores: dict[int, float] = defaultdict(float)
        for word in set(words):
            holding = self._holding.get(word, ())
            weight = math.log(1 + (len(self._entries) - len(holding) + 0.5) / (len(holding) + 0.5))
            for number, times in holding:
                length = 1 - B + B * self._lengths[number] / self._mean
                scores[number] += weight * times * (K1 + 1) / (times + K1 * length)
        fitting = (number for number in scores if not system or self._entries[number][0] == system)
        return nlargest(MOST, fitting, key=lambda number: (scores[number], -number))
