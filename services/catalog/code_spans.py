"""Finds the ICD-10-CM codes and ranges that an official sentence names, as spans of codes.

A note of the Tabular List or a section of the Guidelines names `I10`, `E10.-`, `J44.0 and J44.1` or `E08-E13`. A span
holds every code below its ends: `E10.-` holds E10 and all that begins with it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_CODE = r"[A-Z][0-9A][0-9A-Z](?:\.[0-9A-Z]{1,4})?"
_SPAN = re.compile(
    rf"(?<![0-9A-Za-z.])(?P<first>{_CODE})(?:(?:-? ?[-\u2013] ?| through )(?P<last>{_CODE}))?(?![0-9A-Za-z])", re.ASCII
)


class Span(NamedTuple):
    """Undotted codes, both inclusive, each with everything below it; one code is a span whose ends are equal."""

    first: str
    last: str

    def holds(self, code: str) -> bool:
        """Whether an undotted code stands in the span."""
        return self.first <= code and (code <= self.last or code.startswith(self.last))

    @property
    def width(self) -> int:
        """How many categories lie between its ends, about; 0 within one category."""
        return _place(self.last) - _place(self.first)


@lru_cache(maxsize=50_000)
def spans_in(text: str) -> tuple[Span, ...]:
    """The spans in the order of the text, each once. What runs backwards is taken as two codes, not as a range."""
    return tuple(dict.fromkeys(_spans(text)))


def _spans(text: str) -> Iterator[Span]:
    for found in _SPAN.finditer(text):
        if not any(character.isdigit() for character in found["first"]):
            continue  # a word in capitals
        first, last = found["first"].replace(".", ""), (found["last"] or found["first"]).replace(".", "")
        if first <= last:
            yield Span(first, last)
        else:
            yield Span(first, first)
            yield Span(last, last)


def _place(code: str) -> int:
    """A category's place in order, A00 being 0; letters stand behind digits."""
    return (ord(code[0]) - ord("A")) * 36 * 36 + int(code[1:3], 36)


def prefixes(code: str) -> list[str]:
    """The undotted code and everything above it that a span could name, from the category down: E11, E116, E1165."""
    return [code[:length] for length in range(3, len(code) + 1)] if len(code) >= 3 else [code]
