"""The order of candidates: the class of what fits, billable before headers, then how well it fits, system and code.

All candidates are compared at once, on the arrays of the table of codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.search.classes import Class
from services.search.order import NONE, Candidates
from services.search.query import EXACT, KIN, Asked, Question
from services.search.shelf import CONTEXT, SUMMARY, TITLE, Shelf

Floats = NDArray[np.float32]


SYNONYM_CLASSES = {Class.EXACT_TITLE: Class.EXACT_TERM, Class.EXACT_TERM: Class.PHRASE}
"""Of words that the lexicon put in place of others the best classes are a step lower."""
_OF_SYNONYMS = np.array([SYNONYM_CLASSES.get(cls, cls) for cls in Class])
CONTEXT_COUNTS = 0.45
SUMMARY_COUNTS = 0.5
_FACTORS = np.ones(6, np.float32)
_FACTORS[[SUMMARY, CONTEXT]] = SUMMARY_COUNTS, CONTEXT_COUNTS
"""What a word counts in a phrase, by the kind of phrase."""
AGAIN = 0.1
"""What a word counts of which the question has another form or itself before: atrophy, atrophic."""
SPECIFIC = 0.22
"""How much a word of the title that nobody asked for costs, against one that was asked for and is there."""


class Ranker:
    """Orders candidates of one table; one thread uses it."""

    def __init__(self, shelf: Shelf) -> None:
        """Take the table."""
        self._shelf = shelf
        self._word_of = np.full(len(shelf.vocabulary), -1, np.int16)
        self._count_of = np.zeros(len(shelf.vocabulary), np.float32)

    def rank(self, question: Question, rows: NDArray[np.int64]) -> Candidates:
        """Give candidates with class and score, in no order; those with nothing of the question are left out."""
        if not len(rows) or not question.words:
            return NONE
        return self._fits(question, _Spread.of(self._shelf, rows)).ranked(question, rows)

    def _fits(self, question: Question, spread: _Spread) -> _Fits:
        word_of, count_of = self._word_of, self._count_of
        touched: list[Any] = []
        try:
            for place in reversed(range(len(question.words))):
                word = question.words[place]
                started = word.started
                if started:
                    begun = slice(started.start, started.stop) if isinstance(started, range) else list(started)
                    touched.append(begun)
                    word_of[begun], count_of[begun] = place, 0.9
                for number, count in word.terms.items():
                    touched.append(number)
                    if count >= count_of[number] or word_of[number] == place:
                        word_of[number], count_of[number] = place, count
            stands_for = word_of[spread.terms]
            at = np.flatnonzero(stands_for >= 0)
            return _Fits(self._shelf, question, spread, _Asked(at, stands_for[at], count_of[spread.terms[at]]))
        finally:
            for begun in touched:
                word_of[begun], count_of[begun] = -1, 0.0


@dataclass(frozen=True, slots=True)
class _Spread:
    """The terms of candidates, one behind the other."""

    terms: NDArray[np.int32]
    phrase: NDArray[np.int64]
    """The phrase of each term."""
    ends: NDArray[np.int64]
    """Where each phrase ends in `terms`."""
    lengths: NDArray[np.int64]
    kinds: NDArray[np.int8]
    owner: NDArray[np.int64]
    """The candidate of each phrase."""
    first: NDArray[np.int64]
    """Where each candidate's phrases begin."""
    numbers: NDArray[np.int64]
    """The phrases' numbers in the table."""

    @classmethod
    def of(cls, shelf: Shelf, rows: NDArray[np.int64]) -> _Spread:
        phrases = shelf.phrases
        numbers, owner, counts = _ranges(phrases.first[rows], phrases.first[rows + 1])
        at, phrase, lengths = _ranges(phrases.starts[numbers], phrases.starts[numbers + 1])
        return cls(
            phrases.terms[at],
            phrase,
            np.cumsum(lengths),
            lengths,
            phrases.kinds[numbers],
            owner,
            np.cumsum(counts) - counts,
            numbers,
        )


