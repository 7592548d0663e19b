"""Makes results of candidates: what of the title fits, why each is here, and the way down to it.

What is made of a title or of the way to a parent is kept, for it is shown again and again.
"""

from __future__ import annotations

from services.search.candidates import is_abbreviation
from services.search.classes import Class
from services.search.entry import Entry, Release
from services.search.found import Crumb, Result, Why
from services.search.lexicon import has_words, placed_words
from services.search.order import Ranked
from services.search.query import Question
from services.search.shelf import CONTEXT, PATH, SUMMARY, TITLE, Shelf
from services.search.shelving import phrases_of

MOST_KEPT = 50_000
_RELEASE = Release("", "", "", "")
_BY_NUMBER = {Class.CODE: Why.CODE, Class.PREFIX: Why.CODE_PREFIX}


class Showing:
    """Shows entries of one table."""

    def __init__(self, shelf: Shelf) -> None:
        """Take the table."""
        self._shelf = shelf
        self._titles: dict[int, list[tuple[int, int, int]]] = {}
        self._ways: dict[tuple[str, tuple[str, ...]], tuple[Crumb, ...]] = {}
        self._crumbs: dict[int, Crumb] = {}
        self._texts: dict[int, list[str]] = {}

    def result(self, ranked: Ranked, day: int) -> Result:
        """The result of a candidate; it is valid or not on a day."""
        shelf, row = self._shelf, ranked.row
        entry = shelf.entry(row)
        why, words = self._why(ranked, entry)
        return Result(
            entry=entry,
            matched=self._matched(ranked),
            why=why,
            words=words,
            breadcrumb=self._way(entry),
            valid=bool(shelf.columns.first_day[row] <= day <= shelf.columns.last_day[row]),
            release=shelf.releases.get(entry.release, _RELEASE),
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
        phrases = self._shelf.phrases
        kind = int(phrases.kinds[ranked.phrase])
        if kind == TITLE:
            return Why.TITLE, ""
        held = phrases.terms[int(phrases.starts[ranked.phrase]) : int(phrases.starts[ranked.phrase + 1])].tolist()
        if not any(number in ranked.question.terms or number in ranked.question.started for number in held):
            return Why.TERM, ""  # the words stand in our text or above the entry; what fits best has none of them
        why = Why.INDEX if kind == PATH else Why.TERM
        return why, self._phrase(ranked, entry) if kind <= SUMMARY else ""

    def _phrase(self, ranked: Ranked, entry: Entry) -> str:
        texts = self._texts.get(ranked.row)
        if texts is None:
            if len(self._texts) > MOST_KEPT:
                self._texts.clear()
            self._texts[ranked.row] = texts = [text for _, text in phrases_of(entry) if has_words(text)]
        place = ranked.phrase - int(self._shelf.phrases.first[ranked.row])
        return texts[place] if place < len(texts) else ""

    def _fitting(self, question: Question, row: int) -> str:
        terms = self._terms(row)
        fitting = (
            word.typed
            for word in question.words
            if not terms.isdisjoint(word.near) or any(number in word.started for number in terms)
        )
        return ", ".join(dict.fromkeys(fitting))

    def _terms(self, row: int) -> set[int]:
        """The terms of an entry itself."""
        phrases = self._shelf.phrases
        first, last = int(phrases.first[row]), int(phrases.first[row + 1])
        if last > first and phrases.kinds[last - 1] == CONTEXT:
            last -= 1
        return set(phrases.terms[int(phrases.starts[first]) : int(phrases.starts[last])].tolist())

    def _matched(self, ranked: Ranked) -> tuple[tuple[int, int], ...]:
        question = ranked.question
        if not question.words:
            return ()
        title = self._title(ranked.row)
        asked, started = question.terms, question.started
        if not started:
            return tuple([(begin, end) for number, begin, end in title if number in asked])
        return tuple([(begin, end) for number, begin, end in title if number in asked or number in started])

    def _title(self, row: int) -> list[tuple[int, int, int]]:
        """The words of a title, each as its term with first and next character."""
        found = self._titles.get(row)
        if found is None:
            if len(self._titles) > MOST_KEPT:
                self._titles.clear()
            number = self._shelf.numbers.get
            words = placed_words(self._shelf.entry(row).title)
            self._titles[row] = found = [(number(term, -1), begin, end) for term, begin, end in words]
        return found

    def _way(self, entry: Entry) -> tuple[Crumb, ...]:
        """The crumbs down to an entry."""
        key = entry.system, entry.ancestors
        found = self._ways.get(key)
        if found is None:
            if len(self._ways) > MOST_KEPT:
                self._ways.clear()
            rows = (self._shelf.row((entry.system, code)) for code in entry.ancestors)
            self._ways[key] = found = tuple([self._crumb(row) for row in rows if row is not None])
        return found

    def _crumb(self, row: int) -> Crumb:
        found = self._crumbs.get(row)
        if found is None:
            if len(self._crumbs) > MOST_KEPT:
                self._crumbs.clear()
            above = self._shelf.entry(row)
            self._crumbs[row] = found = Crumb(above.code, above.display, above.title)
        return found
