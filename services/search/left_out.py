"""What a query says to leave out: which candidates say it, which deny it, and which lie below a title that says it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.search.compiling import compiled
from services.search.question import DERIVED, Asked, Question
from services.search.ranking import ends_of
from services.search.shelf import CONTEXT, SUMMARY, TERM, Shelf
from services.search.words import terms_of

_NEGATIONS = ("not", "no", "non", "without", "excluding", "except", "than", "outside")
_ENDS = ("with", "but", "other", "unspecified")
"""What no negation before it reaches beyond: closed fracture without displacement with bleeding."""
REACH = 4
"""So many words before a word may one stand that negates it."""
MOST_WORDS = 62
"""Words of a question that are told apart."""
NEGATES, ENDS = 1, 2
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]


class LeftOut:
    """Finds what is left out among rows of one table; one thread uses it."""

    def __init__(self, shelf: Shelf) -> None:
        """Take the table."""
        self._shelf = shelf
        phrases = shelf.phrases
        self._table = phrases.terms, phrases.starts, phrases.kinds, phrases.first
        self._marks = np.zeros(len(shelf.vocabulary), np.int64)
        self._parts = np.zeros(len(shelf.vocabulary), np.int8)
        for words, part in ((_NEGATIONS, NEGATES), (_ENDS, ENDS)):
            self._parts[list(numbers_of(shelf, words))] = part

    def of(self, rows: Rows, barred: Sequence[Question], wanted: Iterable[int]) -> tuple[Flags, Flags]:
        """Of which rows a text says what is asked for, or a title above with nothing of the terms that are wanted; and
        of which a text denies it.
        """
        asked = _laid_out([question for question in barred if question.words])
        plainly, negated, above = _says(rows, self._table, (self._marks, self._parts), asked, SUMMARY)
        below = np.flatnonzero(above & ~plainly)
        if len(below):
            plainly[below] = self._below(rows[below], asked, set(wanted))
        return plainly, negated

    def _below(self, rows: Rows, asked: Any, wanted: set[int]) -> list[bool]:
        """Which rows lie below a title that says what is asked for and nothing that is wanted."""
        ways = [(entry.system, entry.ancestors) for entry in map(self._shelf.entry, rows.tolist())]
        above = {key: self._shelf.row(key) for key in {(system, code) for system, way in ways for code in way}}
        titles = [row for row in above.values() if row is not None]
        plainly, _, _ = _says(np.array(titles, np.int64), self._table, (self._marks, self._parts), asked, TERM)
        said = {row for row, says in zip(titles, plainly.tolist(), strict=True) if says}
        said = {row for row in said if wanted.isdisjoint(self._shelf.title_terms(row))}
        of_way = {way: any(above[way[0], code] in said for code in way[1]) for way in set(ways)}
        return [of_way[way] for way in ways]


def numbers_of(shelf: Shelf, words: Iterable[str]) -> frozenset[int]:
    """The terms of some words that a table has."""
    numbers = (shelf.numbers.get(term, -1) for word in words for term in terms_of(word))
    return frozenset(number for number in numbers if number >= 0)


def _laid_out(questions: Sequence[Question]) -> tuple[Any, ...]:
    """Of each question the terms that say the same as each of its words, one behind the other; where those of each word
    end, and where the words of each question do.
    """
    words = [_near(word) for question in questions for word in question.words]
    terms = np.array([number for numbers in words for number in numbers], np.int64)
    return terms, ends_of(words), ends_of(question.words for question in questions)


def _near(word: Asked) -> list[int]:
    """The terms that say the same as a word."""
    return [number for number, count in word.terms.items() if count >= DERIVED]


@compiled()
def _denied(terms: Any, part: Any, begin: int, place: int) -> bool:
    """Whether a negation stands before a place, with no more than a few words of the same thing between: without
    current pathological fracture.
    """
    for before in range(place - 1, begin - 1, -1):
        if part[terms[before]]:
            return bool(part[terms[before]] == NEGATES)
    return False


@compiled()
def _look(one: Any, table: Any, marks: Any, sought: Any, found: Any) -> None:
    """Look through the phrases of one row for the words of one question."""
    at, row = one
    terms, starts, kinds, first = table
    mark, part = marks
    words, most = sought
    plainly, negated, above = found
    for phrase in range(first[row], first[row + 1]):
        has = 0
        for place in range(starts[phrase], starts[phrase + 1]):
            has |= mark[terms[place]]
        if kinds[phrase] == CONTEXT:
            above[at] |= has & 1 == 1
        if kinds[phrase] >= most or has != words:
            continue
        for place in range(starts[phrase], starts[phrase + 1]):
            if mark[terms[place]] & 1:
                if _denied(terms, part, max(place - REACH, starts[phrase]), place):
                    negated[at] = True
                else:
                    plainly[at] = True


@compiled()
def _mark(marks: Any, terms: Any, ends: Any, span: Any, sign: int) -> None:
    """Write by term for which words of a question it stands, or wipe it out."""
    for word in range(span[0], span[1]):
        bit = 1 << min(word - span[0], MOST_WORDS - 1)
        for at in range(ends[word - 1] if word else 0, ends[word]):
            marks[terms[at]] = (marks[terms[at]] | bit) * sign


@compiled(
    "Tuple((b1[::1], b1[::1], b1[::1]))(i8[::1], Tuple((i4[::1], i4[::1], i1[::1], i4[::1])),"
    " Tuple((i8[::1], i1[::1])), Tuple((i8[::1], i8[::1], i8[::1])), i8)"
)
def _says(rows: Any, table: Any, marks: Any, asked: Any, kind: int) -> Any:
    """Of which rows a phrase of a lesser kind has a term for each word of a question, of which one has them behind a
    negation, which stands before the first of the words; and above which any term of such a first word stands.

    The table is terms, where phrases begin in them, kinds, and where rows begin in those. The marks are by term: empty
    ones, and what negates or ends a negation.
    """
    plainly, negated = np.zeros(len(rows), np.bool_), np.zeros(len(rows), np.bool_)
    above = np.zeros(len(rows), np.bool_)
    terms, ends, of_questions = asked
    begin = 0
    for last in of_questions:
        _mark(marks[0], terms, ends, (begin, last), 1)
        words = (1 << min(last - begin, MOST_WORDS)) - 1
        for at in range(len(rows)):
            _look((at, rows[at]), table, marks, (words, kind), (plainly, negated, above))
        _mark(marks[0], terms, ends, (begin, last), 0)
        begin = last
    return plainly, negated, above
