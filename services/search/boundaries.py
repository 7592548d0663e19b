"""Where words of a query begin and end: those that were run together, and those that were written apart: backpain,
covid19, hyper tension, w/sepsis.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from services.search.lexicon import Lexicon
from services.search.shelf import Shelf
from services.search.words import normal_form

_GLUED = re.compile(r"\b([^\W\d_]{3,})(\d{1,3})\b")
SHORTEST_PART = 3
_RUN_TOGETHER = re.compile(r"\b[^\W\d_]{7,}\b")
_BEGINNINGS = (
    "hyper|hypo|gastro|brady|tachy|micro|macro|cardio|osteo|neuro|dermato|hepato|spleno|nephro|poly|pseudo|para|peri|endo"
    "|thrombo|broncho|pneumo|electro|echo|angio|myo|arthro|cysto|hystero|colono|laparo|rhino|ortho"
)
_APART = re.compile(rf"\b({_BEGINNINGS})\s+([^\W\d_]{{3,}})\b", re.I)
"""Beginnings of words that are no words by themselves."""
_BEFORE_WORDS = "trans|inter|intra|sub|supra|infra|non|pre|post|anti|retro"
_BESIDE = re.compile(rf"\b({_BEFORE_WORDS})\s+([^\W\d_]{{3,}})\b", re.I)
"""Beginnings of words that titles write by themselves as well: post-traumatic, postoperative."""
_BOUND = frozenset(f"{_BEGINNINGS}|{_BEFORE_WORDS}|ante".split("|"))
"""What is part of the word behind it."""
_POSITIVE = re.compile(r"(?<!\S)\+(?=[^\W\d_]{2})")
"""A test's result in charts: +ANA."""
_TIED = re.compile(r"\bw/\s*(?!o\b|out\b|wo\b|$)|\b(2/2|d/t)\s+", re.I)
"""With in charts, unless it is without, and secondary or due to: pneumonia w/ sepsis, AKI 2/2 dehydration."""


class Boundaries:
    """Finds them by the words of one table and of the lexicon."""

    def __init__(
        self, shelf: Shelf, lexicon: Lexicon, may_become: Callable[[str], bool], begins_any: Callable[[str], bool]
    ) -> None:
        """Take the table and the lexicon, what tells whether a word that nothing has may become or be meant for one
        that something has, and what tells whether it begins one.
        """
        self._shelf, self._lexicon = shelf, lexicon
        self._may_become, self._begins_any = may_become, begins_any

    def warm(self) -> None:
        """Count what is counted on first use."""
        for word in _BEFORE_WORDS.split("|"):
            self._shelf.behind(word)

    def found(self, text: str, *, typing: bool) -> str:
        """A text with words apart that were run together and are none so, and one word for those that were written
        apart; the last word of what is being typed may be unfinished.
        """
        text = _TIED.sub(lambda found: "due to " if found[1] else "with ", _GLUED.sub(self._unglued, text))
        text = _POSITIVE.sub("positive ", text)
        text = _APART.sub(lambda found: found[1] + found[2] if self._is_word(found[1] + found[2]) else found[0], text)
        text = _BESIDE.sub(lambda found: found[1] + found[2] if self._is_one_word(*found.groups()) else found[0], text)

        def parted(found: re.Match[str]) -> str:
            return " ".join(self._parts(found[0], last=typing and found.end() == len(text)) or (found[0],))

        return _RUN_TOGETHER.sub(parted, text)

    def _is_word(self, text: str) -> bool:
        """Whether a title or the lexicon says a word."""
        normal = normal_form(text)
        return normal in self._shelf.numbers or self._lexicon.says(normal)

    def _is_one_word(self, first: str, second: str) -> bool:
        """Whether titles write two words as one oftener than apart, and no term of the lexicon begins with the two."""
        numbers, before, behind = self._shelf.numbers, first.lower(), normal_form(second)
        number = numbers.get(normal_form(first + second))
        if number is None or self._lexicon.begins(before, behind):
            return False
        apart = self._shelf.behind(before).get(numbers.get(behind, -1), 0)
        return int(self._shelf.frequency[number]) > apart

    def _parts(self, word: str, *, last: bool) -> tuple[str, ...]:
        """The two words that a word is made of which nothing has; none when it is one, or may become one. The second of
        the last word that is typed may be unfinished.
        """
        if self._is_word(word) or self._may_become(word):
            return ()
        best: tuple[str, ...] = ()
        for size in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
            first, second = word[:size], word[size:]
            words = first.lower() not in _BOUND and self._is_word(first)
            words = words and (self._is_word(second) or (last and self._begins_any(second)))
            if words and (not best or min(map(len, best)) < min(map(len, (first, second)))):
                best = first, second
        return best

    def _unglued(self, glued: re.Match[str]) -> str:
        """Letters and digits apart where only the letters are a word: covid19."""
        apart = self._is_word(glued[1]) and not self._is_word(glued[0])
        return f"{glued[1]} {glued[2]}" if apart else glued[0]
