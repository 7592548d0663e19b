"""Terms as the Alphabetic Index writes them: with their other forms behind commas, as in "Ulcer, ulcerated", and with
NEC as the heading of further ones, as in "blood vessel NEC, radial artery".

Forms are one word of the query and not several: no title says all of them. Nor does one say what heads it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from msgspec.structs import replace

from services.search.kin import stem_of
from services.search.lexicon import Word

LEAST, OWN = 4, 5
"""So many letters the shorter form has at least, and so many two forms share unless one is the other's beginning."""
MOST_APART = 5
"""So many letters an ending has by which forms differ."""
SPECIFIED = 3
"""So many words before NEC may "specified" stand that belongs to it: specified blood vessel NEC."""
_OF_ITS_OWN = re.compile(r"^(?:i?tis|o?mas?|o?ids?|algia|o?pathy|penia|emia|ectomy)$")
"""Endings that make another thing of a word: hemorrhage and hemorrhoid, thyroid and thyroiditis."""


def with_forms(text: str, words: Sequence[Word]) -> Sequence[Word]:
    """The words of a text; one that has other forms behind it, each behind a comma, with those as one."""
    if "," not in text:
        return words
    found: list[Word] = []
    last: Word | None = None
    for word in words:
        if found and last is not None and _divided(text, last, word) and _one_word(found[-1], word):
            found[-1] = replace(found[-1], forms=(*found[-1].forms, word.normal))
        else:
            found.append(word)
        last = word
    return found


def without_headings(words: Sequence[Word]) -> Sequence[Word]:
    """Words without NEC that heads those behind it. Behind "specified", and at the end, it says "other"."""
    heads = [_heads(words, place) for place in range(len(words))]
    return [word for word, heading in zip(words, heads, strict=True) if not heading] if any(heads) else words


def _heads(words: Sequence[Word], place: int) -> bool:
    if words[place].normal != "nec" or not 0 < place < len(words) - 1:
        return False
    return all(word.normal != "specified" for word in words[max(place - SPECIFIED, 0) : place])


def _divided(text: str, word: Word, other: Word) -> bool:
    """Whether nothing but a comma stands between two words."""
    return text[word.end : other.start].strip() == ","


def _one_word(word: Word, other: Word) -> bool:
    """Whether two words are forms of one."""
    one, another = word.raw.casefold(), other.raw.casefold()
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, another, strict=False)))
    shorter = min(len(one), len(another))
    if shorter < LEAST or not (one.isalpha() and another.isalpha()):
        return False
    if stem_of(word.normal) == stem_of(other.normal):
        return True
    endings = one[shared:], another[shared:]
    alike = shared >= OWN or shared >= shorter - 1
    return alike and max(map(len, endings)) <= MOST_APART and not any(map(_OF_ITS_OWN.match, endings))
