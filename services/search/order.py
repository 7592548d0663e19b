"""The order of candidates of all readings of a query, as arrays: places are compared at once, and only what is shown
becomes a thing of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.search.classes import Class
from services.search.compiling import compiled
from services.search.question import Question
from services.search.shelf import Shelf

SCORES = 1 << 18
"""More than there are different scores, worse than none to best."""
HEADER_COSTS = 0.02
PUT_COSTS = 0.1
"""What it costs, where a fit is loose, that the lexicon put words in place of others: typed ones say more."""
LATER_COSTS = 0.3
"""What an injury's code for a subsequent encounter or a sequela costs, against that for the initial one: it has its own
words, and who means it types them."""
LATER = frozenset(["subsequent", "sequela", "healing", "nonunion", "malunion"])
"""Those words, in their normal forms (ICD-10-CM Guidelines I.C.19.a, I.C.19.c.1)."""
EXACT_TITLE, EXACT_TERM, ALL_WORDS = int(Class.EXACT_TITLE), int(Class.EXACT_TERM), int(Class.ALL_WORDS)
ELSEWHERE, SOME_WORDS = int(Class.ELSEWHERE), int(Class.SOME_WORDS)
_CLASSES = tuple(Class)
_NOBODY = Question([])


class Ranked(NamedTuple):
    """A candidate with its place."""

    row: int
    cls: Class
    score: float
    phrase: int
    """The phrase that fits best; -1 where a code was named."""
    question: Question


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates, in order once they were put in order."""

    rows: NDArray[np.int64]
    classes: NDArray[np.int8]
    scores: NDArray[np.float64]
    phrases: NDArray[np.int64]
    asked: NDArray[np.int16]
    """Which of the questions each is of."""
    questions: tuple[Question, ...] = (_NOBODY,)

    @classmethod
    def named(cls, rows: Sequence[int] | NDArray[Any], classes: Sequence[int] | NDArray[Any]) -> Candidates:
        """Codes that a query names."""
        size = len(rows)
        return cls(
            np.asarray(rows, np.int64),
            np.asarray(classes, np.int8),
            np.ones(size),
            np.full(size, -1, np.int64),
            np.zeros(size, np.int16),
        )

    def __len__(self) -> int:
        """How many there are."""
        return len(self.rows)

    @property
    def best(self) -> int:
        """The class of what fits best; of none it is that of what has only some of the words."""
        return int(np.min(self.classes)) if len(self) else SOME_WORDS

    def only(self, at: Any) -> Candidates:
        """Some of them, by place or by a mask."""
        return Candidates(
            self.rows[at], self.classes[at], self.scores[at], self.phrases[at], self.asked[at], self.questions
        )

    def page(self, begin: int, end: int) -> list[Ranked]:
        """Those of some places."""
        part = slice(begin, end)
        return [
            Ranked(row, _CLASSES[cls], score, phrase, self.questions[asked])
            for row, cls, score, phrase, asked in zip(
                self.rows[part].tolist(),
                self.classes[part].tolist(),
                self.scores[part].tolist(),
                self.phrases[part].tolist(),
                self.asked[part].tolist(),
                strict=True,
            )
        ]

    def followed_by(self, others: Candidates) -> Candidates:
        """These, and behind them those of the others that are not among them."""
        return joined((self, others.only(not_among(others.rows, self.rows)))) if len(self) else others


NONE = Candidates.named((), ())


@compiled("b1[::1](i8[::1], i8[::1])")
def not_among(rows: Any, others: Any) -> Any:
    """Which rows are not among others, in a tenth of the time that NumPy takes for so few."""
    known = np.sort(others)
    places = np.searchsorted(known, rows)
    found = np.ones(len(rows), np.bool_)
    for at in range(len(rows)):
        found[at] = places[at] == len(known) or known[places[at]] != rows[at]
    return found


def joined(parts: Sequence[Candidates]) -> Candidates:
    """Some candidates, one behind the other."""
    questions: list[Question] = []
    asked: list[NDArray[np.int16]] = []
    for part in parts:
        asked.append(part.asked + np.int16(len(questions)))
        questions += part.questions
    return Candidates(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.classes for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.phrases for part in parts]),
        np.concatenate(asked),
        tuple(questions),
    )


def in_order(shelf: Shelf, found: Candidates, today: int) -> Candidates:
    """Candidates of several questions, each once at its best place: valid before others, by class, billable before
    headers, by score, system and code.
    """
    if not len(found):
        return NONE
    columns = shelf.columns
    of_rows = columns.first_day, columns.last_day, columns.billable, shelf.aside, shelf.later, shelf.places
    put = np.array([question.substitution is not None for question in found.questions])
    at_first = np.array([not _says_later(question) for question in found.questions])
    given = found.rows, found.classes, found.scores, found.asked, put, at_first
    places = _standing(given, of_rows, shelf.places_end, today)
    order = np.argsort(places, kind="stable")
    if len(found.questions) > 1:
        order = _once(found.rows, order)
    return grouped(shelf, found.only(order), today)


