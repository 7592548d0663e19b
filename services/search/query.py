"""Reads queries: the words, what stands for them, and how each is to be found.

Reading knows the vocabulary of a table of codes, so that it can tell a word that nothing has from one that is just
being typed. Only such a word is corrected, and never one with a digit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from itertools import islice, product
from typing import NamedTuple

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from services.search.boundaries import Boundaries
from services.search.engine import LONGEST_START
from services.search.kept import Kept
from services.search.kin import RELATED, stem_of
from services.search.lexicon import SIDES, Kind, Lexicon, Match, Reading, Row, far_kin, is_verb_form
from services.search.main_terms import with_forms, without_headings
from services.search.question import DERIVED, EXACT, KIN, STARTS, Asked, Question
from services.search.readings import (
    CONVENTIONS,
    NOT_SPECIFIED,
    OPERATIONS,
    as_typed,
    longer_first,
    meant,
    of_convention,
    once,
    overlap,
    spans_of,
    specified,
    taken_for,
    written_out,
)
from services.search.shelf import Shelf
from services.search.spelling import Corrector
from services.search.words import STOP_WORDS, Word, beginning_of, has_digit, normal_form, split

UNFINISHED = 4.0
"""How telling an unfinished word is of which nothing is known but what it may become."""
MOST_WORDS, MOST_READ, MOST_WORDS_KEPT = 16, 2_000, 50_000
MOST_READINGS, MOST_MISSPELT = 8, 4
MOST_TOGETHER, MOST_TRIED, MOST_BESIDE = 4, 64, 2
"""So many ways to substitute several words at once are asked for, the best of so many, and so many beside them."""
HARDLY_SAID = 30
"""What titles say so often at most is hardly ever said so: CKD, CVA."""
MOST_WITHIN = 32
"""So many choices of code sets are read for."""
MOST_STARTED = 400
"""More terms than this are not looked up one by one."""
SHORTEST_CORRECTED = 4
SHORTEST_CLIPPED = 5
"""A finished word that nothing has may be clipped when it is so long: bronchopulm, intertroch."""
MOST_CLIPPED = 20
"""Unless it begins more terms than this."""
LINKING = 0.3
_TELLING_NOTHING = STOP_WORDS.union(SIDES)
"""Beside a reading."""
_LINKS = frozenset(["due", "because", "caused"])
"""Words that say how two things belong together, and less of what is meant than either; how much less they tell."""
MOST_WAYS = 6
"""So many ways to take misspelt words for words of the lexicon are tried."""
_CAUSE = re.compile(r"icd10cm: [VWXY]")
"""External causes: ICD-10-CM, chapter 20."""
_TIE = r"(?:and|with|after|when|while|from|by|then|due\s+to|s/p)"
_TIES = re.compile(rf"^{_TIE}\s+|\s+{_TIE}$", re.I)
"""What holds an injury and its cause together."""


def _correctable(term: str, typed: str) -> bool:
    """Whether a word may be taken for another one: it is long enough, and no code."""
    return len(term) >= SHORTEST_CORRECTED and not has_digit(typed)


class _Said(NamedTuple):
    """What the lexicon has for some words."""

    written: Sequence[Reading]
    """As they stand."""
    turned: Sequence[Reading]
    """In another order."""
    given: Sequence[Reading]
    """What counts of both, with what a number of a measure means."""


class Reader:
    """Reads queries against one table of codes."""

    def __init__(self, shelf: Shelf, lexicon: Lexicon) -> None:
        """Take the table and what stands for words."""
        self._shelf = shelf
        self._lexicon = lexicon
        self._corrector = Corrector(shelf, lexicon)
        self._boundaries = Boundaries(shelf, lexicon, self._may_become, self.begins_any)
        self._kin: Kept[str, dict[int, float]] = Kept(MOST_WORDS_KEPT)
        self._words: Kept[tuple[str, str, bool, tuple[str, ...]], Asked] = Kept(MOST_WORDS_KEPT)
        self._read: Kept[tuple[str, bool], Sequence[Question]] = Kept(MOST_READ)
        self._systems: tuple[str, ...] = ()
        self._within: Kept[tuple[str, ...], Reader] = Kept(MOST_WITHIN)
        self._phrases: Kept[tuple[str | int, ...], _Said] = Kept(MOST_READ)
        self._told: Kept[tuple[tuple[str, ...], bool], Sequence[Asked]] = Kept(MOST_READ)

    def warm(self) -> None:
        """Make what is made on first use, so that no word waits for it: neither the first misspelt one nor those that
        the lexicon puts in place of others.
        """
        self._corrector.warm()
        self._boundaries.warm()
        for word in self._lexicon.put():
            _ = self._word(word, word, last=False).counts

    def within(self, systems: tuple[str, ...]) -> Reader:
        """One that reads for some code sets, all of them when none is named: what is said in the words of others hides
        no shorter phrase there. It shares all else.
        """
        if systems == self._systems:
            return self
        found = self._within.get(systems)
        if found is None:
            found = self._within.keep(systems, copy(self))
            found._systems, found._read = systems, Kept(MOST_READ)
        return found

    def questions(self, text: str, *, typing: bool) -> Sequence[Question]:
        """The readings of a text: the words as they stand, then those that the lexicon gives; `typing` when the last
        word may be unfinished. Words of which nothing has one are left out when the lexicon gives others that are had.

        What was read last is kept: at the next letter the finished parts of a query are read again.
        """
        found = self._read.get((text, typing))
        return found or self._read.keep((text, typing), self._questions(text, typing=typing))

    def without_diagnoses(self, questions: Sequence[Question]) -> list[Question]:
        """Those of some questions that ask for a procedure by operation and part, and besides by what it is done for,
        without that: drainage of an abscess of the foot. Titles of ICD-10-PCS name no diagnosis.
        """
        found: list[Question] = []
        for question in questions:
            diagnoses = [word for word in question.words if self._is_of_diagnoses(word)]
            rest = [word for word in question.words if word not in diagnoses]
            if diagnoses and len(rest) > 1 and not OPERATIONS.isdisjoint(word.term for word in rest):
                told = tuple([word.typed for word in diagnoses])
                found.append(replace(question, words=rest, aside=told))
        return found

    def _is_of_diagnoses(self, word: Asked) -> bool:
        """Whether a word, or what is near in meaning, stands in titles of diagnoses, and in none of a procedure."""
        parts = word.near, slice(word.begun.start, word.begun.stop), list(word.apart)

        def said(terms: NDArray[np.bool_]) -> bool:
            return any(bool(terms[part].any()) for part in parts)

        return said(self._shelf.said_of_diagnoses) and not said(self._shelf.said_of_procedures)

    def _questions(self, text: str, *, typing: bool) -> list[Question]:
        text = self._boundaries.found(text, typing=typing)
        words = without_headings(with_forms(text, split(text)))[:MOST_WORDS]
        told = [word for word in words if word.normal not in STOP_WORDS] or list(words)
        if not told:
            return []
        typing = typing and words[-1] is told[-1] and words[-1].end == len(text)
        found = [Question(self._asked(told, typing=typing))]
        written = self._readings(words, typing=typing)
        found += [self._substituted(words, way, typing=typing) for way in self._ways(words, written, typing=typing)]
        for reading, read in self._misspelt(words, typing=typing):
            question = self._substituted(words, [reading], typing=typing)
            question.meant = taken_for(words, read, reading)
            found.append(question)
        sideways, aside = self._around_sides(words)
        found += [self._substituted(aside, way, typing=False) for way in sideways]
        rest = found[1:]
        covered = {word.raw for reading in written for word in words[reading.start : reading.end]}
        covered |= {word.raw for way in sideways for each in way for word in aside[each.start : each.end]}
        doubted = not found[0].known or any(typed in covered for typed, _ in found[0].corrections)
        found = rest if doubted and any(question.known for question in rest) else found
        if len(told) > 1 and told[-1].normal == NOT_SPECIFIED:
            found += self.questions(text[: told[-1].start], typing=False)
        return found

    def _ways(self, words: Sequence[Word], readings: Sequence[Reading], *, typing: bool) -> Sequence[Sequence[Reading]]:
        """What may stand together for words: something for as many as possible first. Words that no title says are
        read in every way, others as they stand too.
        """
        spans, beside = spans_of(readings)
        sure: list[Reading] = []
        options: list[Sequence[Reading | None]] = []
        for span in spans:
            short = len(spans) > 1 and len(span) == 1 and self._is_short(words, span[0], typing=typing)
            if not short and self._said(words, span[0], typing=typing):
                options.append([*span, None])
            else:
                options.append(span)
                sure.append(span[0])
        tried = [[each for each in way if each is not None] for way in islice(product(*options), MOST_TRIED)]
        tried = sorted((way for way in tried if way), key=len, reverse=True)
        most = MOST_TOGETHER if len(words) > 1 else MOST_READINGS
        ways = [way for way in tried if not way[-1].begun][:most]
        ways += [way for way in tried if way[-1].begun][:MOST_BESIDE]
        for reading in beside[:MOST_BESIDE]:
            others = [each for each in sure if not overlap(each, reading)]
            ways.append(sorted([reading, *others], key=lambda each: each.start))
        return ways

    def _said(self, words: Sequence[Word], reading: Reading, *, typing: bool) -> bool:
        """Whether titles may say the words of a reading themselves; what is being typed may become what they say."""
        span = words[reading.start : reading.end]
        if typing and reading.end == len(words) and self.begins_any(span[-1].raw):
            return True
        slashed = reading.row.kind is Kind.ABBREVIATION and "/" in reading.row.term
        return not slashed and all(word.normal in self._shelf.numbers for word in span)

    def _is_short(self, words: Sequence[Word], reading: Reading, *, typing: bool) -> bool:
        """Whether a finished word is short for a side, or for what titles hardly ever call so themselves: it does not
        stand as it is where others are read otherwise.
        """
        if reading.end - reading.start > 1 or reading.row.kind is not Kind.ABBREVIATION:
            return False
        word = words[reading.start].normal
        number = self._shelf.numbers.get(word)
        return word in SIDES or (
            not (typing and reading.end == len(words))
            and number is not None
            and self._shelf.frequency[number] <= HARDLY_SAID
        )

    def _around_sides(self, words: Sequence[Word]) -> tuple[Sequence[Sequence[Reading]], Sequence[Word]]:
        """What the lexicon gives for phrases in which a side stands: broken left hip; with the words as they are read,
        the sides behind the others.
        """
        sides = [
            structs.replace(word, raw=SIDES[word.normal], normal=SIDES[word.normal])
            for word in words
            if word.normal in SIDES
        ]
        if not any(word.normal in SIDES for word in words[1:-1]):
            return (), words
        aside = [*(word for word in words if word.normal not in SIDES), *sides]
        places = {word.start: place for place, word in enumerate(words)}
        ways = self._ways(aside, self._readings(aside, typing=False), typing=False)

        def parted(reading: Reading) -> bool:
            """Whether a side stood among the words of a reading."""
            first, last = aside[reading.start], aside[reading.end - 1]
            return places[last.start] - places[first.start] != reading.end - 1 - reading.start

        return [way for way in ways if any(parted(reading) for reading in way)], aside

    def cause_in(self, text: str) -> tuple[str, str] | None:
        """The phrase of a text that the lexicon has for an external cause, and the other words; None without either."""
        words = split(text)[:MOST_WORDS]
        for reading in self._given(words):
            if not _CAUSE.match(reading.row.source):
                continue
            first, last = words[reading.start], words[reading.end - 1]
            before, behind = text[: first.start].rstrip(" ,;"), text[last.end :].lstrip(" ,;")
            rest = _TIES.sub("", f"{before} {behind}" if behind else before).strip(" ,;")
            if re.search(r"[^\W\d_]{3}", rest):
                return text[first.start : last.end], rest
        return None

    def _readings(self, words: Sequence[Word], *, typing: bool) -> list[Reading]:
        """What the lexicon gives for some words; for a phrase that is being typed where it gives nothing else."""
        said = meant(self._of_systems(self._given(words)), self._systems)
        given = [each for each in said if not of_convention(words, each)][:MOST_READINGS]
        given += self._in_part(words)[:MOST_BESIDE]
        if typing and not any(each.end == len(words) for each in given):
            begun = self._of_systems(self._lexicon.begun(words, beginning_of(words[-1].raw)))
            given += [each for each in begun if each.row.kind is not Kind.ICD10PCS or self._systems]
        return once(given)

    def _of_systems(self, readings: Sequence[Reading]) -> Sequence[Reading]:
        """Readings without those that hold within other code sets than those that are read for."""
        return [each for each in readings if self._holds(each.row)]

    def _holds(self, row: Row) -> bool:
        if row.match is Match.WITHIN:
            return row.system in self._systems
        if row.kind is not Kind.ICD10PCS:
            return True
        return row.system in self._systems or not (self._systems or self._shelf.says_now(row.term))

    def _given(self, words: Sequence[Word]) -> Sequence[Reading]:
        """What the lexicon gives for some words, longer phrases first."""
        return self._said_of(words).given

    def _said_of(self, words: Sequence[Word]) -> _Said:
        """What the lexicon has for some words. What was asked last is kept: of the next word it is asked only for what
        ends with that one.
        """
        key = tuple([each for word in words for each in (word.raw, word.start)])  # 35.6 is one number, 35 6 are two
        found = self._phrases.get(key)
        if found is None:
            before = self._phrases.get(key[:-2])
            written = self._lexicon.written(words, before and before.written)
            turned = self._lexicon.turned(words, before and before.turned)
            measured = self._lexicon.of_measures(words)
            given = [each for each in (*measured, *written) if each.row.kind is not Kind.ANATOMY]
            found = self._phrases.keep(key, _Said(written, turned, longer_first(given, turned)))
        return found

    def _in_part(self, words: Sequence[Word]) -> list[Reading]:
        """What the lexicon gives for phrases of which only some words are abbreviated: forehead lac."""
        given = self._given(words)
        whole, places = written_out(words, given)
        if not whole:
            return []
        said = self._said_of(whole)
        of_typed = (as_typed(words, whole, places, each) for each in self._of_systems((*said.written, *said.turned)))
        return [
            each for each in of_typed if each is not None and each.row.kind is not Kind.ANATOMY and each not in given
        ]

    def _asked(self, words: Sequence[Word], *, typing: bool, behind: bool = False) -> list[Asked]:
        """Words as they are asked for; `behind` others that were read before."""
        last = len(words) - 1
        return [
            self._word(
                CONVENTIONS.get(word.normal, word.normal) if place or behind else word.normal,
                word.raw,
                last=typing and place == last,
                forms=word.forms,
            )
            for place, word in enumerate(words)
        ]

    def _misspelt(self, words: Sequence[Word], *, typing: bool) -> Sequence[tuple[Reading, Sequence[Word]]]:
        """What the lexicon gives for words that nothing has, taken for the nearest ones of its own: each reading with
        the words as they were taken.
        """
        others = [self._others(word, last=typing and place == len(words) - 1) for place, word in enumerate(words)]
        if not any(others):
            return []
        ways = islice(product(*((*other, word) for other, word in zip(others, words, strict=True))), MOST_WAYS)
        typed = tuple(words)
        read = [(each, way) for way in ways if way != typed for each in self._readings(way, typing=typing)]
        return [(each, way) for each, way in read if taken_for(words, way, each)][:MOST_MISSPELT]

    def _others(self, word: Word, *, last: bool) -> list[Word]:
        """The words of the lexicon for which a word may be taken that nothing has."""
        if not _correctable(word.normal, word.raw):
            return []
        asked = self._word(word.normal, word.raw, last=last)
        if asked.known and not asked.correction:
            return []
        return [
            structs.replace(word, raw=o, normal=o) for o in self._corrector.of_lexicon(word.normal, asked.correction)
        ]

    def _substituted(self, words: Sequence[Word], readings: Sequence[Reading], *, typing: bool) -> Question:
        """The words with some readings, from the left, in place of those that they are of."""
        asked: list[Asked] = []
        at = 0
        within = {place for reading in readings for place in range(reading.start, reading.end)}
        others = [word.normal for place, word in enumerate(words) if place not in within]
        more = not _TELLING_NOTHING.issuperset(others)
        for reading in readings:
            asked += self._between(words[at : reading.start], typing=False, behind=bool(asked))
            asked += self._told.get((reading.words, more)) or self._newly_told(reading.words, more)
            at = reading.end
        asked += self._between(words[at:], typing=typing, behind=bool(asked))
        ambiguous = [each.row.expansion for each in readings if each.ambiguous]
        return Question(asked, readings[0], also=tuple(readings[1:]), group=" / ".join(ambiguous))

    def _between(self, words: Sequence[Word], *, typing: bool, behind: bool) -> Sequence[Asked]:
        """Words around readings as they are asked for."""
        telling = [word for word in words if word.normal not in STOP_WORDS] if words else ()
        return self._asked(telling, typing=typing, behind=behind) if telling else ()

    def _newly_told(self, words: tuple[str, ...], more: bool) -> Sequence[Asked]:
        """The words of a reading as they are asked for, where the query tells more or does not."""
        told = specified(words) if more else words
        found = [self._word(term, term, last=False) for term in told if term not in STOP_WORDS]
        return self._told.keep((words, more), found)

    def _word(self, term: str, typed: str, *, last: bool, forms: tuple[str, ...] = ()) -> Asked:
        """A word as it is asked for; what was asked before, keystroke by keystroke, is kept."""
        key = term, typed, last, forms
        found = self._words.get(key)
        return found or self._words.keep(key, self._new_word(term, typed, last=last, forms=forms))

    def _new_word(self, term: str, typed: str, *, last: bool, forms: tuple[str, ...]) -> Asked:
        asked = self._new_single(term, typed, last=last)
        if not forms:
            return asked
        terms = dict(asked.terms)
        for form in forms:
            for number, count in self.standing_for(form).items():
                terms[number] = max(terms.get(number, 0.0), count)
        return replace(asked, terms=terms, weight=asked.weight or UNFINISHED)  # forms tell no more than the word does

    def _new_single(self, term: str, typed: str, *, last: bool) -> Asked:
        asked = Asked(term, typed, dict(self.standing_for(term)))
        if last:
            self._begin(asked, beginning_of(typed))
        elif not asked.known and len(term) >= SHORTEST_CLIPPED:
            begun, later = self._shelf.beginning(term)
            if len(begun) + len(later) <= MOST_CLIPPED:
                asked.terms.update(dict.fromkeys((*begun, *later), STARTS))
        if not asked.known and _correctable(term, typed):
            for better in self._corrector.corrections(beginning_of(typed), started=last):
                least = STARTS if asked.correction else EXACT  # the nearest counts as if it had been typed
                asked.correction = asked.correction or better
                for number, count in self.standing_for(better).items():
                    asked.terms[number] = max(asked.terms.get(number, 0.0), count * least)
        if asked.terms:
            weights = self._shelf.weights
            asked.weight = max(weights[number] * asked.terms[number] for number in asked.near or asked.terms)
            asked.weight *= LINKING if term in _LINKS else 1.0
        elif asked.started:
            asked.weight = UNFINISHED
        return asked

    def _begin(self, asked: Asked, start: str) -> None:
        """Find the terms that the last word begins."""
        start = self._beginning(start)
        terms, later = self._shelf.beginning(start)
        asked.start = start if len(start) <= LONGEST_START else ""
        asked.started = terms if not later else [*terms, *later]

    def _may_become(self, typed: str) -> bool:
        """Whether a term begins so, or is near."""
        return self._word(normal_form(typed), typed, last=True).known

    def begins_any(self, typed: str) -> bool:
        """Whether any term begins with what is typed."""
        return self._shelf.begins_any(self._beginning(beginning_of(typed)))

    def _beginning(self, start: str) -> str:
        """The beginning of terms that is meant."""
        plural = start.endswith("i") and not self._shelf.begins_any(start)  # on the way to "biopsies"
        return f"{start[:-1]}y" if plural else start

    def standing_for(self, term: str) -> Mapping[int, float]:
        """The terms that stand for a term, with what each counts."""
        found = self._kin.get(term)
        return found if found is not None else self._kin.keep(term, self._standing_for(term))

    def _standing_for(self, term: str) -> dict[int, float]:
        shelf = self._shelf
        found: dict[int, float] = {}
        if term in shelf.numbers:
            found[shelf.numbers[term]] = EXACT
        if has_digit(term) and term not in RELATED:
            return found
        family = shelf.families.get(stem_of(term), ())
        if len(family) > 1 or any(is_verb_form(shelf.vocabulary[number], term) for number in family):
            for number in family:
                found.setdefault(number, DERIVED)
        for other in RELATED.get(term, ()):
            number = shelf.numbers.get(normal_form(other), -1)
            if number >= 0:
                found.setdefault(number, KIN)
        for other, count in far_kin(term).items():
            if other in shelf.numbers:
                found.setdefault(shelf.numbers[other], count)
        return found
