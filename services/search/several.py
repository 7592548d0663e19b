"""Several things that one query says, each of which is coded: an injury and its cause, what a drug brought about, a
list, and conditions with a drug that is taken for them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from services.search.asking import Asker, Asking, texts_of
from services.search.candidates import Listing
from services.search.lexicon import Kind
from services.search.query import Reader
from services.search.question import Question
from services.search.shelf import Shelf
from services.search.wording import Wording

MOST_ALIKE = 40
"""Nothing that has two of the things is among so many of the first."""
_LISTED = re.compile(r"\s*[,;+&]\s*|\s+and\s+", re.I)
MOST_LISTED = 6
"""What stands between things of a list, and of how many each is looked for by itself."""
_TAKING = re.compile(r"(.+?)\s+(?:on|takes|taking)\s+([^,;+&]+)", re.I)
"""What stands before a drug that somebody takes at home, and it."""
_BROUGHT_ABOUT = re.compile(
    r"\s+(?:2/2|d/t|due\s+to|(?:secondary|related)\s+to|(?:caused|induced)\s+by|after|from)\s+", re.I
)
"""What stands between something that went wrong and the drug that brought it about."""
_ADVERSE_EFFECT = "adverse effect"

Apart: TypeAlias = tuple[list[Question], str]
"""The questions of all things, each in a group of its own, and a sentence that says so."""


class Several:
    """Finds out whether a query says several things, in one table."""

    def __init__(self, shelf: Shelf, reader: Reader, asker: Asker) -> None:
        """Take the table, what reads words, and what asks by them."""
        self._shelf, self._reader, self._asker = shelf, reader, asker

    async def found(self, asking: Asking, wording: Wording, listing: Listing) -> Apart | None:
        """What a query says of which nothing has all words; `listing` is what has some of them."""
        return (
            await self._with_cause(asking, wording)
            or await self._with_adverse_effect(asking, wording)
            or await self._one_by_one(asking, wording, listing)
        )

    async def _with_cause(self, asking: Asking, wording: Wording) -> Apart | None:
        """What happened and how: codes of two chapters, which are both reported (ICD-10-CM Guidelines I.C.20.a)."""
        parts = self._reader.cause_in(wording.text)
        if parts is None:
            return None
        cause, rest = parts
        of_rest = await self._asker.whole(asking, wording, rest)
        if of_rest is None:
            return None
        questions = [replace(question, group=rest) for question in of_rest]
        questions += [replace(question, group=cause) for question in self._reader.questions(cause, typing=False)]
        return questions, f"“{cause}” is looked for as an external cause, beside what it led to."

    async def _with_adverse_effect(self, asking: Asking, wording: Wording) -> Apart | None:
        """What a drug brought about and its adverse effect: both are coded (ICD-10-CM Guidelines I.C.19.e.5.a)."""
        effect, *drugs = _BROUGHT_ABOUT.split(wording.text, maxsplit=1)
        if not drugs:
            return None
        of_drug = await self._asker.named(asking, wording, f"{drugs[0]} {_ADVERSE_EFFECT}")
        of_drug = [each for each in of_drug if any(_ADVERSE_EFFECT in put.row.expansion for put in each.readings)]
        of_effect = await self._asker.whole(asking, wording, effect) if of_drug else None
        if of_effect is None:
            return None
        questions = [replace(question, group=effect) for question in of_effect]
        questions += [replace(question, group=drugs[0]) for question in of_drug]
        return questions, f"“{effect}” is looked for beside the adverse effect of “{drugs[0]}”: both are coded."

    async def _one_by_one(self, asking: Asking, wording: Wording, listing: Listing) -> Apart | None:
        """What a list names, where each is the name of something and nothing that was found has two of them,
        as a code for a combination would: HTN, HLD; and conditions on what drug somebody is: DM2 on Jardiance.
        """
        conditions, drug, of_drug = wording.text, "", []
        if taking := _TAKING.fullmatch(wording.text):
            of_drug = await self._asker.named(asking, wording, taking[2])
            if _taken_at_home(of_drug):
                conditions, drug = taking.groups()
        parts = [*filter(None, map(str.strip, _LISTED.split(conditions)))]
        if not 1 < len(parts) + bool(drug) <= MOST_LISTED:
            return None
        asked = await self._each_named(asking, wording, parts)
        if not asked or self._combined([*asked, of_drug], listing):
            whole = await self._asker.whole(asking, wording, conditions) if drug else None
            if whole is None:
                return None
            parts, asked = [conditions], [whole]
        if drug:
            parts, asked = [*parts, drug], [*asked, of_drug]
        questions = [replace(each, group=part) for part, of_part in zip(parts, asked, strict=True) for each in of_part]
        quoted = ", ".join(f"“{part}”" for part in parts[:-1])
        return questions, f"{quoted} and “{parts[-1]}” are looked for one by one: nothing has two of them."

    async def _each_named(self, asking: Asking, wording: Wording, parts: Sequence[str]) -> list[list[Question]]:
        """The questions of each part; none at all where one of them is no name of anything."""
        asked: list[list[Question]] = []
        for part in parts:
            questions = await self._asker.named(asking, wording, part)
            if not questions:
                return []
            asked.append(questions)
        return asked

    def _combined(self, asked: Sequence[Sequence[Question]], listing: Listing) -> bool:
        """Whether something that was found has two of several things."""
        for row in listing.ranked.rows[:MOST_ALIKE].tolist():
            terms = {number for text in texts_of(self._shelf, row) for number in text}
            if sum(any(_all_in(question, terms) for question in of_part) for of_part in asked) > 1:
                return True
        return False


def _taken_at_home(questions: Sequence[Question]) -> bool:
    return any(each.substitution is not None and each.substitution.row.kind is Kind.SELF_TAKEN for each in questions)


def _all_in(question: Question, terms: set[int]) -> bool:
    """Whether some terms say all words of a question."""
    return all(not terms.isdisjoint(word.near) for word in question.words)
