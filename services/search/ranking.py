"""The order of candidates: the class of what fits, billable before headers, then how well it fits, system and code.

All candidates are compared at once, on the arrays of the table of codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

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
ELSEWHERE_COUNTS = 0.85
"""What a word counts that stands in another phrase of the candidate, against one in the phrase itself."""
IN_FRONT = 0.03
"""What it counts, while the last word is unfinished, that a phrase begins with the first: diabet, diabetes mellitus."""
SPECIFIC = 0.22
"""How much a word of the title that nobody asked for costs, against one that was asked for and is there."""


class Ranker:
    """Orders candidates of one table; one thread uses it."""

    def __init__(self, shelf: Shelf) -> None:
        """Take the table."""
        self._shelf = shelf
        self._word_of = np.full(len(shelf.vocabulary), -1, np.int16)
        self._count_of = np.zeros(len(shelf.vocabulary), np.float32)

    def rank(self, found: Sequence[tuple[Question, NDArray[np.int64]]]) -> Candidates:
        """Give the candidates of some questions with class and score, in no order; those with nothing of their question
        are left out. All are compared at once: what it costs is mostly the same for few and for many.
        """
        found = [(question, rows) for question, rows in found if len(rows) and question.words]
        if not found:
            return NONE
        questions = [question for question, _ in found]
        rows = np.concatenate([rows for _, rows in found])
        spread = _Spread.of(self._shelf, rows, [len(rows) for _, rows in found])
        return _Fits(self._shelf, questions, spread, self._asked(questions, spread)).ranked(rows)

    def _asked(self, questions: Sequence[Question], spread: _Spread) -> _Asked:
        parts = [
            self._asked_of(question, spread.terms[part.terms], part.terms.start)
            for question, part in zip(questions, spread.parts, strict=True)
        ]
        return (
            _Asked(*(np.concatenate(column) for column in zip(*parts, strict=True))) if parts[1:] else _Asked(*parts[0])
        )

    def _asked_of(
        self, question: Question, terms: NDArray[np.int32], begin: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int16], Floats]:
        """Those of the terms from one place on that a question asks for: place, word, and what each counts."""
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
            stands_for = word_of[terms]
            at = np.flatnonzero(stands_for >= 0)
            return at + begin, stands_for[at], count_of[terms[at]]
        finally:
            for begun in touched:
                word_of[begun], count_of[begun] = -1, 0.0


class _Part(NamedTuple):
    """What is of one question: candidates, phrases and terms."""

    rows: slice
    phrases: slice
    terms: slice


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
    question: NDArray[np.int16]
    """The question of each candidate: they stand question by question."""
    parts: Sequence[_Part]
    """What is of each question."""

    @classmethod
    def of(cls, shelf: Shelf, rows: NDArray[np.int64], sizes: Sequence[int]) -> _Spread:
        """Spread the rows of some questions, so many of each."""
        phrases = shelf.phrases
        numbers, owner, counts = _ranges(phrases.first[rows], phrases.first[rows + 1])
        at, phrase, lengths = _ranges(phrases.starts[numbers], phrases.starts[numbers + 1])
        ends, behind = np.cumsum(lengths), np.cumsum(counts)
        return cls(
            phrases.terms[at],
            phrase,
            ends,
            lengths,
            phrases.kinds[numbers],
            owner,
            behind - counts,
            numbers,
            np.repeat(np.arange(len(sizes), dtype=np.int16), sizes),
            _parts(sizes, behind, ends),
        )


def _parts(sizes: Sequence[int], behind: NDArray[np.int64], ends: NDArray[np.int64]) -> Sequence[_Part]:
    rows = np.cumsum(sizes)
    phrases = behind[rows - 1]
    found = [rows.tolist(), phrases.tolist(), ends[phrases - 1].tolist()]
    slices = [[slice(begin, end) for begin, end in pairwise([0, *column])] for column in found]
    return [_Part(*each) for each in zip(*slices, strict=True)]


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
    """How the phrases of candidates fit the question that each candidate is of."""

    def __init__(self, shelf: Shelf, questions: Sequence[Question], spread: _Spread, asked: _Asked) -> None:
        """Take the questions and the candidates' terms, with those that were asked for."""
        self._shelf, self._questions, self._spread, self._asked = shelf, questions, spread, asked
        self._sizes = np.array([len(question.words) for question in questions])
        most, phrases = int(self._sizes.max()), len(spread.lengths)
        self._of = spread.question[spread.owner] if len(questions) > 1 else None
        phrase = spread.phrase[asked.at]
        self._filled = _highest(most, phrases, asked.word, phrase, asked.count)
        counts = asked.count * _FACTORS[spread.kinds[phrase]]
        self._best = _highest(most, len(spread.first), asked.word, spread.owner[phrase], counts)
        """Of each candidate's phrases together, by word."""
        self._repeats = [_repeats(question.words) for question in questions]
        self._complete()
        self._own = spread.kinds < SUMMARY

    def _complete(self) -> None:
        """A word that is said again is where it was found for the first time; words that only others have fit."""
        for part, repeats, size in zip(self._spread.parts, self._repeats, self._sizes.tolist(), strict=True):
            for table, at in ((self._filled, part.phrases), (self._best, part.rows)):
                table[size:, at] = 1.0
                for word, before in repeats.items():
                    table[word, at] = np.maximum(table[word, at], table[before, at])

    def ranked(self, rows: NDArray[np.int64]) -> Candidates:
        """The candidates of all questions."""
        spread = self._spread
        phrase_score = self._scores()
        classes, covered = self._classes(), self._covered()
        best = _first_least(classes * 10.0 - phrase_score, spread)
        found = classes[best]
        found[covered & (found == Class.SOME_WORDS)] = Class.ELSEWHERE
        written = np.array([question.substitution is not None for question in self._questions])
        if written.any():
            found = np.where(written[spread.question], _OF_SYNONYMS[found], found)
        scores = phrase_score[best].astype(np.float64)
        kept = (scores > -1.0) | covered
        return Candidates(
            rows[kept],
            found[kept].astype(np.int8),
            scores[kept],
            spread.numbers[best[kept]],
            spread.question[kept],
            tuple(self._questions),
        )

    def _scores(self) -> Floats:
        """How much of what was asked for each phrase has, with what else it has; -1 where it is not its own."""
        spread = self._spread
        elsewhere = (ELSEWHERE_COUNTS * self._best).take(spread.owner, axis=1)
        filled = np.maximum(self._filled, elsewhere, out=elsewhere)
        missed = self._missed()
        found = np.empty(len(spread.owner), np.float32)
        for question, part in zip(self._questions, spread.parts, strict=True):
            weights = _weights(self._shelf, question.words)
            total = float(weights.sum()) or 1.0
            rest = missed[part.phrases]
            found[part.phrases] = weights @ filled[: len(weights), part.phrases] / total
            found[part.phrases] -= SPECIFIC * rest / (rest + total)
            if question.started and not question.words[-1].terms:
                found[self._in_front(part)] += IN_FRONT
        found[~self._own] = -1.0
        return found

    def _in_front(self, part: _Part) -> NDArray[np.int64]:
        """The phrases of a question that begin with its first word."""
        spread, asked = self._spread, self._asked
        at = asked.at[asked.word == 0]
        phrase = spread.phrase[at]
        front = at == spread.ends[phrase] - spread.lengths[phrase]
        found: NDArray[np.int64] = phrase[front & (phrase >= part.phrases.start) & (phrase < part.phrases.stop)]
        return found

    def _missed(self) -> Floats:
        """The weight of each phrase's terms that were not asked for."""
        spread, at = self._spread, self._asked.at
        asked = np.bincount(spread.phrase[at], self._shelf.weight[spread.terms[at]], len(spread.lengths))
        rest: Floats = np.maximum(self._shelf.phrase_weight[spread.numbers] - asked, 0.0).astype(np.float32)
        return rest

    def _covered(self) -> NDArray[np.bool_]:
        """Whether every word is anywhere in what a candidate has."""
        found: NDArray[np.bool_] = self._best.min(0) > 0
        return found

    def _classes(self) -> NDArray[np.int64]:
        """The class of each phrase by itself: each step fits only what the one before it fits."""
        spread, least = self._spread, self._filled.min(0)
        sizes = self._sizes[0] if self._of is None else self._sizes[self._of]
        full = (least >= KIN) & self._own
        literal = full & (least >= 0.95)
        phrase = self._in_order(literal)
        exact = phrase & (spread.lengths == sizes)
        steps = (full, full & (least >= 0.74), literal, phrase, exact, exact & (spread.kinds == TITLE))
        found = np.full(len(full), int(Class.SOME_WORDS))
        for fits in steps:
            found -= fits
        return found

    def _expected(self, phrase: NDArray[np.int64]) -> NDArray[np.int16]:
        """By which word's number each word's term is known, for some phrases."""
        expected = np.tile(np.arange(len(self._filled), dtype=np.int16)[:, None], len(self._repeats))
        for place, repeats in enumerate(self._repeats):
            expected[list(repeats), place] = list(repeats.values())
        return expected if self._of is None else expected[:, self._of[phrase]]

    def _in_order(self, literal: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether the words stand in their order and side by side in each of the phrases that have all of them."""
        spread, asked = self._spread, self._asked
        found = np.zeros(len(spread.lengths), np.bool_)
        at = asked.at[asked.word == 0]
        at = at[literal[spread.phrase[at]]]
        if not len(at):
            return found
        phrase = spread.phrase[at]
        word = np.full(len(spread.terms) + len(self._filled), -1, np.int16)
        word[asked.at] = asked.word
        size: Any = self._sizes[0] if self._of is None else self._sizes[self._of[phrase]]
        fits = at + size <= spread.ends[phrase]
        expected = self._expected(phrase)
        for place in range(1, len(self._filled)):
            fits &= (word[at + place] == expected[place]) | (place >= size)
        found[phrase[fits]] = True
        return found


def _highest(words: int, columns: int, word: NDArray[np.int16], column: NDArray[np.int64], counts: Floats) -> Floats:
    """The highest count of each word in each column."""
    found = np.zeros(words * columns, np.float32)
    np.maximum.at(found, word * np.int64(columns) + column, counts)
    return found.reshape(words, columns)


def _repeats(words: Sequence[Asked]) -> dict[int, int]:
    """The words that are said again, each with the place where it is said first."""
    found: dict[int, int] = {}
    said: dict[int, int] = {}
    for place, word in enumerate(words):
        for number, count in word.terms.items():
            if count == EXACT and said.setdefault(number, place) != place:
                found[place] = said[number]
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