def _says_later(question: Question) -> bool:
    """Whether a later encounter was asked for; titles that the lexicon puts in say of other things that they follow."""
    terms = [word.term for word in question.words]
    if LATER.isdisjoint(terms):
        return False
    said = LATER.intersection(terms)
    return not said.issubset({word for reading in question.readings for word in reading.words})


@compiled(
    "i8[::1](Tuple((i8[::1], i1[::1], f8[::1], i2[::1], b1[::1], b1[::1])),"
    " Tuple((i4[::1], i4[::1], b1[::1], b1[::1], b1[::1], i8[::1])), i8, i8)"
)
def _standing(found: Any, columns: Any, places_end: int, today: int) -> Any:
    """Where each candidate stands, as a number: valid before others, by class, billable before headers, by score,
    system and code.

    Given are rows, classes, scores and the question of each, and for which questions the lexicon put words in place of
    others and which say nothing of a later encounter; and of all rows the first and the last day, whether they are
    billable, stand aside and are for a later encounter, and their places by system and code.
    """
    rows, classes, scores, asked, put, at_first = found
    first_day, last_day, billable, aside, later, places = columns
    stands = np.empty(len(rows), np.int64)
    for at in range(len(rows)):
        row = rows[at]
        cls = min(classes[at], ELSEWHERE)
        loose = cls == ELSEWHERE
        header = not billable[row]
        if header and put[asked[at]]:
            cls = max(cls, ALL_WORDS)  # the query is not the header's: the lexicon put its title in
        behind_others = aside[row] or (later[row] and at_first[asked[at]])
        cost = HEADER_COSTS * (header and loose) + LATER_COSTS * behind_others + PUT_COSTS * (loose and put[asked[at]])
        invalid = first_day[row] > today or today > last_day[row]
        behind = header and not loose and cls != EXACT_TITLE
        above = (invalid * (1 << 5) + cls * 2 + behind) * SCORES + SCORES // 2
        score = int(np.rint((scores[at] - cost) * 10_000))
        stands[at] = (above - score) * places_end + places[row]
    return stands


@compiled("i8[::1](i8[::1], i8[::1])")
def _once(rows: Any, order: Any) -> Any:
    """An order of rows without those that came before."""
    size = 2
    while size < 2 * len(order):
        size *= 2
    seen = np.full(size, -1, np.int64)
    found = np.empty(len(order), np.int64)
    count = 0
    for at in order:
        slot = rows[at] & (size - 1)
        while seen[slot] >= 0 and seen[slot] != rows[at]:
            slot = (slot + 1) & (size - 1)
        if seen[slot] < 0:
            seen[slot], found[count] = rows[at], at
            count += 1
    return found[:count]


def grouped(shelf: Shelf, found: Candidates, today: int) -> Candidates:
    """Where what was typed has several readings, the best of each by turns, so that none hides the others; readings
    whose best is a diagnosis before those of a part that is operated on. A reading of which nothing has all words takes
    no turn, and what has exactly what was typed stands before them only while it is valid.
    """
    names = [question.group for question in found.questions]
    if len({name for name in names if name}) < 2:
        return found
    of_questions = np.array([names.index(name) if name else -1 for name in names])
    classes = np.where(shelf.columns.valid(found.rows, today), found.classes, np.int8(SOME_WORDS))
    order = _by_turns(of_questions[found.asked], classes, shelf.columns.system[found.rows])
    return found.only(order) if len(order) else found


@compiled()
def _taking_turns(groups: Any, classes: Any) -> Any:
    """How many there are of each group that takes turns, and where the first of each stands."""
    size = groups.max() + 1
    whole, count, best = np.zeros(size, np.bool_), np.zeros(size, np.int64), np.zeros(size, np.int64)
    for at in range(len(groups) - 1, -1, -1):
        group = groups[at]
        if group >= 0:
            whole[group] |= classes[at] < SOME_WORDS
            count[group] += 1
            best[group] = at
    count[~whole] = 0
    return count, best


@compiled("i8[::1](i8[::1], i1[::1], i1[::1])")
def _by_turns(groups: Any, classes: Any, systems: Any) -> Any:
    """The order in which the best of each group stand by turns, behind what has exactly what was typed and before the
    rest; none where fewer than two groups take turns.
    """
    count, best = _taking_turns(groups, classes)
    taking = np.flatnonzero(count)
    if len(taking) < 2:
        return np.empty(0, np.int64)
    taking = taking[np.argsort(systems[best[taking]] * len(groups) + best[taking])]
    seats, turns = np.zeros(len(count), np.int64), np.zeros(len(count), np.int64)
    seats[taking] = np.arange(len(taking))
    places = np.empty(len(groups), np.int64)
    for at in range(len(groups)):
        group = groups[at]
        if group >= 0 and count[group]:
            places[at] = len(groups) + turns[group] * len(taking) + seats[group]
            turns[group] += 1
        else:
            places[at] = at if classes[at] <= EXACT_TERM else len(groups) * (len(taking) + 1) + at
    return np.argsort(places)
