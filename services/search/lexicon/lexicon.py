"""What else a query could mean: every reading of its words and phrases, with the reason, longest first."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import msgspec

from services.search.lexicon.bands import measured
from services.search.lexicon.loading import own_rows
from services.search.lexicon.openings import forms_of, parts_of
from services.search.lexicon.row import Kind, Match, Row
from services.search.lexicon.spoken import SILENT, spoken, spoken_form
from services.search.lexicon.trimesters import trimester
from services.search.lexicon.words import SIDES, Word, split, words

WHOLE = Match.WHOLE
MOST_BEGUN, MOST_LOOKED_AT = 3, 60
"""So many phrases are proposed to one who types, of so many that begin alike."""
SHORTEST_BEGUN = 4
"""So many letters of a word are typed before what it would stand for by itself is proposed."""
LONGEST_IN_ANY_ORDER = 5
"""Phrases of more words are read in their own order alone."""
_NOT_READINGS = frozenset({Kind.SPELLING, Kind.PLURAL})


class Reading(msgspec.Struct, frozen=True, gc=False):
    """Other words for the words [start, end) of a query."""

    start: int
    end: int
    words: tuple[str, ...]
    """Normal forms of what a title says."""
    row: Row
    ambiguous: bool = False
    """Whether it is of an abbreviation that may be short for something else."""
    begun: bool = False
    """Whether its phrase is only begun by the end of a query."""
    goes_on: bool = False
    """Whether the last word that was typed is a whole one of it, and more are to follow."""

    @property
    def reason(self) -> str:
        """The sentence a reader sees."""
        return self.row.reason


@lru_cache(maxsize=16_384)
def _said_by(expansion: str) -> tuple[str, ...]:
    """The words of an expansion, made when a query has its term: most are never asked for."""
    return words(expansion)


def _told(normal: Sequence[str]) -> tuple[str, ...]:
    """The words of a phrase that tell it from others, verbs in the form that their tenses share, by the alphabet."""
    return tuple(sorted(spoken(normal)))


def _goes_on(phrase: Sequence[str], typed: Sequence[Word]) -> bool:
    """Whether all of the typed words are whole ones of a phrase that has more."""
    return len(phrase) > len(typed) and phrase[len(typed) - 1] == typed[-1].normal


def _unfinished(readings: Sequence[Reading]) -> list[Reading]:
    """The readings that still hold when another word follows."""
    return [reading for reading in readings if reading.row.match is not WHOLE]


def place_of(reading: Reading) -> tuple[int, int]:
    """Where a reading stands among others: longer phrases first, then from the left."""
    return reading.start - reading.end, reading.start


def _stands_alone(row: Row) -> bool:
    return row.match is WHOLE


def _is_of_pcs(row: Row) -> bool:
    return row.kind is Kind.ICD10PCS


def _is_ambiguous(row: Row, short: Sequence[Row], others: Sequence[Row]) -> bool:
    """Whether a row is of an abbreviation that is short for several things, or of a word that is several in
    ICD-10-PCS.
    """
    if _is_of_pcs(row):
        return sum(map(_is_of_pcs, others)) > 1
    return row.kind is Kind.ABBREVIATION and len(short) > 1


def _beginning(words: Sequence[str], start: str) -> Sequence[str]:
    """The first of some words in order that begin so."""
    low = bisect_left(words, start)
    return [word for word in words[low : low + MOST_BEGUN] if word.startswith(start)]


class Lexicon:
    """The rows by what they match. Immutable and safe to share."""

    def __init__(self, rows: Iterable[Row]) -> None:
        """Take rows that a loader has found right."""
        self.rows = tuple(rows)
        self._by_words: dict[tuple[str, ...], list[Row]] = defaultdict(list)
        self._by_tokens: dict[tuple[str, ...], list[Row]] = defaultdict(list)
        self._in_any_order: dict[tuple[str, ...], list[Row]] = defaultdict(list)
        readable = [row for row in self.rows if row.kind not in _NOT_READINGS]
        for row in readable:
            self._place(row)
        own = {words(row.term) for row in readable if row.kind is not Kind.PROCEDURE}
        for form in (form for row in readable for form in forms_of(row)):
            if words(form.term) not in own:
                own.add(words(form.term))
                self._place(form)
        for part in [part for row in readable for part in parts_of(row) if words(part.term) not in self._by_words]:
            self._place(part)
        self.words = tuple(sorted({word for key in self._by_words for word in key}))
        """The normal forms of the words of all terms but abbreviations."""
        self._said = frozenset(self.words)
        self._alone, self._operations = self._single(_stands_alone), self._single(_is_of_pcs)
        self._phrases = sorted(" ".join(key) for key in self._by_words if len(key) > 1)
        for row in readable:
            self._place_written_out(row)
        lengths: dict[tuple[str, ...], set[int]] = defaultdict(set)
        for key in (*self._by_words, *self._by_tokens):
            lengths[key[:2]].add(len(key))
        self._lengths = {begin: tuple(found) for begin, found in lengths.items()}
        """How many words the terms have that begin with one word and are no more, or with two."""
        self._of_phrases = frozenset(word for key in self._in_any_order for word in key)
        self._longest = max((len(key) for key in (*self._by_words, *self._by_tokens)), default=0)

    def put(self) -> Iterable[str]:
        """The words that readings put in place of others; each expansion is made ready by that."""
        return {word for row in self.rows for word in _said_by(row.expansion)}

    def _single(self, holds: Callable[[Row], bool]) -> list[str]:
        """The single words of which a row holds, in order."""
        return sorted(key[0] for key, given in self._by_words.items() if len(key) == 1 and any(map(holds, given)))

    def says(self, word: str) -> bool:
        """Whether a word in its normal form is part of any term, or an abbreviation."""
        return word in self._said or (word,) in self._by_tokens

    def begins(self, first: str, second: str) -> bool:
        """Whether two words in their normal forms begin any term."""
        return (first, second) in self._lengths

    def readings(self, query: Sequence[Word]) -> tuple[Reading, ...]:
        """Give every reading of the words and phrases of a query: longer phrases first, then from the left."""
        return (*self.of_measures(query), *self.written(query))

    def of_measures(self, query: Sequence[Word]) -> tuple[Reading, ...]:
        """Give the reading of a number that is one of a measure, and of weeks of gestation."""
        numbers = measured(query), trimester(query)
        return tuple(
            [Reading(each.start, each.end, _said_by(each.row.expansion), each.row) for each in numbers if each]
        )

    def written(self, query: Sequence[Word], before: Sequence[Reading] | None = None) -> tuple[Reading, ...]:
        """Give the readings of words and phrases as they stand, longer ones first, then from the left.

        `before` are those of the query without its last word, where they are known: then it is asked for the others.
        """
        typed, normal = tuple([w.raw.casefold() for w in query]), tuple([w.normal for w in query])
        found = _unfinished(before or ())
        for length, start in self._spans(typed, normal, every=before is None):
            end = start + length
            short = self._written(query[start:end], typed[start:end])
            written = self._by_words.get(normal[start:end], ())
            found += [
                Reading(start, end, _said_by(row.expansion), row, _is_ambiguous(row, short, written))
                for row in (*short, *written)
                if length == len(query) or row.match is not WHOLE
            ]
        return tuple(sorted(found, key=place_of))

    def _place(self, row: Row) -> None:
        """Keep a row by what it matches."""
        if row.kind is Kind.ABBREVIATION:
            self._by_tokens[tuple(word.raw.casefold() for word in split(row.term))].append(row)
            return
        term = words(row.term)
        if row.kind is Kind.ANATOMY:
            self._by_words[term].append(row)
            self._by_words[words(row.expansion)].append(row.reversed())
        else:
            self._keep(term, row)

    def _keep(self, term: tuple[str, ...], row: Row) -> None:
        """Keep a row by the words of its term, and by them in any order."""
        self._by_words[term].append(row)
        if 1 < len(told := _told(term)) <= LONGEST_IN_ANY_ORDER:
            self._in_any_order[told].append(row)

    def _place_written_out(self, row: Row) -> None:
        """Keep a row also by its term with the abbreviations written out that are short for one thing alone, as those
        of a query are: "EGD with gastric biopsy" is found by "egd with gastric bx" then.
        """
        if row.kind in {Kind.ABBREVIATION, Kind.ANATOMY}:
            return
        term = split(row.term)
        written = [self._short_for(word) or word.raw for word in term]
        if len(term) > 1 and written != [word.raw for word in term]:
            self._keep(words(" ".join(written)), row)

    def _short_for(self, word: Word) -> str:
        """What a word is short for where it is no other word and short for one thing alone; otherwise empty."""
        given = self._written((word,), (word.raw.casefold(),)) if word.normal not in SIDES else []
        return given[0].expansion if len(given) == 1 else ""

    def _spans(self, typed: Sequence[str], normal: Sequence[str], *, every: bool) -> set[tuple[int, int]]:
        """How many words from which on may be a term: of every one, or of those that end with the last word."""
        found: set[tuple[int, int]] = set()
        behind: set[str] = set()
        size = len(normal)
        for start in range(size - 1, -1 if every else max(size - self._longest, 0) - 1, -1):
            forms = {typed[start], normal[start], typed[start].removesuffix("s")}  # an abbreviation's plural
            for first in forms:
                if (first,) in self._lengths:
                    found.add((1, start))
                for second in behind:
                    for length in self._lengths.get((first, second), ()):
                        if start + length <= size:
                            found.add((length, start))
            behind = forms
        return found if every else {span for span in found if sum(span) == size}

    def turned(self, query: Sequence[Word], before: Sequence[Reading] | None = None) -> tuple[Reading, ...]:
        """Give the readings of phrases whose words stand in another order or tense, or with other small words between
        them: biopsy of the breast, x-ray chest, passing out; longer ones first.

        `before` are those of the query without its last word, where they are known.
        """
        told = [(place, spoken_form(word.normal)) for place, word in enumerate(query) if word.normal not in SILENT]
        found = _unfinished(before or ())
        ends = range(len(query)) if before is None else (len(query) - 1,)
        told = told if before is None else told[-LONGEST_IN_ANY_ORDER:]
        for first, (start, word) in enumerate(told):
            phrase = [word] if word in self._of_phrases else []
            for place, further in told[first + 1 : first + LONGEST_IN_ANY_ORDER] if phrase else ():
                if further not in self._of_phrases:
                    break
                phrase.append(further)
                given = self._in_any_order.get(tuple(sorted(phrase))) if place in ends else None
                if not given:
                    continue
                span = tuple([each.normal for each in query[start : place + 1]])
                written, whole = self._by_words.get(span, ()), len(span) == len(query)
                found += [
                    Reading(start, place + 1, _said_by(row.expansion), row)
                    for row in given
                    if (whole or row.match is not WHOLE) and row not in written
                ]
        return tuple(sorted(found, key=place_of))

    def begun(self, query: Sequence[Word], start: str) -> tuple[Reading, ...]:
        """Give the readings of phrases that the end of a query begins, of which a whole word stands there at least; the
        last word is the beginning of one. The longest beginning counts. A single word begins what stands for itself.
        """
        if len(query) == 1:
            return self._begun_alone(start)
        for first in range(max(0, len(query) - self._longest), len(query) - 1):
            typed = [*(word.normal for word in query[first:-1]), start]
            if len(typed) > 2 and not self.begins(*typed[:2]):
                continue
            found = [
                Reading(
                    first, len(query), _said_by(row.expansion), row, begun=True, goes_on=_goes_on(phrase, query[first:])
                )
                for phrase in map(str.split, self._finishing(" ".join(typed), len(typed)))
                for row in self._by_words[tuple(phrase)]
                if not first or row.match is not WHOLE
            ]
            if found:
                return tuple(found)
        return ()

    def _finishing(self, begins: str, size: int) -> list[str]:
        """The first phrases that begin so: those of so many words, whose last one is being typed; where there are none,
        longer ones.
        """
        low = bisect_left(self._phrases, begins)
        most = min(low + MOST_LOOKED_AT, len(self._phrases))
        begun = self._phrases[low : bisect_left(self._phrases, begins + "\uffff", low, most)]
        return ([each for each in begun if each.count(" ") == size - 1] or begun)[:MOST_BEGUN]

    def _begun_alone(self, start: str) -> tuple[Reading, ...]:
        """The readings of words that stand for something by themselves, by the beginning of one."""
        if len(start) < SHORTEST_BEGUN:
            return ()
        words = {*_beginning(self._alone, start), *_beginning(self._operations, start)}
        given = [each for word in sorted(words) for each in self._by_words[(word,)]]
        begun = [row for row in given if _stands_alone(row) or _is_of_pcs(row)]
        return tuple([Reading(0, 1, _said_by(row.expansion), row, begun=True) for row in begun])

    def readings_of(self, text: str) -> tuple[Reading, ...]:
        """Give the readings of a text."""
        return self.readings(split(text))

    def _written(self, span: Sequence[Word], typed: tuple[str, ...]) -> list[Row]:
        """The rows of an abbreviation as it is written, also with a plural's s: UTIs, PVCs."""
        exact = self._by_tokens.get(typed)
        if not exact and span[-1].raw.endswith("s") and span[-1].raw[:-1].isupper():
            exact = self._by_tokens.get((*typed[:-1], span[-1].raw[:-1].casefold()))
        if not exact:
            return []
        capitals = all(word.raw.upper() == word.raw for word in span)
        return [row for row in exact if row.match is not Match.CAPITALS or capitals]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Give the lexicon that comes with the platform."""
    return Lexicon(own_rows())