def _ranges(
    begin: NDArray[np.int32], end: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """All numbers of some ranges, which range each is of, and how long each range is."""
    lengths = (end - begin).astype(np.int64)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    shift = begin - (np.cumsum(lengths) - lengths)
    return np.arange(len(owner)) + shift[owner], owner, lengths


@dataclass(frozen=True, slots=True)
class _Asked:
    """Those of the candidates' terms that were asked for."""

    at: NDArray[np.int64]
    """Their places among all terms."""
    word: NDArray[np.int16]
    """The word of the question that each stands for."""
    count: Floats
    """What each counts."""


class _Fits:
    """How the phrases of candidates fit a question."""

    def __init__(self, shelf: Shelf, question: Question, spread: _Spread, asked: _Asked) -> None:
        """Take the question and the candidates' terms, with those that were asked for."""
        self._shelf, self._spread, self._asked = shelf, spread, asked
        size, phrases = len(question.words), len(spread.lengths)
        self._weights = _weights(shelf, question.words)
        filled = np.zeros(size * phrases, np.float32)
        np.maximum.at(filled, asked.word * np.int64(phrases) + spread.phrase[asked.at], asked.count)
        self._filled = filled.reshape(size, phrases)
        self._own = spread.kinds < SUMMARY
        counted = self._filled * _FACTORS[spread.kinds]
        self._best = np.maximum.reduceat(counted, spread.first, axis=1)
        """Of each candidate's phrases together, by word."""

    def ranked(self, question: Question, rows: NDArray[np.int64]) -> Candidates:
        spread, weights = self._spread, self._weights
        total = float(weights.sum()) or 1.0
        missed = self._missed()
        here = weights @ np.maximum(self._filled, 0.85 * self._best[:, spread.owner])
        phrase_score = np.where(self._own, here / total - SPECIFIC * missed / (missed + total), -1.0)
        classes = self._classes()
        best = _first_least(classes * 10.0 - phrase_score, spread)
        covered: NDArray[np.bool_] = np.all(self._best > 0, axis=0)
        found = classes[best]
        found[covered & (found == Class.SOME_WORDS)] = Class.ELSEWHERE
        if question.substitution is not None:
            found = _OF_SYNONYMS[found]
        scores = phrase_score[best].astype(np.float64)
        kept = (scores > -1.0) | covered
        asked = np.zeros(int(kept.sum()), np.int16)
        return Candidates(
            rows[kept], found[kept].astype(np.int8), scores[kept], spread.numbers[best[kept]], asked, (question,)
        )

    def _missed(self) -> Floats:
        """The weight of each phrase's terms that were not asked for."""
        spread, at = self._spread, self._asked.at
        asked = np.bincount(spread.phrase[at], self._shelf.weight[spread.terms[at]], len(spread.lengths))
        rest: Floats = np.maximum(self._shelf.phrase_weight[spread.numbers] - asked, 0.0).astype(np.float32)
        return rest

    def _classes(self) -> NDArray[np.int64]:
        """The class of each phrase by itself."""
        spread, filled = self._spread, self._filled
        size = len(filled)
        full: NDArray[np.bool_] = np.all(filled >= KIN, axis=0) & self._own
        literal: NDArray[np.bool_] = full & np.all(filled >= 0.95, axis=0)
        alike: NDArray[np.bool_] = full & np.all(filled >= 0.74, axis=0)
        phrase = literal & self._in_order(size)
        exact = phrase & (spread.lengths == size)
        classes = np.full(len(full), int(Class.SOME_WORDS))
        for fits, cls in (
            (full, Class.ELSEWHERE),
            (alike, Class.STARTS),
            (literal, Class.ALL_WORDS),
            (phrase, Class.PHRASE),
            (exact, Class.EXACT_TERM),
            (exact & (spread.kinds == TITLE), Class.EXACT_TITLE),
        ):
            classes[fits] = int(cls)
        return classes

    def _in_order(self, size: int) -> NDArray[np.bool_]:
        """Whether the words stand in each phrase in their order and side by side."""
        spread = self._spread
        found = np.zeros(len(spread.lengths), np.bool_)
        word = np.full(len(spread.terms), -1, np.int16)
        word[self._asked.at] = self._asked.word
        at = self._asked.at[self._asked.word == 0]
        at = at[at + size <= spread.ends[spread.phrase[at]]]
        for place in range(1, size):
            at = at[word[at + place] == place]
        found[spread.phrase[at]] = True
        return found


def _first_least(values: NDArray[Any], spread: _Spread) -> NDArray[np.int64]:
    """The first phrase of each candidate that has its least value."""
    least = np.minimum.reduceat(values, spread.first)
    at = np.flatnonzero(values == least[spread.owner])[::-1]
    best = np.empty(len(spread.first), np.int64)
    best[spread.owner[at]] = at  # of several the one written last stays: the first
    return best


def _weights(shelf: Shelf, words: Sequence[Asked]) -> Floats:
    """How telling each word of the question is; one that says again what another says tells less."""
    found = np.array([_weight(shelf, word) for word in words], np.float32)
    said: set[int] = set()
    for place, word in enumerate(words):
        if not said.isdisjoint(word.terms):
            found[place] *= AGAIN
        said.update(number for number, count in word.terms.items() if count == EXACT)
    return found


def _weight(shelf: Shelf, word: Asked) -> float:
    """How telling a word of the question is; one that nothing has tells nothing."""
    if word.terms:
        weights = shelf.weights
        return max(weights[n] * count for n, count in word.terms.items())
    if word.started:
        return 4.0
    return 0.0
