"""What is asked for in a wording, and whether anything fits it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec import structs

from services.search.candidates import Finder, Having
from services.search.charting import without_visit
from services.search.engine import Narrowed
from services.search.measures import Measure
from services.search.query import Reader
from services.search.question import Question
from services.search.shelf import SUMMARY, Shelf
from services.search.wording import Wording


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked for, however it is taken."""

    query: str
    narrowed: Narrowed
    day: int
    measure: Measure | None = None


class Asker:
    """Asks by wordings in one table."""

    def __init__(self, reader: Reader, finder: Finder) -> None:
        """Take what reads words, and what finds by them."""
        self._reader, self._finder = reader, finder

    def questions(self, asking: Asking, wording: Wording) -> list[Question]:
        """The readings of a query in a wording."""
        reader = self._reader.within(asking.narrowed.systems)
        parts = wording.alternatives or (wording.text,)
        questions = [each for part in parts for each in reader.questions(part, typing=True)]
        if complaint := without_visit(wording.text):
            questions += reader.questions(complaint, typing=False)
        if wording.left_out:  # titles that say "not" themselves
            questions += reader.questions(asking.query, typing=True)[:1]
        return questions

    async def having_whole(self, asking: Asking, questions: Sequence[Question]) -> Having | None:
        """What has all words of some questions; none where nothing fits any of them as a whole."""
        having = await self._finder.having_all(questions, asking.narrowed)
        return having if self._finder.whole(questions, asking.narrowed, having) else None

    async def named(self, asking: Asking, wording: Wording, text: str) -> list[Question]:
        """The questions of a text that is the name of something; none of another."""
        questions = self.questions(asking, structs.replace(wording, text=text))
        having = await self._finder.having_all(questions, asking.narrowed)
        return questions if self._finder.named(questions, asking.narrowed, having) else []

    async def whole(self, asking: Asking, wording: Wording, text: str) -> list[Question] | None:
        """The questions of a text, where anything fits it as a whole."""
        questions = self.questions(asking, structs.replace(wording, text=text))
        return questions if await self.having_whole(asking, questions) is not None else None


def texts_of(shelf: Shelf, row: int) -> Iterator[list[int]]:
    """The terms of each title, term, name and path of a row."""
    phrases = shelf.phrases
    for phrase in range(int(phrases.first[row]), int(phrases.first[row + 1])):
        if phrases.kinds[phrase] < SUMMARY:
            yield phrases.terms_of(phrase)
