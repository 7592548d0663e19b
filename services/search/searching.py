"""Answers a search: reads the query, finds candidates, and makes results of those that stand on the page asked for."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from services.search.candidates import Finder, Listing
from services.search.classes import Class
from services.search.code_shapes import Codes, codes_of, look_alikes
from services.search.engine import Engine, Narrowed
from services.search.entry import SYSTEMS, Entry
from services.search.found import DidYouMean, Facet, FacetValue, Found, Result
from services.search.kept import Kept
from services.search.lexicon import Lexicon
from services.search.meanwhile import ByNumber
from services.search.named_codes import by_code, of_form
from services.search.order import Candidates, Ranked
from services.search.query import Reader
from services.search.question import Question
from services.search.shelf import Shelf
from services.search.showing import Showing
from services.search.worded import Listener
from services.search.wording import Wording, wording_of
from services.search.words import has_digit
from shared.clock import Clock
from shared.errors import InvalidInput, Unavailable

LONGEST_QUERY = 200
_DOTTED = re.compile(r"[A-Z][0-9][0-9A-Z]\.[0-9A-Z]{1,4}\s*$", re.ASCII | re.IGNORECASE)
"""A diagnosis's code with its dot."""
KEPT_SECONDS = 4.0
"""A table that was kept is taken up in less; who asks right after a start waits so long for it."""
MOST_ANSWERED = 2_000
"""So many answers to what is being typed are kept, some 5 kB each: queries begin with the same letters, and what is
taken back was typed before.
"""
MOST_NEAR = 8
SHORTEST_BEGINNING = 4
"""Words that share fewer letters at the beginning are not near."""
MOST_COUNTED = 1_000
"""Facets count among so many of the best."""
ENGINE_AWAY = (
    "Words cannot be searched at the moment: the search engine does not answer. Codes are found by number all the same."
)
NOT_BUILT = (
    "Search by words is being prepared, which takes about a minute after a first start or an upgrade: try it again"
    " then. Codes are found by number already."
)


class ZeroHits(Protocol):
    """Where queries that found nothing are noted."""

    def note(self, query: str) -> None:
        """Note one, without who asked."""
        ...


class Request(msgspec.Struct, frozen=True, gc=False):
    """A search."""

    query: str
    narrowed: Narrowed = Narrowed()
    limit: int = 20
    offset: int = 0
    facets: bool = False
    all_words: bool = False
    """Whether what has only some of the words is left out."""
    typing: bool = False
    """Whether it is asked while the query is being typed: nothing is noted of it then, and only results are given, none
    of them for which words were left aside.
    """


@dataclass(frozen=True, slots=True)
class Standing:
    """A table of codes with what reads and finds by it."""

    shelf: Shelf
    reader: Reader
    finder: Finder
    showing: Showing
    listener: Listener
    answered: Kept[tuple[Request, int], Found] = field(default_factory=lambda: Kept(MOST_ANSWERED))
    """Answers to what was typed last, by the day; a change of any code comes with a table of its own."""

    @classmethod
    def of(cls, shelf: Shelf, engine: Engine, lexicon: Lexicon) -> Standing:
        """Join a table with the engine, and make what would be made on first use."""
        shelf.warm()
        reader = Reader(shelf, lexicon)
        reader.warm()
        finder = Finder(shelf, engine)
        finder.warm()
        return cls(shelf, reader, finder, Showing(shelf), Listener(shelf, reader, finder))

    def with_paths(self, entry: Entry) -> Entry:
        """An entry that changed, with the paths of indexes that lead to its code."""
        row = self.shelf.row(entry.key)
        return msgspec.structs.replace(entry, paths=self.shelf.entry(row).paths) if row is not None else entry


