"""Finds what a query says about its words: the code set named first, nothing that it leaves out, phrases as phrases.

Nothing is hidden: where no entry has the phrase, or nothing of the code set has the words, the others are given, and
a sentence says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from services.search.asking import Asker, Asking, texts_of
from services.search.candidates import Finder, Having, Listing
from services.search.classes import Class
from services.search.engine import Narrowed
from services.search.left_out import LeftOut, numbers_of
from services.search.lexicon import SIDES, Kind
from services.search.measures import Measure, measure_in
from services.search.query import Reader
from services.search.question import Question
from services.search.readings import without_sides, without_unknown
from services.search.several import Several
from services.search.shelf import Shelf
from services.search.wording import Wording, taken_apart
from services.search.words import terms_of

FIRST, MOST_ALIKE, CATEGORY = 5, 40, 3
"""No code with a side is among so many of the first, nor among so many one of the same category, which have so many
characters in common, where a side that was asked for is left aside."""
_RULED_OUT = (
    "“{}” is to be ruled out: outpatients are coded by what is certain (ICD-10-CM Guidelines IV.H), a diagnosis at"
    " discharge from the hospital as if it existed (II.H)."
)
_PROCEDURES = ("icd10pcs",)
_DIAGNOSIS = "“{}” is not looked for: titles of ICD-10-PCS name no diagnosis."
_OTHER_WORDS = frozenset({"mod", "pos"})
"""Short names that are likelier another word where nothing of the code set fits: moderate, positive."""
_SMALL = frozenset({("modifier",), ("pos",)})
"""Code sets of which what has some of the words is worth to stand before the others."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was found, the questions that were asked, and what to say of it."""

    listing: Listing
    questions: list[Question]
    said: tuple[str, ...] = ()


