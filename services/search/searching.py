"""Answers a search: reads the query, finds candidates, and makes results of those that stand on the page asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from services.search.candidates import Finder, Listing, by_code, is_abbreviation
from services.search.code_shapes import Codes, codes_of, look_alikes
from services.search.engine import Engine, Narrowed
from services.search.entry import SYSTEMS, Entry, Release
from services.search.found import Crumb, DidYouMean, Facet, FacetValue, Found, Result, Why
from services.search.lexicon import Lexicon
from services.search.query import Question, Reader
from services.search.ranking import Class, Ranked
from services.search.shelf import SUMMARY, TITLE, Shelf
from services.search.shelving import phrases_of
from services.search.words import has_digit, split, terms_of
from shared.clock import Clock
from shared.errors import InvalidInput, Unavailable

LONGEST_QUERY = 200
MOST_NEAR = 8
ENGINE_AWAY = (
    "Words cannot be searched at the moment: the search engine does not answer. Codes are found by number all the same."
)
NOT_BUILT = "The index is being built for the first time: search again in a minute."
_RELEASE = Release("", "", "", "")
_BY_NUMBER = {Class.CODE: Why.CODE, Class.PREFIX: Why.CODE_PREFIX}


class ZeroHits(Protocol):
    """Where queries that found nothing are noted."""

    def note(self, query: str) -> None:
        """Note one, without who asked."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A search."""

    query: str
    narrowed: Narrowed = field(default_factory=Narrowed)
    limit: int = 20
    offset: int = 0
    facets: bool = False
    typing: bool = False
    """Whether it is asked while the query is being typed: nothing is noted of it then."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A table of codes with what reads and finds by it."""

    shelf: Shelf
    reader: Reader
    finder: Finder

    @classmethod
    def of(cls, shelf: Shelf, engine: Engine, lexicon: Lexicon) -> Standing:
        """Join a table with the engine."""
        return cls(shelf, Reader(shelf, lexicon), Finder(shelf, engine))


class Searching:
    """Answers from the table of codes that is current."""

    def __init__(self, current: Callable[[], Standing | None], clock: Clock, zero_hits: ZeroHits) -> None:
        """Take what gives the current table, the time, and where queries without a result are noted."""
        self._current = current
        self._clock = clock
        self._zero_hits = zero_hits

    async def search(self, request: Request) -> Found:
        """Give what fits a query.

        Raises:
            InvalidInput: the query is too long, or a system is unknown.
            Unavailable: there is no index yet, or words were asked for and the engine is away.

        """
        query = " ".join(request.query.split(" ")).strip() if request.typing is False else request.query.lstrip()
        _check(request)
        standing = self._current()
        if standing is None:
            raise Unavailable("INDEX_MISSING", NOT_BUILT)
        if not query.strip():
            return Found()
        today = self._clock.now().date().toordinal()
        asked = _Search(standing, replace(request, query=query), today)
        found = await asked.found()
        if not found.results and not request.typing and not request.offset and request.narrowed == Narrowed():
            self._zero_hits.note(" ".join(query.lower().split()))
        return found


def _check(request: Request) -> None:
    if len(request.query) > LONGEST_QUERY:
        raise InvalidInput(
            "QUERY_TOO_LONG",
            f"query: up to {LONGEST_QUERY} characters can be searched for; these are {len(request.query)}.",
            metadata={"field": "query"},
        )
    wrong = [system for system in request.narrowed.systems if system not in SYSTEMS]
    if wrong:
        raise InvalidInput(
            "SYSTEM_UNKNOWN",
            f'system: there is no code system "{wrong[0][:30]}"; there are {", ".join(SYSTEMS)}.',
            metadata={"field": "system"},
        )