class Searching:
    """Answers from the table of codes that is current."""

    def __init__(
        self,
        current: Callable[[], Standing | None],
        clock: Clock,
        zero_hits: ZeroHits,
        by_number: ByNumber | None = None,
        looked: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Take what gives the current table, the time, where queries without a result are noted, what finds codes by
        number until there is a table, and what waits until a kept one is taken up after a start.
        """
        self._current = current
        self._by_number, self._looked = by_number, looked
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
        if not query.strip():
            return Found()
        standing = await self._table()
        today = self._clock.now().date().toordinal()
        if standing is None:
            return await self._without_table(request, today)
        if query != request.query:
            request = msgspec.structs.replace(request, query=query)
        if request.typing and (kept := standing.answered.get((request, today))) is not None:
            return kept
        found = await _Search(standing, request, today).found()
        if request.typing and not found.limited:
            standing.answered.keep((request, today), found)
        if not found.results and not request.typing and not request.offset and request.narrowed == Narrowed():
            self._zero_hits.note(query)
        return found

    async def _table(self) -> Standing | None:
        """The table that is current; right after a start who asks waits a moment for the one that was kept."""
        standing = self._current()
        if standing is None and self._looked is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KEPT_SECONDS):
                    await self._looked()
            standing = self._current()
        return standing

    async def _without_table(self, request: Request, today: int) -> Found:
        """The codes that a query names, which the catalog knows by number; Unavailable when it names none."""
        narrowed, by_number = request.narrowed, self._by_number
        day = narrowed.day.toordinal() if narrowed.day else today
        found = await by_number.results(request.query, narrowed, day, today) if by_number else ()
        if not found:
            raise Unavailable("INDEX_MISSING", NOT_BUILT)
        page = found[request.offset : request.offset + request.limit]
        return Found(page, total=len(found), limited=NOT_BUILT)


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


def _having_all_words(ranked: Candidates) -> NDArray[np.bool_]:
    """Which candidates have all words that were typed."""
    whole = np.array([not question.aside for question in ranked.questions], np.bool_)
    found: NDArray[np.bool_] = (ranked.classes != Class.SOME_WORDS) & whole[ranked.asked]
    return found


class _Search:
    """One search under way."""

    def __init__(self, standing: Standing, request: Request, today: int) -> None:
        self._shelf, self._reader = standing.shelf, standing.reader
        self._finder, self._showing = standing.finder, standing.showing
        self._listener = standing.listener
        self._said: tuple[str, ...] = ()
        self._request, self._today = request, today
        self._day = request.narrowed.day.toordinal() if request.narrowed.day else today
        self._limited = ""
        self._questions: list[Question] = []

    async def found(self) -> Found:
        codes = codes_of(self._request.query)
        wording = wording_of(self._request.query)
        if not codes.sure:
            codes = self._codes_of(wording, codes)
        listing = await self._listing(codes, wording)
        request = self._request
        if request.all_words:
            listing = replace(listing, ranked=listing.ranked.only(_having_all_words(listing.ranked)))
        page = listing.ranked.page(request.offset, request.offset + request.limit)
        results = tuple(self._showing.result(ranked, self._day) for ranked in page)
        no_near = request.typing or len(listing.ranked)
        near = () if no_near else tuple(self._near(codes)) or await self._near_words()
        return Found(
            results=results,
            total=len(listing.ranked),
            total_is_least=listing.cut,
            facets=tuple(self._facets(listing.ranked.page(0, MOST_COUNTED))) if request.facets else (),
            did_you_mean=tuple(self._others(codes, listing)),
            near=near,
            tried=tuple(self._tried(codes, listing)) if not request.typing else (),
            limited=self._limited,
        )

    def _codes_of(self, wording: Wording, codes: Codes) -> Codes:
        """The codes that the words behind the name of a code set name, in that code set when it has them."""
        if not wording.named:
            return codes
        inside = codes_of(wording.text)
        for system in wording.systems:
            of_system = msgspec.structs.replace(inside, system=system, sure=True)
            if len(by_code(self._shelf, of_system, self._request.narrowed, self._day)):
                return of_system
        return inside if inside.exact and has_digit(wording.text) and not wording.systems else codes

    async def _listing(self, codes: Codes, wording: Wording) -> Listing:
        narrowed = self._request.narrowed
        named = by_code(self._shelf, codes, narrowed, self._day)
        exact = bool(len(named)) and named.classes[0] == Class.CODE
        query = self._request.query
        if len(named) and (codes.sure or (has_digit(query) and (exact or " " not in query))):
            return Listing(named, codes=len(named))
        if not len(named) and _DOTTED.match(query):
            return Listing(named)  # a code that there is not; its pieces are no words
        try:
            heard = await self._listener.find(query, wording, narrowed, self._day, typing=self._request.typing)
        except Unavailable:
            if not len(named):
                raise Unavailable("ENGINE_AWAY", ENGINE_AWAY) from None
            self._limited = ENGINE_AWAY
            return Listing(named, codes=len(named))
        self._questions, self._said = heard.questions, heard.said
        return Listing(named.followed_by(heard.listing.ranked), heard.listing.cut, len(named))

    def _facets(self, ranked: Sequence[Ranked]) -> Iterator[Facet]:
        entries = [self._shelf.entry(each.row) for each in ranked]
        systems = Counter(entry.system for entry in entries)
        yield Facet("system", tuple(FacetValue(s, s, n) for s, n in systems.most_common()))
        billable = Counter(entry.billable for entry in entries)
        yield Facet("billable", (FacetValue("true", "May be reported", billable[True]),) if billable[True] else ())
        sections = Counter(name for entry in entries for name in self._sections_of(entry))
        yield Facet("section", tuple(self._section(name, n) for name, n in sections.most_common(20)))
        rows = np.array([each.row for each in ranked], np.int64)
        active = int(self._shelf.columns.valid(rows, self._day).sum())
        yield Facet("active", (FacetValue("true", "Valid on the day", active),) if active else ())

    def _sections_of(self, entry: Entry) -> Iterator[str]:
        """The chapter of an entry; within a chapter or section that is chosen, that one and the next one below it."""
        _, _, chosen = self._request.narrowed.section.upper().partition("/")
        way = [code.upper() for code in (*entry.ancestors, entry.code)]
        at = way.index(chosen) if chosen in way else -1
        for code in entry.ancestors[max(at, 0) : at + 2]:
            yield f"{entry.system}/{code}"

    def _section(self, name: str, count: int) -> FacetValue:
        system, _, code = name.partition("/")
        row = self._shelf.row((system, code))
        label = self._shelf.entry(row).title if row is not None else code
        return FacetValue(name, label or code, count)

    def _others(self, codes: Codes, listing: Listing) -> Iterator[DidYouMean]:
        if len(codes.exact) == 1 and not self._begins_within(listing, Class.CODE):
            for other, because in look_alikes(codes.exact[0]):
                rows = self._shelf.with_code(other)
                if rows:
                    yield DidYouMean(self._shelf.entry(rows[0]).display, because)
        for question in self._questions[:1]:
            if question.corrections:
                words = " ".join(word.correction or word.typed for word in question.words)
                yield DidYouMean(words, "nothing has the word as it was typed")

    @staticmethod
    def _begins_within(listing: Listing, cls: Class) -> bool:
        """Whether the first candidate fits at least so well."""
        return bool(len(listing.ranked)) and int(listing.ranked.classes[0]) <= cls

    def _near(self, codes: Codes) -> Iterator[Result]:
        code = codes.exact[0] if len(codes.exact) == 1 else codes.prefix
        for length in range(len(code) - 1, 2, -1):
            rows = of_form(self._shelf, self._shelf.with_prefix(code[:length]), codes)
            if len(rows):
                for row in rows[:MOST_NEAR].tolist():
                    yield self._showing.result(Ranked(row, Class.PREFIX, 0.0, -1, Question([])), self._day)
                return

    async def _near_words(self) -> tuple[Result, ...]:
        """What begins like the longest word that nothing has, by more than half of it."""
        if self._limited:
            return ()
        unknown = [word.typed for question in self._questions[:1] for word in question.words if not word.known]
        longest = max(unknown, key=len, default="")
        least = max(SHORTEST_BEGINNING, len(longest) // 2 + 1)
        for length in range(len(longest) - 1, least - 1, -1):
            if self._reader.begins_any(longest[:length]):
                questions = self._reader.questions(longest[:length], typing=True)
                listing = await self._finder.find(questions, self._request.narrowed, self._day)
                page = listing.ranked.page(0, MOST_NEAR)
                return tuple(self._showing.result(ranked, self._day) for ranked in page)
        return ()

    def _tried(self, codes: Codes, listing: Listing) -> Iterator[str]:
        yield from self._said
        if self._begins_within(listing, Class.STARTS):
            return
        if (codes.exact or codes.prefix) and (has_digit(self._request.query) or len(codes.prefix) in (2, 3)):
            yield f"As a code: {', '.join(codes.exact) or codes.prefix}."
        for question in self._questions:
            unknown = [word.typed for word in question.words if not word.known]
            if question.substitution is not None:
                yield f"{question.reason}."
            elif len(question.words) > 1:
                yield f"All of the words together: {' '.join(word.typed for word in question.words)}."
            if unknown:
                yield f"No entry has: {', '.join(unknown)}."