class Listener:
    """Finds by the wording of queries in one table."""

    def __init__(self, shelf: Shelf, reader: Reader, finder: Finder) -> None:
        """Take the table, what reads words, and what finds by them."""
        self._shelf, self._reader, self._finder = shelf, reader, finder
        self._asker = Asker(reader, finder)
        self._several = Several(shelf, reader, self._asker)
        self._left_out = LeftOut(shelf)
        self._sides = numbers_of(shelf, set(SIDES.values()))
        self._further_ways = self._without_sides, self._without_unknown, self._without_diagnoses, self._parted

    async def find(self, query: str, wording: Wording, narrowed: Narrowed, day: int, *, typing: bool = False) -> Heard:
        """Find by words. While they are being typed none is left aside for the others: the list has no place to say so,
        and most are unfinished. Unavailable while the engine is away.
        """
        asking = Asking(query, narrowed, day)
        wording, questions, having = await self._taken(asking, wording)
        said: list[str] = []
        if not wording.alternatives and (measure := measure_in(wording.text)):
            having = having or await self._finder.having_all(questions, narrowed)
            whole = self._finder.whole(questions, narrowed, having)
            apart = None if whole else await self._without_measure(asking, wording, measure)
            asking = replace(asking, measure=replace(measure, apart=apart is not None))
            if apart is not None:
                wording, questions, having = apart
                said.append(f"“{measure.said}” is taken as a measure: titles that state a span with it come first.")
        listing = await self._finder.find(questions, narrowed, day, having, asking.measure)
        for taking in () if typing else self._further_ways:
            if not wording.alternatives and (other := await taking(asking, wording, Heard(listing, questions))):
                listing, questions = other.listing, other.questions
                said += other.said
        if wording.systems and not narrowed.systems:
            listing, questions = await self._preferring(asking, wording, listing)
            said += _named_first(wording, listing)
        if wording.doubted:
            said.append(_RULED_OUT.format(wording.doubted))
        if wording.phrases:
            listing = self._with_phrases(wording.phrases, listing, said)
        if wording.left_out:
            listing = self._without(wording, questions, listing, said)
        return Heard(_of_use_alone(listing), questions, tuple(said))

    async def _taken(self, asking: Asking, wording: Wording) -> tuple[Wording, list[Question], Having | None]:
        """The first way to take a query that anything fits as a whole, otherwise the last; with its questions, and what
        was found when it was tried.
        """
        *before, last = _ways_to_take(wording)
        for way in before:
            questions = self._asker.questions(asking, way)
            if (having := await self._asker.having_whole(asking, questions)) is not None:
                return way, questions, having
        return last, self._asker.questions(asking, last), None

    async def _without_measure(
        self, asking: Asking, wording: Wording, measure: Measure
    ) -> tuple[Wording, list[Question], Having] | None:
        """The other words, where something with them states a span that a measure lies in, unless it is no word of a
        title in any case.
        """
        wording = structs.replace(wording, text=measure.rest)
        questions = self._asker.questions(asking, wording)
        having = await self._finder.having_all(questions, asking.narrowed)
        if measure.sure or self._finder.whole(questions, asking.narrowed, having, measure):
            return wording, questions, having
        return None

    async def _without_sides(self, asking: Asking, wording: Wording, heard: Heard) -> Heard | None:
        """What has the words but the side, where nothing has them with it and their category knows no side: a
        laceration of the right temple is one of the head.
        """
        classes = heard.listing.ranked.classes
        best = heard.listing.ranked.best
        if best < Class.ELSEWHERE or (len(classes) and classes[0] < Class.ELSEWHERE):
            return None
        text, sides = without_sides(wording.text)
        if not sides:
            return None
        questions = self._asker.questions(asking, structs.replace(wording, text=text))
        if (having := await self._asker.having_whole(asking, questions)) is None:
            return None
        found = await self._finder.find(questions, asking.narrowed, asking.day, having, asking.measure)
        fitting = found.ranked.rows[found.ranked.classes < best][:MOST_ALIKE].tolist()
        rows = found.ranked.rows[:MOST_ALIKE].tolist()
        if not fitting or any(map(self._sided, rows[:FIRST])):
            return None
        sided = {self._category(row) for row in rows[FIRST:] if self._sided(row)}
        if any(self._category(row) in sided for row in fitting):
            return None
        return Heard(found, questions, (f"No entry with the other words says {sides}: what has those is given.",))

    async def _without_unknown(self, asking: Asking, wording: Wording, heard: Heard) -> Heard | None:
        """What has the other words, where no entry has some: the name of a drug that has no code, or of a device."""
        if not heard.questions or heard.listing.ranked.best < Class.SOME_WORDS:
            return None
        lacking = {word.typed: None for word in heard.questions[0].words if not word.known}
        unknown = tuple([word for word in lacking if all(_lacks(question, word) for question in heard.questions)])
        rest = without_unknown(wording.text, unknown) if unknown else ""
        if not rest:
            return None
        questions = self._asker.questions(asking, structs.replace(wording, text=rest))
        if (having := await self._asker.having_whole(asking, questions)) is None:
            return None
        questions = [replace(question, aside=unknown) for question in questions]
        found = await self._finder.find(questions, asking.narrowed, asking.day, having, asking.measure)
        quoted = ", ".join(f"“{word}”" for word in unknown)
        return Heard(found, questions, (f"No entry has {quoted}: what has the other words is given.",))

    async def _without_diagnoses(self, asking: Asking, _: Wording, heard: Heard) -> Heard | None:
        """What has the words but those of diagnoses, where procedures are looked for and nothing has all words, with
        those words.
        """
        if asking.narrowed.systems != _PROCEDURES or heard.listing.ranked.best < Class.SOME_WORDS:
            return None
        rest = self._reader.without_diagnoses(heard.questions)
        if (having := await self._asker.having_whole(asking, rest)) is None:
            return None
        found = await self._finder.find(rest, asking.narrowed, asking.day, having, asking.measure)
        together = found.ranked.followed_by(heard.listing.ranked)
        diagnoses = dict.fromkeys(together.page(0, 1)[0].question.aside)
        said = tuple([_DIAGNOSIS.format(word) for word in diagnoses])
        return Heard(replace(found, ranked=together), heard.questions, said)

    async def _parted(self, asking: Asking, wording: Wording, heard: Heard) -> Heard | None:
        """What several things that a query says fit, by turns, where nothing has all words; with what to say of it."""
        if heard.listing.ranked.best < Class.SOME_WORDS:
            return None
        parted = await self._several.found(asking, wording, heard.listing)
        if parted is None:
            return None
        questions, sentence = parted
        found = await self._finder.find(questions, asking.narrowed, asking.day)
        whole = found.ranked.only(found.ranked.classes < Class.SOME_WORDS)
        return Heard(replace(found, ranked=whole), questions, (sentence,))

    def _category(self, row: int) -> tuple[str, str]:
        system, code = self._shelf.code_of(row)
        return system, code[:CATEGORY]

    def _sided(self, row: int) -> bool:
        return not self._sides.isdisjoint(self._shelf.title_terms(row))

    async def _preferring(self, asking: Asking, wording: Wording, listing: Listing) -> tuple[Listing, list[Question]]:
        """The code sets that are named before the others; the words as they were typed when nothing of them fits."""
        as_typed = self._reader.questions(asking.query, typing=True)
        narrowed = asking.narrowed._replace(systems=wording.systems)
        inside = self._asker.questions(replace(asking, narrowed=narrowed), wording)
        inside += [each for each in as_typed if each.substitution is not None]
        first = await self._finder.find(inside, narrowed, asking.day, measure=asking.measure)
        whole = first.ranked.classes != Class.SOME_WORDS
        if wording.systems not in _SMALL:
            first = replace(first, ranked=first.ranked.only(whole))
        if not len(first.ranked):
            return await self._finder.find(as_typed, asking.narrowed, asking.day), list(as_typed)
        together = first.ranked.followed_by(listing.ranked)
        return Listing(together, first.cut or listing.cut, len(first.ranked)), inside

    def _with_phrases(self, phrases: Sequence[str], listing: Listing, said: list[str]) -> Listing:
        asked = [[self._shelf.numbers.get(term, -1) for term in terms_of(phrase)] for phrase in phrases]
        quoted = ", ".join(f"“{phrase}”" for phrase in phrases)
        texts = (list(texts_of(self._shelf, row)) for row in listing.ranked.rows.tolist())
        kept = _mask(all(any(_has_run(text, a) for text in own) for a in asked) for own in texts)
        if not kept.any():
            said.append(f"No entry that was found has {quoted} as a phrase; these have its words.")
            return listing
        said.append(f"As a phrase: {quoted}.")
        return replace(listing, ranked=listing.ranked.only(kept))

    def _without(self, wording: Wording, questions: Sequence[Question], listing: Listing, said: list[str]) -> Listing:
        barred = [each for text in wording.left_out for each in self._reader.questions(text, typing=False)]
        wanted = {number for question in questions[:1] for number in question.terms}
        ranked = listing.ranked
        has, negated = self._left_out.of(ranked.rows, [question for question in barred if question.known], wanted)
        as_typed = [place for place, question in enumerate(ranked.questions) if question is questions[-1]]
        idle = np.isin(ranked.asked, as_typed) & (ranked.classes == Class.SOME_WORDS)
        out = has & ~negated
        quoted = ", ".join(f"“{text}”" for text in wording.left_out)
        said.append(f"Left out, as the query says: what has {quoted} ({int(out.sum()):,} of {len(ranked):,} found).")
        first, rest = ranked.only(negated & ~idle), ranked.only(~out & (negated == idle))
        kept = first.followed_by(rest)
        return replace(listing, ranked=kept if len(kept) else ranked.only(~out))