class _Search:
    """One search under way."""

    def __init__(self, standing: Standing, request: Request, today: int) -> None:
        self._shelf, self._reader, self._finder = standing.shelf, standing.reader, standing.finder
        self._request, self._today = request, today
        self._day = request.narrowed.day.toordinal() if request.narrowed.day else today
        self._limited = ""
        self._questions: list[Question] = []

    async def found(self) -> Found:
        codes = codes_of(self._request.query)
        listing = await self._listing(codes)
        request = self._request
        page = listing.ranked[request.offset : request.offset + request.limit]
        results = tuple(self._result(ranked) for ranked in page)
        near = () if listing.ranked else tuple(self._near(codes))
        return Found(
            results=results,
            total=len(listing.ranked),
            total_is_least=listing.cut,
            facets=tuple(self._facets(listing.ranked)) if request.facets else (),
            did_you_mean=tuple(self._others(codes, listing)),
            near=near,
            tried=tuple(self._tried(codes, listing)),
            limited=self._limited,
        )

    async def _listing(self, codes: Codes) -> Listing:
        narrowed = self._request.narrowed
        named = by_code(self._shelf, codes, narrowed, self._day)
        exact = any(ranked.cls is Class.CODE for ranked in named)
        if named and (codes.sure or (has_digit(self._request.query) and (exact or " " not in self._request.query))):
            return Listing(named, codes=len(named))
        self._questions = self._reader.questions(self._request.query, typing=True)
        try:
            listing = await self._finder.find(self._questions, narrowed, self._day)
        except Unavailable:
            if not named:
                raise Unavailable("ENGINE_AWAY", ENGINE_AWAY) from None
            self._limited = ENGINE_AWAY
            return Listing(named, codes=len(named))
        rows = {ranked.row for ranked in named}
        return Listing([*named, *(r for r in listing.ranked if r.row not in rows)], listing.cut, len(named))

    def _result(self, ranked: Ranked) -> Result:
        entry = self._shelf.entry(ranked.row)
        why, words = self._why(ranked, entry)
        return Result(
            entry=entry,
            matched=self._matched(ranked, entry),
            why=why,
            words=words,
            breadcrumb=tuple(self._crumbs(entry)),
            valid=bool(
                self._shelf.columns.first_day[ranked.row] <= self._day <= self._shelf.columns.last_day[ranked.row]
            ),
            release=self._shelf.releases.get(entry.release, _RELEASE),
            group=ranked.question.group,
        )

    def _why(self, ranked: Ranked, entry: Entry) -> tuple[Why, str]:
        question = ranked.question
        if ranked.cls in _BY_NUMBER:
            return _BY_NUMBER[ranked.cls], ""
        if question.corrections:
            return Why.CORRECTION, "; ".join(f"{w.typed} → {w.correction}" for w in question.corrections)
        if question.substitution is not None:
            kind = Why.ABBREVIATION if is_abbreviation(question) else Why.SYNONYM
            return kind, question.substitution.reason
        if ranked.cls is Class.SOME_WORDS:
            return Why.SOME_WORDS, ", ".join(self._fitting(question, entry))
        return self._where(ranked, entry)

    def _where(self, ranked: Ranked, entry: Entry) -> tuple[Why, str]:
        """The title, or the term that fits."""
        kind = int(self._shelf.phrases.kinds[ranked.phrase])
        if kind == TITLE:
            return Why.TITLE, ""
        return Why.TERM, self._phrase(ranked, entry) if kind <= SUMMARY else ""

    def _phrase(self, ranked: Ranked, entry: Entry) -> str:
        texts = [text for _, text in phrases_of(entry) if terms_of(text)]
        place = ranked.phrase - int(self._shelf.phrases.first[ranked.row])
        return texts[place] if place < len(texts) else ""

    def _fitting(self, question: Question, entry: Entry) -> Iterator[str]:
        terms = {self._shelf.numbers.get(term, -1) for _, text in phrases_of(entry) for term in terms_of(text)}
        for word in question.words:
            if not terms.isdisjoint(word.terms) or any(number in terms for number in list(word.started)[:400]):
                yield word.typed

    def _matched(self, ranked: Ranked, entry: Entry) -> tuple[tuple[int, int], ...]:
        question, numbers = ranked.question, self._shelf.numbers
        found: list[tuple[int, int]] = []
        for word in split(entry.title):
            number = numbers.get(word.normal, -1)
            if any(number in asked.terms or number in asked.started for asked in question.words):
                found.append((word.start, word.end))
        return tuple(found)

    def _crumbs(self, entry: Entry) -> Iterator[Crumb]:
        for code in entry.ancestors:
            row = self._shelf.row((entry.system, code))
            if row is not None:
                above = self._shelf.entry(row)
                yield Crumb(above.code, above.display, above.title)

    def _facets(self, ranked: Sequence[Ranked]) -> Iterator[Facet]:
        entries = [self._shelf.entry(each.row) for each in ranked[:1_000]]
        systems = Counter(entry.system for entry in entries)
        yield Facet("system", tuple(FacetValue(s, s, n) for s, n in systems.most_common()))
        billable = Counter(entry.billable for entry in entries)
        yield Facet("billable", (FacetValue("true", "May be reported", billable[True]),) if billable[True] else ())
        sections = Counter(f"{e.system}/{e.ancestors[0]}" for e in entries if e.ancestors)
        yield Facet("section", tuple(self._section(name, n) for name, n in sections.most_common(20)))
        columns = self._shelf.columns
        active = sum(
            1 for each in ranked[:1_000] if columns.first_day[each.row] <= self._day <= columns.last_day[each.row]
        )
        yield Facet("active", (FacetValue("true", "Valid on the day", active),) if active else ())

    def _section(self, name: str, count: int) -> FacetValue:
        system, _, code = name.partition("/")
        row = self._shelf.row((system, code))
        label = self._shelf.entry(row).title if row is not None else code
        return FacetValue(name, label or code, count)

    def _others(self, codes: Codes, listing: Listing) -> Iterator[DidYouMean]:
        if len(codes.exact) == 1 and not any(ranked.cls is Class.CODE for ranked in listing.ranked[:1]):
            for other, because in look_alikes(codes.exact[0]):
                rows = self._shelf.with_code(other)
                if rows:
                    yield DidYouMean(self._shelf.entry(rows[0]).display, because)
        for question in self._questions[:1]:
            if question.corrections:
                words = " ".join(word.correction or word.typed for word in question.words)
                yield DidYouMean(words, "nothing has the word as it was typed")

    def _near(self, codes: Codes) -> Iterator[Result]:
        code = codes.exact[0] if len(codes.exact) == 1 else codes.prefix
        for length in range(len(code) - 1, 2, -1):
            rows = self._shelf.with_prefix(code[:length])
            if rows:
                for row in rows[:MOST_NEAR]:
                    yield self._result(Ranked(row, Class.PREFIX, 0.0, -1, Question([])))
                return

    def _tried(self, codes: Codes, listing: Listing) -> Iterator[str]:
        whole = any(ranked.cls < Class.ELSEWHERE for ranked in listing.ranked[:1])
        if whole:
            return
        if codes.exact or codes.prefix:
            yield f"As a code: {', '.join(codes.exact) or codes.prefix}."
        for question in self._questions:
            unknown = [word.typed for word in question.words if not word.known]
            if question.substitution is not None:
                yield f"{question.substitution.reason}."
            elif len(question.words) > 1:
                yield f"All of the words together: {' '.join(word.typed for word in question.words)}."
            if unknown:
                yield f"No entry has: {', '.join(unknown)}."
