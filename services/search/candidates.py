"""Finds candidates for a query: codes by the table of codes, words by the engine; and puts all of them in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.search.code_shapes import Codes
from services.search.engine import Engine, Group, Narrowed, Weighted
from services.search.lexicon import Kind
from services.search.query import Asked, Question
from services.search.ranking import Class, Ranked, Ranker
from services.search.shelf import Shelf
from services.search.shelving import PLACES
from services.search.words import has_digit

LITERAL, BROAD, SOME = 120, 120, 200
ENOUGH = 40
FEW = 10
_NOBODY = Question([])
_WITH_MODIFIERS = {PLACES[system] for system in ("cpt", "hcpcs", "cdt")}
HEADER_COSTS = 0.04


@dataclass(slots=True)
class Listing:
    """Candidates in order."""

    ranked: list[Ranked] = field(default_factory=list)
    cut: bool = False
    """Whether the engine was asked for fewer than there may be."""
    codes: int = 0
    """How many of them were found by number."""


def by_code(shelf: Shelf, codes: Codes, narrowed: Narrowed, today: int) -> list[Ranked]:
    """The codes that a query names, in its order: those named first, then those that begin so, without chapters and
    blocks, whose names are spans of codes.
    """
    rows: dict[int, Class] = {}
    for code in codes.exact:
        named = shelf.with_code(code)
        if codes.modifiers:
            named = [row for row in named if int(shelf.columns.system[row]) in _WITH_MODIFIERS]
        rows |= dict.fromkeys(_sorted(shelf, named, today), Class.CODE)
    for code in codes.modifiers:
        modifiers = [row for row in shelf.with_code(code) if shelf.columns.system[row] == PLACES["modifier"]]
        rows |= dict.fromkeys(modifiers, Class.CODE)
    if codes.prefix and (has_digit(codes.prefix) or not shelf.begins_any(codes.prefix.lower())):
        begun = [row for row in shelf.with_prefix(codes.prefix) if "-" not in shelf.code_of(row)[1]]
        for row in _sorted(shelf, begun, today, whole=codes.prefix):
            rows.setdefault(row, Class.PREFIX)
    if codes.span is not None:
        rows |= dict.fromkeys(_sorted(shelf, _within(shelf, *codes.span), today), Class.PREFIX)
    kept = within(shelf, rows, narrowed)
    return [Ranked(row, rows[row], 1.0, -1, _NOBODY) for row in kept]


def _within(shelf: Shelf, first: str, last: str) -> list[int]:
    """Codes of the systems that have one of the two ends, all of them when none has."""
    ends = {int(shelf.columns.system[row]) for code in (first, last) for row in shelf.with_code(code)}
    rows = shelf.within(first, last)
    return [row for row in rows if not ends or int(shelf.columns.system[row]) in ends]


def _sorted(shelf: Shelf, rows: Sequence[int], today: int, whole: str = "") -> list[int]:
    """Valid ones first, system by system, in order of the code."""
    columns = shelf.columns

    def key(row: int) -> tuple[bool, bool, int]:
        valid = columns.first_day[row] <= today <= columns.last_day[row]
        return (bool(whole) and shelf.entry(row).code != whole, not valid, int(columns.system[row]))

    if len(rows) > 3_000:  # "1" begins thousands: their order is that of the codes
        return sorted(rows, key=lambda row: (columns.last_day[row] < today, int(columns.system[row])))
    return sorted(rows, key=key)


def within(shelf: Shelf, rows: Iterable[int], narrowed: Narrowed) -> list[int]:
    """Those of some rows that the filter lets through."""
    found = list(rows)
    columns = shelf.columns
    if narrowed.systems:
        wanted = {PLACES[system] for system in narrowed.systems if system in PLACES}
        found = [row for row in found if int(columns.system[row]) in wanted]
    if narrowed.billable_only:
        found = [row for row in found if columns.billable[row]]
    if narrowed.day is not None:
        day = narrowed.day.toordinal()
        found = [row for row in found if columns.first_day[row] <= day <= columns.last_day[row]]
    if narrowed.section:
        found = [row for row in found if _in_section(shelf, row, narrowed.section)]
    return found


def _in_section(shelf: Shelf, row: int, section: str) -> bool:
    system, _, code = section.partition("/")
    entry = shelf.entry(row)
    return entry.system == system and code.upper() in (entry.code.upper(), *(a.upper() for a in entry.ancestors))


class Finder:
    """Finds by words in one table with one engine."""

    def __init__(self, shelf: Shelf, engine: Engine) -> None:
        """Take the table and the engine."""
        self._shelf = shelf
        self._engine = engine
        self._ranker = Ranker(shelf)

    async def find(self, questions: Sequence[Question], narrowed: Narrowed, today: int) -> Listing:
        """Candidates of all readings, each once, in order."""
        best: dict[int, Ranked] = {}
        cut = False
        for place, question in enumerate(questions):
            broad = place == 0 or not best or question.substitution is not None
            ranked, more = await self._of(question, narrowed, broad=broad, some=place == 0 and len(questions) == 1)
            cut = cut or more
            self._keep(best, ranked, today)
        whole = sum(1 for each in best.values() if each.cls < Class.SOME_WORDS)
        if whole < FEW and questions and len(questions) > 1:
            for question in questions:
                if len(question.words) > 1:
                    self._keep(best, self._rank(question, await self._some(question, narrowed), narrowed), today)
        return Listing(grouped(sorted(best.values(), key=lambda each: self.place(each, today))), cut)

    def _keep(self, best: dict[int, Ranked], ranked: Iterable[Ranked], today: int) -> None:
        for each in ranked:
            held = best.get(each.row)
            if held is None or self.place(each, today) < self.place(held, today):
                best[each.row] = each

    async def _of(
        self, question: Question, narrowed: Narrowed, *, broad: bool, some: bool
    ) -> tuple[list[Ranked], bool]:
        rows: dict[int, None] = {}
        cut = False
        literal = _groups(self._shelf, question, literal=True)
        if literal:
            found = await self._engine.all_of(literal, narrowed, LITERAL)
            cut = len(found) == LITERAL
            self._add(rows, found)
        if broad and len(rows) < ENOUGH:
            groups = _groups(self._shelf, question, literal=False)
            if groups and groups != literal:
                found = await self._engine.all_of(groups, narrowed, BROAD)
                cut = cut or len(found) == BROAD
                self._add(rows, found)
        if some and len(rows) < FEW and len(question.words) > 1:
            self._add(rows, await self._some(question, narrowed))
        return self._rank(question, list(rows), narrowed), cut

    def _add(self, rows: dict[int, None], found: Iterable[object]) -> None:
        for name in found:
            row = self._shelf.row(name)  # type: ignore[arg-type]  # an engine names rows or keys
            if row is not None:
                rows[row] = None

    async def _some(self, question: Question, narrowed: Narrowed) -> list[int]:
        terms: list[Weighted] = []
        for word in question.words:
            numbers = dict(word.terms)
            for number in list(word.started)[:20] if not numbers else ():
                numbers[number] = 0.9
            terms += [Weighted(self._shelf.vocabulary[number], count) for number, count in numbers.items()]
        rows: dict[int, None] = {}
        self._add(rows, await self._engine.some_of(terms, narrowed, SOME))
        return list(rows)

    def _rank(self, question: Question, rows: Sequence[int], narrowed: Narrowed) -> list[Ranked]:
        return self._ranker.rank(question, within(self._shelf, rows, Narrowed(day=narrowed.day)))

    def place(self, ranked: Ranked, today: int) -> tuple[bool, int, bool, float, int, str]:
        """Where a candidate stands: valid before others, by class, billable before headers, score, system, code."""
        columns, row = self._shelf.columns, ranked.row
        valid = columns.first_day[row] <= today <= columns.last_day[row]
        header = not columns.billable[row]
        system = int(columns.system[row])
        if ranked.cls >= Class.ELSEWHERE:
            score = ranked.score - HEADER_COSTS * header
            return not valid, int(Class.ELSEWHERE), False, -round(score, 4), system, self._code(row)
        first = header and ranked.cls is not Class.EXACT_TITLE
        return not valid, int(ranked.cls), first, -round(ranked.score, 4), system, self._code(row)

    def _code(self, row: int) -> str:
        return self._shelf.code_of(row)[1]


def grouped(ranked: list[Ranked]) -> list[Ranked]:
    """Where an abbreviation has several readings, the best of each by turns, so that none hides the others."""
    groups: dict[str, list[Ranked]] = {}
    for each in ranked:
        groups.setdefault(each.question.group, []).append(each)
    several = [group for name, group in groups.items() if name]
    if len(several) < 2:
        return ranked
    turns = [each for place in range(max(map(len, several))) for group in several for each in group[place : place + 1]]
    literal = [each for each in groups.get("", ()) if each.cls <= Class.EXACT_TERM]
    rest = [each for each in groups.get("", ()) if each.cls > Class.EXACT_TERM]
    return [*literal, *turns, *rest]


def _groups(shelf: Shelf, question: Question, *, literal: bool) -> list[Group]:
    """The terms of each word; none when a word has none."""
    groups: list[Group] = []
    for word in question.words:
        terms = _terms(shelf, word, literal=literal)
        start = "" if literal else word.start
        if not terms and not start:
            return []
        groups.append(Group(terms, start))
    return groups


def _terms(shelf: Shelf, word: Asked, *, literal: bool) -> tuple[str, ...]:
    least = 0.9 if literal else 0.0
    terms = [shelf.vocabulary[number] for number, count in word.terms.items() if count >= least]
    if not literal and not word.start:
        terms += [shelf.vocabulary[number] for number in list(word.started)[:400]]
    return tuple(dict.fromkeys(terms))


def is_abbreviation(question: Question) -> bool:
    """Whether the lexicon wrote an abbreviation out."""
    return question.substitution is not None and question.substitution.row.kind is Kind.ABBREVIATION
