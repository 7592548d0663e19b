"""Corrects a word that no entry has: to the nearest words that entries have, most frequent first."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from services.search.shelf import Shelf
from services.search.words import normal_form

LONG = 8
"""Words of so many letters may have two faults."""
MOST = 3


class Corrector:
    """Knows the words of a table, by first letter."""

    def __init__(self, shelf: Shelf) -> None:
        """Take the table."""
        self._shelf = shelf
        self._by_letter: dict[str, list[str]] | None = None
        self._known: dict[tuple[str, bool], tuple[str, ...]] = {}

    def corrections(self, term: str, *, started: bool) -> Sequence[str]:
        """Up to three words that may have been meant, the nearest first; of a word that is being typed also such that
        begin like it.
        """
        key = term, started
        if key not in self._known:
            if len(self._known) > 20_000:
                self._known.clear()
            self._known[key] = tuple(self._nearest(term, started=started))
        return self._known[key]

    def _nearest(self, term: str, *, started: bool) -> list[str]:
        same = self._words().get(term[0], [])
        found = self._near(term, same, started=False) or self._near(normal_form(term), same, started=started)
        if not found:
            others = [word for letter, words in self._words().items() if letter != term[0] for word in words]
            found = self._near(term, others, started=False)
        return found

    def _near(self, term: str, words: Sequence[str], *, started: bool) -> list[str]:
        most = 2 if len(term) >= LONG else 1
        near = process.extract(term, words, scorer=OSA.distance, score_cutoff=most, limit=12)
        if not near and started:
            frequent = sorted(words, key=lambda word: int(self._shelf.frequency[self._shelf.numbers[word]]))
            cut = {word[: len(term)]: word for word in frequent if len(word) > len(term)}
            near = [
                (cut[start], distance, 0)
                for start, distance, _ in process.extract(
                    term, list(cut), scorer=OSA.distance, score_cutoff=most, limit=12
                )
            ]
        frequency, numbers = self._shelf.frequency, self._shelf.numbers
        ranked = sorted(near, key=lambda each: (each[1], -int(frequency[numbers[each[0]]]), each[0]))
        return [word for word, distance, _ in ranked if distance == ranked[0][1]][:MOST]

    def _words(self) -> dict[str, list[str]]:
        if self._by_letter is None:
            self._by_letter = {}
            for number, word in enumerate(self._shelf.vocabulary):
                if len(word) > 3 and word.isalpha() and self._shelf.frequency[number]:
                    self._by_letter.setdefault(word[0], []).append(word)
        return self._by_letter
