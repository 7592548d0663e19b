"""Finds candidates for a query by words, with an engine, and puts them in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from msgspec import structs

from services.search.classes import Class
from services.search.compiling import compiled
from services.search.engine import Engine, Group, Narrowed, Weighing, Weighted
from services.search.entry import Key
from services.search.kept import Kept
from services.search.lexicon import Kind
from services.search.measures import Measure, Measures
from services.search.named_codes import sorted_codes
from services.search.narrowing import Rows, let_through
from services.search.order import NONE, Candidates, in_order, joined
from services.search.postings import Postings
from services.search.query import MOST_STARTED
from services.search.question import KIN, STARTS, Asked, Question
from services.search.ranking import Ranker
from services.search.shelf import Shelf

LITERAL, BROAD, SOME = 120, 120, 120
ENOUGH = 40
FEW = 10
TELLING = 0.4
"""How rare a word is at least, against the rarest of the question, to be worth an entry by itself."""
MOST_BELOW = 3_000
"""Of a word that stands above more entries than this, such as "surgical", no entry below it is worth a look for it."""
FEW_STARTED = 20
"""So many terms that an unfinished word begins are looked for by themselves."""
SHORTEST_DECIDING = 3
"""An unfinished word of fewer letters does not decide which entries with some of the words are looked at."""
MOST_HOLDING = 8_000
"""A word that is not telling and stands more often than this, such as "left", does not decide which entries are looked
at, only their order."""
MOST_BESIDE = 8
"""So many words that are not telling decide beside them, those that tell most; each costs an engine time."""
MEASURE_COUNTS = 0.1
"""What it counts to state a span that a number of the query lies in, and what it costs to state others only."""
STEPS = 256
"""Weights are told as whole numbers, in so many steps for one."""
MOST_WITH_SOME = 500
"""So many answers of what has some of the words are kept, some 10 kB each: a query has the same words until the next
one is finished.
"""
Named = dict[int, None]
"""The rows of what an engine named, in its order."""


@dataclass(slots=True)
class Having:
    """What an engine named of each reading of a query."""

    rows: Sequence[Named]
    cut: bool
    """Whether there may be more of any."""
    ranked: Candidates | None = None
    """The same, ranked, once that was asked for."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Candidates in order."""

    ranked: Candidates = NONE
    cut: bool = False
    """Whether the engine was asked for fewer than there may be."""
    codes: int = 0
    """How many of them were found by number."""


