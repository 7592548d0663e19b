"""Makes results of candidates: what of the title fits, why each is here, and the way down to it.

What is made of a title or of the way to a parent is kept, for it is shown again and again.
"""

from __future__ import annotations

from typing import NamedTuple

from services.search.candidates import is_abbreviation
from services.search.classes import Class
from services.search.entry import Entry, Release
from services.search.found import Crumb, Result, Why
from services.search.kept import Kept
from services.search.lexicon import further_names, named_where
from services.search.order import Ranked
from services.search.question import Question
from services.search.shelf import CONTEXT, FURTHER, PATH, SUMMARY, TITLE, Shelf
from services.search.shelving import text_at

MOST_KEPT, MOST_TERMS = 50_000, 2_000
_RELEASE = Release("", "", "", "")
_WHY = {FURTHER: Why.SYNONYM, PATH: Why.INDEX}
"""What is told of phrases that are neither title nor term."""
_BY_NUMBER = {Class.CODE: Why.CODE, Class.PREFIX: Why.CODE_PREFIX}


class _Row(NamedTuple):
    """What is shown of a row whatever was asked for."""

    entry: Entry
    terms: tuple[int, ...]
    """The terms of the title."""
    spots: tuple[tuple[int, int], ...]
    """The first and the next character of each."""
    way: tuple[Crumb, ...]
    """The crumbs down to it."""
    release: Release
    first_day: int
    last_day: int


class _Phrase(NamedTuple):
    """A phrase that fits best."""

    kind: int
    terms: tuple[int, ...]
    text: str
    """What to show of it, unless it is the title or what stands above."""