def _ways_to_take(wording: Wording) -> Iterator[Wording]:
    """How a query may be meant: with what a chart writes around a complaint, as the complaint alone, and without what
    it says there is not.
    """
    if wording.charted:
        yield taken_apart(wording.charted)
    yield wording
    if wording.lacking:
        yield structs.replace(wording, text=wording.rest, left_out=wording.lacking)


def _of_use_alone(listing: Listing) -> Listing:
    """Without what has only some of the words in which the use of a drug is coded: that is another drug's."""
    ranked = listing.ranked
    of_use = [q.substitution is not None and q.substitution.row.kind is Kind.SELF_TAKEN for q in ranked.questions]
    if not any(of_use):
        return listing
    use = np.array(of_use)[ranked.asked]
    loose = use & (ranked.classes >= Class.ELSEWHERE)
    if (use & ~loose).any():
        return replace(listing, ranked=ranked.only(~loose))
    best = loose & (ranked.scores >= np.max(ranked.scores, where=loose, initial=-1.0))
    return replace(listing, ranked=ranked.only(best).followed_by(ranked.only(~loose)))


def _mask(fits: Iterable[bool]) -> NDArray[np.bool_]:
    return np.fromiter(fits, np.bool_)


def _lacks(question: Question, typed: str) -> bool:
    """Whether a question asks for a word that nothing has."""
    return any(word.typed == typed and not word.known for word in question.words)


def _has_run(text: Sequence[int], asked: Sequence[int]) -> bool:
    """Whether terms stand side by side in a text."""
    size = len(asked)
    return any(list(text[place : place + size]) == list(asked) for place in range(len(text) - size + 1))


def _named_first(wording: Wording, listing: Listing) -> Iterable[str]:
    if listing.codes:
        yield f"“{wording.named}” names a code set: what of it fits stands first."
    elif wording.named.lower() not in _OTHER_WORDS:
        yield f"“{wording.named}” names a code set of which nothing has the other words: all code sets were searched."