class Finder:
    """Finds by words in one table with one engine."""

    def __init__(self, shelf: Shelf, engine: Engine) -> None:
        """Take the table and the engine."""
        self._shelf = shelf
        self._engine = engine
        self._ranker = Ranker(shelf)
        self._measures = Measures(shelf)
        self._weighing: Weighing = engine if isinstance(engine, Weighing) else Postings(shelf)
        self._with_some: Kept[tuple[Narrowed, tuple[Asked, ...]], Named] = Kept(MOST_WITH_SOME)

    def warm(self) -> None:
        """Let the compiled loops meet arrays as they will be given, so that the first question does not wait for it."""
        row = np.zeros(min(len(self._shelf), 1), np.int64)
        self._ranker.rank([(Question([Asked("", "")]), row)])
        found = Candidates.named(row, np.zeros(len(row)))
        in_order(self._shelf, joined((found, found)), 0)
        sorted_codes(self._shelf, row, 0)
        _ = self._measures.spans

    async def find(
        self,
        questions: Sequence[Question],
        narrowed: Narrowed,
        today: int,
        having: Having | None = None,
        measure: Measure | None = None,
    ) -> Listing:
        """Candidates of all readings, each once, in order; what states a span with a measure before what states others.

        The engine is asked reading by reading, unless what has all words is known; what it found is ranked together.
        """
        having = having or await self.having_all(questions, narrowed)
        together = having.rows[0] if len(having.rows) == 1 else set().union(*having.rows)
        any_whole = any(having.rows)
        loosely = [len(each.words) > 1 and not (each.goes_on and any_whole) for each in questions]
        if len(together) < FEW and any(loosely):
            several = [question for question, loose in zip(questions, loosely, strict=True) if loose]
            some = await self._some(several, narrowed)
            found = [
                _united(names, some) if loose else names for names, loose in zip(having.rows, loosely, strict=True)
            ]
            ranked = self._ranked(questions, found, narrowed)
        else:
            ranked = self._all_ranked(questions, narrowed, having)
        if measure is None:
            return Listing(in_order(self._shelf, ranked, today), having.cut)
        return Listing(self._in_order_with(measure, ranked, today), having.cut)

    def _in_order_with(self, measure: Measure, found: Candidates, today: int) -> Candidates:
        """Candidates in order; first what has all words besides a measure, is valid and states a span with it."""
        scores = found.scores + MEASURE_COUNTS * self._measures.fits(measure, found.rows)
        ranked = in_order(self._shelf, replace(found, scores=scores), today)
        if not measure.apart:
            return ranked
        whole = (ranked.classes < Class.SOME_WORDS) & self._shelf.columns.valid(ranked.rows, today)
        first = (self._measures.fits(measure, ranked.rows) > 0) & whole
        return ranked.only(np.argsort(~first, kind="stable"))

    async def having_all(self, questions: Sequence[Question], narrowed: Narrowed) -> Having:
        """What has all words of each reading; of a phrase of which words are missing only where nothing has those that
        were typed.
        """
        found: list[Named] = []
        cut = False
        for place, question in enumerate(questions):
            if question.goes_on and any(found):
                found.append({})
                continue
            broad = place == 0 or not any(found) or question.substitution is not None
            names, more = await self._of(question, narrowed, broad=broad)
            cut = cut or more
            found.append(names)
        return Having(found, cut)

    def whole(
        self, questions: Sequence[Question], narrowed: Narrowed, having: Having, measure: Measure | None = None
    ) -> bool:
        """Whether any of it fits a reading with all words, as ranking judges, and states a span with the measure."""
        ranked = self._all_ranked(questions, narrowed, having)
        whole = ranked.rows[ranked.classes < Class.SOME_WORDS]
        return bool(len(whole)) and (measure is None or bool((self._measures.fits(measure, whole) > 0).any()))

    def named(self, questions: Sequence[Question], narrowed: Narrowed, having: Having) -> bool:
        """Whether a title or a term is exactly that, or what the lexicon puts in its place."""
        ranked = self._all_ranked(questions, narrowed, having)
        put = np.array([question.substitution is not None for question in ranked.questions])[ranked.asked]
        return bool((ranked.classes <= Class.EXACT_TERM + put).any())

    def _all_ranked(self, questions: Sequence[Question], narrowed: Narrowed, having: Having) -> Candidates:
        if having.ranked is None:
            having.ranked = self._ranked(questions, having.rows, narrowed)
        return having.ranked

    def _ranked(self, questions: Sequence[Question], found: Sequence[Named], narrowed: Narrowed) -> Candidates:
        alive = self._shelf.columns.alive
        rows = {  # several readings often have the same
            id(each): self._let_through(_living(np.fromiter(each, np.int64, len(each)), alive), narrowed)
            for each in {id(each): each for each in found}.values()
        }
        return self._ranker.rank([(question, rows[id(each)]) for question, each in zip(questions, found, strict=True)])

    async def _of(self, question: Question, narrowed: Narrowed, *, broad: bool) -> tuple[Named, bool]:
        """What has all words of a question; and whether there may be more.

        Of several words what is near in meaning is asked for at once, for it is few; of one word, when the word itself
        gives little.
        """
        literal = _groups(self._shelf, question, least=STARTS)
        groups = _groups(self._shelf, question, least=KIN) if broad else []
        near: Sequence[Key | int] | None = None if groups and groups != literal else ()
        if near is None and len(groups) > 1:
            near = await self._engine.all_of(groups, narrowed, BROAD)
            if len(near) < BROAD:
                return self._rows_of(near), False
        found = await self._engine.all_of(literal, narrowed, LITERAL) if literal else ()
        cut = len(found) == LITERAL
        rows = self._rows_of(found)
        if cut:  # what lies below a title that has the words must not crowd out what has them itself
            own = [structs.replace(group, own=True) for group in literal]
            rows |= self._rows_of(await self._engine.all_of(own, narrowed, LITERAL))
        if len(rows) < ENOUGH:
            near = await self._engine.all_of(groups, narrowed, BROAD) if near is None else near
            cut = cut or len(near) == BROAD
            rows |= self._rows_of(near)
        return rows, cut

    def _rows_of(self, names: Sequence[Key | int]) -> Named:
        """The rows of what an engine named; what is no more is left out."""
        if names and not isinstance(names[0], int):
            return dict.fromkeys([row for name in names if (row := self._shelf.row(name)) is not None])
        return dict.fromkeys(cast("Sequence[int]", names))

    async def _some(self, questions: Sequence[Question], narrowed: Narrowed) -> Named:
        """What has some of the words, those that tell most together; the same until a next word tells anything."""
        told = dict.fromkeys([word for question in questions for word in question.words if word.terms])
        words = tuple([word for word in told if not word.start or len(word.typed) >= SHORTEST_DECIDING])
        found = self._with_some.get((narrowed, words)) if words else None
        if found is None:
            found = await self._having_some(words, questions, narrowed)
            if words:
                self._with_some.keep((narrowed, words), found)
        return found

    async def _having_some(self, words: Sequence[Asked], questions: Sequence[Question], narrowed: Narrowed) -> Named:
        shelf, weights = self._shelf, self._shelf.weights
        asked: dict[int, float] = {}
        for word in words:
            for number, count in word.terms.items():
                if count > asked.get(number, 0.0):
                    asked[number] = count
        if not asked:  # what is unfinished tells too little beside whole words
            asked = {number: STARTS for question in questions for number in list(question.started)[:FEW_STARTED]}
        worth = {number: weights[number] * count for number, count in asked.items()}
        least = TELLING * max(worth.values(), default=0.0)
        telling = [number for number, weight in worth.items() if weight >= least]
        rest = [
            number for number, weight in worth.items() if weight < least and shelf.frequency[number] <= MOST_HOLDING
        ]
        rest = sorted(rest, key=worth.__getitem__, reverse=True)[:MOST_BESIDE]
        vocabulary, below = shelf.vocabulary, shelf.below
        terms = [
            Weighted(vocabulary[n], round(STEPS * worth[n]), True, asked[n] < KIN or below[n] > MOST_BELOW)
            for n in telling
        ]
        terms += [Weighted(vocabulary[n], round(STEPS * worth[n]), telling=False) for n in rest]
        found = await self._weighing.some_of(terms, narrowed, SOME)
        if not found and rest:  # of a code set that has none of the telling words, what has others is all there is
            found = await self._weighing.some_of([term._replace(telling=True) for term in terms], narrowed, SOME)
        return self._rows_of(found)

    def _let_through(self, rows: Rows, narrowed: Narrowed) -> Rows:
        """Those that are valid on the day asked for, which is not among the engine's tags."""
        return rows if narrowed.day is None else rows[let_through(self._shelf, rows, Narrowed(day=narrowed.day))]