class Showing:
    """Shows entries of one table."""

    def __init__(self, shelf: Shelf) -> None:
        """Take the table."""
        self._shelf = shelf
        self._rows: Kept[int, _Row] = Kept(MOST_KEPT)
        self._ways: Kept[tuple[str, tuple[str, ...]], tuple[Crumb, ...]] = Kept(MOST_KEPT)
        self._phrases: Kept[int, _Phrase] = Kept(MOST_KEPT)
        self._terms: Kept[int, frozenset[int]] = Kept(MOST_TERMS)

    def result(self, ranked: Ranked, day: int) -> Result:
        """The result of a candidate; it is valid or not on a day."""
        row = self._row(ranked.row)
        why, words = self._why(ranked, row.entry)
        return Result(
            entry=row.entry,
            matched=_matched(ranked.question, row),
            why=why,
            words=words,
            breadcrumb=row.way,
            valid=row.first_day <= day <= row.last_day,
            release=row.release,
            group=ranked.question.group,
        )

    def _why(self, ranked: Ranked, entry: Entry) -> tuple[Why, str]:
        question = ranked.question
        if ranked.cls in _BY_NUMBER:
            return _BY_NUMBER[ranked.cls], ""
        if question.corrections:
            reasons = [f"{typed} → {correction}" for typed, correction in question.corrections]
            if question.substitution is not None:
                reasons.append(question.reason)
            return Why.CORRECTION, "; ".join(reasons)
        if question.substitution is not None:
            kind = Why.ABBREVIATION if is_abbreviation(question) else Why.SYNONYM
            return kind, question.reason + self._loosely(ranked)
        if ranked.cls is Class.SOME_WORDS:
            return Why.SOME_WORDS, self._fitting(question, ranked.row)
        return self._where(ranked, entry)

    def _loosely(self, ranked: Ranked) -> str:
        """What to say behind the reason for other words when neither the title nor a term has them all."""
        if ranked.cls is Class.ELSEWHERE:
            return "; its text, chapter or section has the rest of the words"
        if ranked.cls is Class.SOME_WORDS:
            return f"; has only: {self._fitting(ranked.question, ranked.row)}"
        return ""

    def _where(self, ranked: Ranked, entry: Entry) -> tuple[Why, str]:
        """The title, or the term or the path of an index that fits."""
        if self._shelf.phrases.kinds[ranked.phrase] == TITLE:
            return Why.TITLE, ""
        phrase = self._phrase(ranked, entry)
        question = ranked.question
        if question.terms.isdisjoint(phrase.terms) and not any(map(question.started.__contains__, phrase.terms)):
            return Why.TERM, ""  # the words stand in our text or above the entry; what fits best has none of them
        return _WHY.get(phrase.kind, Why.TERM), phrase.text

    def _phrase(self, ranked: Ranked, entry: Entry) -> _Phrase:
        found = self._phrases.get(ranked.phrase)
        return found or self._phrases.keep(ranked.phrase, self._new_phrase(ranked, entry))

    def _new_phrase(self, ranked: Ranked, entry: Entry) -> _Phrase:
        phrases = self._shelf.phrases
        kind = int(phrases.kinds[ranked.phrase])
        place = int(phrases.texts[ranked.phrase])
        shown = text_at(entry, place) if TITLE < kind <= SUMMARY else ""
        if kind == FURTHER:
            named = text_at(entry, place - place % 2)  # with what is not essential
            shown = named_where(named, further_names(entry.system, entry.code)[named])
        return _Phrase(kind, tuple(phrases.terms_of(ranked.phrase)), shown)

    def _fitting(self, question: Question, row: int) -> str:
        """The words that a row has itself."""
        own = self._terms.get(row) or self._new_terms(row)
        return ", ".join(_fitting(question, own)) or self._fitting_beside(question, row, own)

    def _fitting_beside(self, question: Question, row: int, own: frozenset[int]) -> str:
        """What of a question leads to a row that has none of its words itself."""
        phrases = self._shelf.phrases
        last = int(phrases.first[row + 1]) - 1
        above = phrases.terms_of(last) if phrases.kinds[last] == CONTEXT else ()
        if words := _fitting(question, frozenset(above)):
            return f"{', '.join(words)} (in what stands above it)"
        near = dict.fromkeys(word.typed for word in question.words if not own.isdisjoint(word.terms))
        return f"{', '.join(near)} (near in meaning)" if near else ""

    def _new_terms(self, row: int) -> frozenset[int]:
        """The terms of an entry itself."""
        phrases = self._shelf.phrases
        first, last = phrases.first[row : row + 2].tolist()
        if last > first and phrases.kinds[last - 1] == CONTEXT:
            last -= 1
        terms = frozenset(phrases.terms[phrases.starts[first] : phrases.starts[last]].tolist())
        return self._terms.keep(row, terms)

    def _row(self, row: int) -> _Row:
        found = self._rows.get(row)
        if found is None:
            shelf = self._shelf
            entry, columns = shelf.entry(row), shelf.columns
            days = int(columns.first_day[row]), int(columns.last_day[row])
            release = shelf.releases.get(entry.release, _RELEASE)
            found = self._rows.keep(
                row, _Row(entry, *self._title(row), self._way(entry.system, entry.ancestors), release, *days)
            )
        return found

    def _title(self, row: int) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
        """The terms of a title, and where they stand."""
        spots = self._shelf.spots
        of_row = slice(int(spots.first[row]), int(spots.first[row + 1]))
        placed = zip(spots.begins[of_row].tolist(), spots.ends[of_row].tolist(), strict=True)
        return tuple(self._shelf.title_terms(row)), tuple(placed)

    def _way(self, system: str, ancestors: tuple[str, ...]) -> tuple[Crumb, ...]:
        """The crumbs of some ancestors; what lies beside each other shares all but the last."""
        if not ancestors:
            return ()
        found = self._ways.get((system, ancestors))
        if found is None:
            *above, last = ancestors
            way, row = self._way(system, tuple(above)), self._shelf.row((system, last))
            found = self._ways.keep((system, ancestors), way if row is None else (*way, self._crumb(row)))
        return found

    def _crumb(self, row: int) -> Crumb:
        entry = self._shelf.entry(row)
        return Crumb(entry.code, entry.display, entry.title)


def _fitting(question: Question, terms: frozenset[int]) -> dict[str, None]:
    """The words of a question that some terms say."""
    fitting = {word.typed: None for word in question.words if not terms.isdisjoint(word.near)}
    started = question.started
    if started and any(map(started.__contains__, terms)):
        fitting[question.words[-1].typed] = None
    return fitting


def _matched(question: Question, row: _Row) -> tuple[tuple[int, int], ...]:
    """Where the words of a question stand in a title."""
    if not question.words:
        return ()
    asked, started = question.terms, question.started
    title = zip(row.terms, row.spots, strict=True)
    if not started:
        return tuple([spot for number, spot in title if number in asked])
    return tuple([spot for number, spot in title if number in asked or number in started])
