"""Corrects a word that no entry has: to words that sound alike, otherwise to the nearest ones, that entries or the
lexicon have, most frequent first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from services.search.kept import Kept
from services.search.lexicon import Lexicon
from services.search.shelf import Shelf
from services.search.words import normal_form

LONG = 8
"""Words of so many letters may have two faults."""
SHORT = 3
"""Words of so many letters are no corrections."""
MOST, MOST_KEPT = 3, 20_000
BY_EAR = 0.5
"""Faults of a word that is written as it sounds: flebitis, concusion."""
_DOUBLE = re.compile(r"(.)\1+")
_AT_FIRST = {"ps": "s", "pn": "n", "kn": "n", "gn": "n", "wr": "r", "x": "s"}
_SOUNDS = (
    ("rrh", "r"), ("rh", "r"), ("ph", "f"), ("sthm", "sm"), ("th", "t"), ("sch", "sk"), ("ch", "k"), ("ck", "k"),
    ("qu", "k"), ("q", "k"), ("cz", "ks"), ("x", "ks"), ("ae", "e"), ("oe", "e"), ("y", "i"), ("sce", "se"),
    ("sci", "si"), ("ce", "se"), ("ci", "si"), ("c", "k"), ("z", "s"), ("ge", "je"), ("gi", "ji"), ("eu", "u"),
    ("gm", "m"),
)  # fmt: skip
"""Letters of medical words that sound like others, which are heard in one form."""
_LETTERS = {chr(ord("a") + place): 1 << place for place in range(26)}
_OTHER = 1 << 26


class Words:
    """Some words, of which those that can be near another one are found by their letters before they are compared."""

    def __init__(self, words: Sequence[str]) -> None:
        """Take the words."""
        self.words = words
        self._letters = np.array([_letters(word) for word in words], np.uint32)
        self._lengths = np.array([len(word) for word in words], np.int16)

    def near(self, term: str, most: int) -> Sequence[tuple[str, float]]:
        """Those with at most so many faults, with how many, nearest first.

        A fault adds or takes at most one letter or puts one in place of another: the sets of letters differ in two.
        """
        differing: NDArray[np.uint8] = np.bitwise_count(self._letters ^ np.uint32(_letters(term)))
        alike = (differing <= 2 * most) & (np.abs(self._lengths - len(term)) <= most)
        words = [self.words[at] for at in np.flatnonzero(alike).tolist()]
        found = process.extract(term, words, scorer=OSA.distance, score_cutoff=most, limit=12)
        return sorted([(word, _distance(term, word)) for word, _, _ in found], key=itemgetter(1))


class Corrector:
    """Knows the words of a table, by first letter."""

    def __init__(self, shelf: Shelf, lexicon: Lexicon) -> None:
        """Take the table and what stands for words."""
        self._shelf = shelf
        self._lexicon = Words([word for word in lexicon.words if len(word) > SHORT and word.isalpha()])
        self._sounding = _by_sound(self._lexicon.words)
        self._meant: Kept[tuple[str, str], tuple[str, ...]] = Kept(MOST_KEPT)
        self._known: Kept[tuple[str, bool], tuple[str, ...]] = Kept(MOST_KEPT)
        self._beginnings: dict[tuple[str, int], tuple[Words, dict[str, str]]] = {}

    def corrections(self, term: str, *, started: bool) -> Sequence[str]:
        """Up to three words that may have been meant, the nearest first; of a word that is being typed also such that
        begin like it.
        """
        found = self._known.get((term, started))
        if found is None:
            found = self._known.keep((term, started), tuple(self._nearest(term, started=started)))
        return found

    def warm(self) -> None:
        """Make what is made on first use."""
        _ = self._all, self._all_sounding
        for letter, words in self._by_letter.items():
            for size in range(4, 1 + min(13, max(map(len, words.words)))):
                self._begun(letter, size)

    def of_lexicon(self, term: str, correction: str) -> Sequence[str]:
        """Up to three words of the lexicon's terms that may have been meant; none when the term is one of them, or
        when the correction by the table is nearer.
        """
        found = self._meant.get((term, correction))
        if found is None:
            alike = self._sounding.get(sound(term), ())
            near = _sounding(term, alike) or self._lexicon.near(term, _faults(term))
            least = near[0][1] if near and term not in alike else 0
            further = bool(correction) and least > _distance(term, correction)
            nearest = () if further or not least else (word for word, distance in near if distance == least)
            meant = tuple(sorted(nearest, key=lambda word: word != correction)[:MOST])
            found = self._meant.keep((term, correction), meant)
        return found

    def _nearest(self, term: str, *, started: bool) -> list[str]:
        if alike := _sounding(term, self._all_sounding.get(sound(term), ())):
            return self._most_frequent(alike)
        same = self._by_letter.get(term[0])
        found: list[str] = []
        if same is not None:
            found = self._near(term, same, started=False) or self._near(normal_form(term), same, started=started)
        return found or self._near(term, self._all, started=False)

    def _near(self, term: str, words: Words, *, started: bool) -> list[str]:
        most = _faults(term)
        near = words.near(term, most)
        if not near and started:
            beginnings, whole = self._begun(term[0], len(term))
            near = [(whole[start], distance) for start, distance in beginnings.near(term, most)]
        return self._most_frequent(near)

    def _most_frequent(self, near: Sequence[tuple[str, float]]) -> list[str]:
        """The nearest of some words, the most frequent first."""
        frequency, numbers = self._shelf.frequency, self._shelf.numbers
        ranked = sorted(near, key=lambda each: (each[1], -int(frequency[numbers[each[0]]]), each[0]))
        return [word for word, distance in ranked if distance == ranked[0][1]][:MOST]

    def _begun(self, letter: str, size: int) -> tuple[Words, dict[str, str]]:
        """The beginnings of longer words with a letter, each with its most frequent word."""
        found = self._beginnings.get((letter, size))
        if found is None:
            words = self._by_letter[letter].words if letter in self._by_letter else ()
            whole = {word[:size]: word for word in words if len(word) > size}
            self._beginnings[letter, size] = found = Words(list(whole)), whole
        return found

    @cached_property
    def _by_letter(self) -> dict[str, Words]:
        found: dict[str, list[str]] = {}
        for word in self._frequent():
            found.setdefault(word[0], []).append(word)
        return {letter: Words(words) for letter, words in found.items()}

    @cached_property
    def _all(self) -> Words:
        return Words(list(self._frequent()))

    @cached_property
    def _all_sounding(self) -> Mapping[str, Sequence[str]]:
        return _by_sound(self._all.words)

    def _frequent(self) -> Iterable[str]:
        """The words that may be meant, the most frequent last."""
        frequency = self._shelf.frequency.tolist()
        told = [
            (frequency[number], word)
            for number, word in enumerate(self._shelf.vocabulary)
            if len(word) > SHORT and word.isalpha() and frequency[number]
        ]
        told.sort(key=lambda each: each[0])
        return [word for _, word in told]


def _sounding(term: str, alike: Sequence[str]) -> list[tuple[str, float]]:
    """Those of words that sound alike in which the fewest letters are others, and not half of them: quagga, chaga."""
    faults = [OSA.distance(term, word) for word in alike]
    least = min(faults, default=0)
    if least > max(2, len(term) // 2 - 1):
        return []
    return [(word, BY_EAR) for word, number in zip(alike, faults, strict=True) if number == least]


def _distance(term: str, word: str) -> float:
    """How many faults a word has; what sounds alike is the likeliest fault."""
    faults: int = OSA.distance(term, word)
    return BY_EAR if faults and sound(term) == sound(word) else faults


@lru_cache(maxsize=100_000)
def sound(word: str) -> str:
    """What is heard of a word in small letters: phlebitis and flebitis are one, as are concussion and concusion. It is
    kept, for a table in which a code was changed has nearly the same words.
    """
    for letters, heard in _AT_FIRST.items():
        if word.startswith(letters):
            word = heard + word[len(letters) :]
            break
    for letters, heard in _SOUNDS:
        word = word.replace(letters, heard)
    return _DOUBLE.sub(r"\1", word)


def _by_sound(words: Iterable[str]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for word in words:
        found.setdefault(sound(word), []).append(word)
    return found


def _faults(term: str) -> int:
    return 2 if len(term) >= LONG else 1


def _letters(word: str) -> int:
    found = 0
    for letter in word:
        found |= _LETTERS.get(letter, _OTHER)
    return found