def _united(names: Named, others: Named) -> Named:
    return names | others if names else others


def _groups(shelf: Shelf, question: Question, *, least: float) -> list[Group]:
    """The terms of each word that count so much, once for a word that is said again; none when a word has none."""
    groups: dict[Group, None] = {}
    for word in question.words:
        group = word.groups.get(least)
        if group is None:
            word.groups[least] = group = _group(shelf, word, least)
        if not group.terms and not group.start:
            return []
        groups[group] = None
    return list(groups)


def _group(shelf: Shelf, word: Asked, least: float) -> Group:
    start = word.start if least < STARTS else ""
    terms = [shelf.vocabulary[number] for number, count in word.terms.items() if count >= least]
    if least < STARTS and not start:
        terms += [shelf.vocabulary[number] for number in list(word.started)[:MOST_STARTED]]
    return Group(tuple(dict.fromkeys([term for term in terms if term != start])), start)


@compiled("i8[::1](i8[::1], b1[::1])")
def _living(rows: Any, alive: Any) -> Any:
    """The numbers that are rows and count."""
    found = np.empty(len(rows), np.int64)
    count = 0
    for row in rows:
        if 0 <= row < len(alive) and alive[row]:
            found[count] = row
            count += 1
    return found[:count]


def is_abbreviation(question: Question) -> bool:
    """Whether the lexicon wrote an abbreviation out."""
    return question.substitution is not None and question.substitution.row.kind is Kind.ABBREVIATION
