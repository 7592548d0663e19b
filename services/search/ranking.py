"""The order of candidates: the class of what fits, billable before headers, then how well it fits, system and code.

Questions and the table are laid out as arrays here; the loops over them are compiled.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.search.fitting import AGAIN, STARTED, fit
from services.search.order import NONE, Candidates
from services.search.question import Asked, Question
from services.search.shelf import Shelf

Rows = NDArray[np.int64]


class Ranker:
    """Orders candidates of one table; one thread uses it."""

    def __init__(self, shelf: Shelf) -> None:
        """Take the table."""
        phrases = shelf.phrases
        of_phrases = phrases.terms, phrases.starts, phrases.kinds, phrases.first
        self._table = (*of_phrases, shelf.weight, shelf.phrase_weight)
        self._marks = np.full(len(shelf.vocabulary), -1, np.int16), np.zeros(len(shelf.vocabulary), np.float32)

    def rank(self, found: Sequence[tuple[Question, Rows]]) -> Candidates:
        """Give the candidates of some questions with class and score, in no order; those with nothing of their question
        are left out.
        """
        found = [(question, rows) for question, rows in found if len(rows) and question.words]
        if not found:
            return NONE
        size = sum(len(rows) for _, rows in found)
        rows, classes, scores = np.empty(size, np.int64), np.empty(size, np.int8), np.empty(size)
        phrases, asked = np.empty(size, np.int64), np.empty(size, np.int16)
        end = 0
        for number, (question, candidates) in enumerate(found):
            laid_out = _laid_out(question, number)
            end = fit(candidates, self._table, self._marks, laid_out, (end, rows, classes, scores, phrases, asked))
        questions = tuple([question for question, _ in found])
        return Candidates(rows[:end], classes[:end], scores[:end], phrases[:end], asked[:end], questions)


def _laid_out(question: Question, number: int) -> tuple[object, ...]:
    """A question as it is compared with candidates: the last word first, so that the first has the last say."""
    words = question.words
    last = len(words) - 1
    begun, later = question.begun
    order = range(last, -1, -1)
    numbers, counts = [words[place].counts[0] for place in order], [words[place].counts[1] for place in order]
    places = np.repeat(np.arange(last, -1, -1, dtype=np.int16), [len(each) for each in numbers])
    if later:
        size = len(later)
        numbers.insert(0, np.array(later, np.int64))
        counts.insert(0, np.full(size, STARTED))
        places = np.concatenate([np.full(size, last, np.int16), places])
    asked = np.concatenate(numbers), places, np.concatenate(counts)
    in_front = bool(question.started) and not words[-1].near
    forms = number, in_front, question.substitution is not None
    return asked, (begun.start, begun.stop, last), *_told(words), forms


def _told(words: Sequence[Asked]) -> tuple[NDArray[np.float32], NDArray[np.int16]]:
    """How telling each word is, and for one that is said again the place where it is said first.

    One that says again what another says in whatever form tells less.
    """
    weights = np.array([word.weight for word in words], np.float32)
    before = np.full(len(words), -1, np.int16)
    said: dict[int, int] = {}
    for place, word in enumerate(words):
        if not said.keys().isdisjoint(word.near):
            weights[place] *= AGAIN
        for number in word.literal:
            if said.setdefault(number, place) != place:
                before[place] = said[number]
    return weights, before
