"""The order of candidates: the class of what fits, billable before headers, then how well it fits, system and code.

Questions and the table are laid out as arrays here; the loops over them are compiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from services.search.fitting import fit
from services.search.order import NONE, Candidates
from services.search.question import Question
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
        questions = tuple([question for question, _ in found])
        candidates = np.concatenate([rows for _, rows in found]), ends_of(rows for _, rows in found)
        size = len(candidates[0])
        rows, classes, scores = np.empty(size, np.int64), np.empty(size, np.int8), np.empty(size)
        phrases, asked = np.empty(size, np.int64), np.empty(size, np.int16)
        to = rows, classes, scores, phrases, asked
        end = fit(candidates, self._table, self._marks, _laid_out(questions), to)
        return Candidates(rows[:end], classes[:end], scores[:end], phrases[:end], asked[:end], questions)


def _laid_out(questions: Sequence[Question]) -> tuple[object, ...]:
    """Questions as they are compared with candidates: the terms of their words, one behind the other; where those of
    each word stand, and how telling it is; and what each question is like.
    """
    words = [word for question in questions for word in question.words]
    numbers, counts, apart = zip(*[word.counts for word in words], strict=True)
    terms = np.concatenate(numbers), np.concatenate(counts)
    later, places = np.array(apart), ends_of(numbers)
    weights = np.array([word.weight for word in words], np.float32)
    return terms, (later, places, weights), np.array([_like(question) for question in questions], np.int64)


def ends_of(parts: Iterable[Sized]) -> Rows:
    """Where each of some parts ends that stand one behind the other."""
    return np.array(list(accumulate(map(len, parts))), np.int64)


def _like(question: Question) -> tuple[int, int, int, bool, bool, bool]:
    """How many words it has, what terms in a row the last begins, whether beginnings of phrases tell, whether words
    were put in place of others, and whether in place of such as are only begun.
    """
    last = question.words[-1]
    begun = last.begun
    in_front = bool(last.started) and not last.near
    return len(question.words), begun.start, begun.stop, in_front, question.substitution is not None, question.begun
