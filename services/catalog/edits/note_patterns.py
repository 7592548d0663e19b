"""Which codes a note of the Tabular List names, as patterns that codes are held against.

Notes name codes in their last brackets, or in their words where there are none: "(A04.7-)", "(C51-C52, C60.-)",
"(E08-E13 with .62-)", "(T36-T50 with fifth or sixth character 5)". What is read here is what the edition of April 2026
writes; a note in other words is shown and not tested.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_CODE = r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?"
_ITEM = re.compile(
    rf"(?<![0-9A-Z])(?P<first>{_CODE})(?![0-9A-Z])(?:\.?-(?![0-9A-Z]))?"
    rf"(?:\s*(?:-|to)\s*(?P<last>{_CODE})(?![0-9A-Z]))?"
)
_BRACKETS = re.compile(r"\(([^()]*)\)?")
_WITH = re.compile(r"\bwith\b(.*)$", re.IGNORECASE)
_SUFFIX = re.compile(r"\s*\.(?P<first>[0-9A-Z]{1,4})(?:-\.(?P<last>[0-9A-Z]{1,4}))?-?\s*")
_FINAL = re.compile(r"\s*final characters?\s*-?(?P<end>[0-9A-Z]{1,3})\s*", re.IGNORECASE)
_PLACES = {"fourth": 4, "4th": 4, "fifth": 5, "5th": 5, "sixth": 6, "six": 6, "6th": 6, "seventh": 7, "7th": 7}
_PLACE_NAMES = "|".join(_PLACES)
_CHARACTER = re.compile(
    rf"\s*(?P<places>(?:{_PLACE_NAMES})(?:\s+(?:or|to)\s+(?:{_PLACE_NAMES}))?)[\s-]+characters?\s+"
    r"\.?(?P<first>[0-9A-Z]{1,2})(?:\s*-\s*(?P<last>[0-9A-Z]))?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Suffix:
    """What further characters of a code must be."""

    places: tuple[int, ...]
    """Where they may begin, from 1; 0 stands for the code's end."""
    first: str
    last: str

    def fits(self, code: str) -> bool:
        """Whether a code has them at one of the places."""
        return any(self._at(code, place) for place in self.places)

    def _at(self, code: str, place: int) -> bool:
        if place == 0:
            return code.endswith(self.first)
        length = len(self.first)
        return self.first <= code[place - 1 : place - 1 + length] <= self.last


@dataclass(frozen=True, slots=True)
class CodePattern:
    """A code with what lies below it, or everything from one code to another."""

    first: str
    last: str
    suffix: Suffix | None = None

    def covers(self, code: str) -> bool:
        """Whether an undotted code is named."""
        inside = self.first <= code[: len(self.first)] and code[: len(self.last)] <= self.last
        return inside and (self.suffix is None or self.suffix.fits(code))


@lru_cache(maxsize=20_000)
def patterns_of(note: str) -> tuple[CodePattern, ...]:
    """The patterns of a note; none where it names no code, or names them in words that are not read here."""
    named = [text for text in _BRACKETS.findall(note) if _ITEM.search(text)]
    found = [_patterns(text) for text in (named or [note])]
    if any(patterns is None for patterns in found):
        return ()
    return tuple(pattern for patterns in found if patterns is not None for pattern in patterns)


def _patterns(text: str) -> list[CodePattern] | None:
    """The patterns of a list of codes; None when the list is restricted in words that are not read."""
    suffix = None
    restriction = _WITH.search(text)
    if restriction is not None and _ITEM.search(text[: restriction.start()]):
        suffix = _suffix(restriction[1])
        if suffix is None:
            return None
        text = text[: restriction.start()]
    return list(_items(text, suffix))


def _items(text: str, suffix: Suffix | None) -> Iterator[CodePattern]:
    for item in _ITEM.finditer(text):
        first = item["first"].replace(".", "")
        last = (item["last"] or item["first"]).replace(".", "")
        if first <= last:
            yield CodePattern(first, last, suffix)


def _suffix(words: str) -> Suffix | None:
    if found := _SUFFIX.fullmatch(words):
        return Suffix((4,), found["first"], found["last"] or found["first"])
    if found := _FINAL.fullmatch(words):
        return Suffix((0,), found["end"], found["end"])
    if found := _CHARACTER.fullmatch(words):
        places = tuple(_PLACES[name] for name in re.findall(_PLACE_NAMES, found["places"].lower()))
        first = found["first"].upper()
        return Suffix(places[:1] if len(first) > 1 else places, first, (found["last"] or first).upper())
    return None
