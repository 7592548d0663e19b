"""Words of a query or a title in the one form in which they are compared: plural, possessive, hyphen, accent, UK/US."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from services.search.lexicon.loading import own_rows
from services.search.lexicon.row import Kind, Match, Row

_APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"
_WORD = re.compile(rf"[^\W_]+(?:[{_APOSTROPHES}][^\W_]+)*[{_APOSTROPHES}]?")
_POSSESSIVE = re.compile(rf"(?:[{_APOSTROPHES}]s|[{_APOSTROPHES}])$")
_INNER = re.compile(rf"[{_APOSTROPHES}]")

_KEPT = frozenset(
    [
        "abdominis", "always", "amblyopias", "ascites", "aspergillosis", "atlas", "biceps", "caries",
        "diabetes", "feces", "forceps", "gas", "has", "herpes", "his", "kansas", "lens", "lues", "measles",
        "mens", "menses", "mumps", "pancreas", "pubes", "quadriceps", "rabies", "rickets", "scabies", "series",
        "species", "tabes", "texas", "this", "thus", "trans", "triceps", "was", "yaws", "yes"
    ]
)  # fmt: skip
"""Words that look like plurals and are none."""

STOP_WORDS = frozenset(["a", "an", "and", "as", "at", "by", "for", "from", "in", "is", "of", "on", "or", "the", "to"])
"""Words that no code is told apart by. "With", "without", "no", "not" are kept: they turn a code into another one."""
SIDES = {
    "left": "left", "right": "right", "bilateral": "bilateral", "l": "left", "r": "right", "lt": "left", "rt": "right",
    "bil": "bilateral", "bilat": "bilateral", "both": "bilateral",
}  # fmt: skip
"""Words that are said anywhere in a phrase and are no part of its name, with what they say: broken left hip, s/p R TKA.
"""


class Word(msgspec.Struct, frozen=True, gc=False):
    """A word as it was typed and in its normal form."""

    raw: str
    """Without the possessive, in the case it was typed."""
    normal: str
    """In small letters, without accents, American, singular."""
    start: int
    """First and next character in the text."""
    end: int
    forms: tuple[str, ...] = ()
    """Normal forms of its other forms, where those stand behind it."""


@lru_cache(maxsize=65_536)
def normal_form(word: str) -> str:
    """Give the form in which a word is compared. The normal form of a normal form is itself."""
    plain = _INNER.sub("", _folded(_POSSESSIVE.sub("", word)))
    return _singular(_spellings().american(plain))


@lru_cache(maxsize=1_024)
def split(text: str) -> tuple[Word, ...]:
    """Give the words of a text; hyphens, slashes and everything that is neither letter nor digit part them.

    Those of a query are asked for by all that read it.
    """
    found = []
    for match in _WORD.finditer(text):
        raw = _POSSESSIVE.sub("", match.group())
        found.append(Word(raw, normal_form(raw), match.start(), match.end()))
    return tuple(found)


def words(text: str) -> tuple[str, ...]:
    """Give the normal forms of a text's words."""
    return tuple([normal_form(word) for word in _WORD.findall(text)])


def placed_words(text: str) -> list[tuple[str, int, int]]:
    """Give the normal form of each word with its first and next character, a possessive among them."""
    return [(normal_form(match[0]), *match.span()) for match in _WORD.finditer(text)]


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    apart = unicodedata.normalize("NFKD", word.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(c for c in apart if not unicodedata.combining(c))


class _Spellings:
    """British spellings as one regular expression, and plurals that no rule makes."""

    def __init__(self, rows: tuple[Row, ...]) -> None:
        self.plurals: Mapping[str, str] = {row.term: row.expansion for row in rows if row.kind is Kind.PLURAL}
        spellings = [row for row in rows if row.kind is Kind.SPELLING]
        self._whole = {row.term: row.expansion for row in spellings if row.match is Match.WORD}
        parts = sorted((row for row in spellings if row.match is not Match.WORD), key=lambda row: -len(row.term))
        self._to = {row.term: row.expansion for row in parts}
        frames = {Match.START: r"^{}", Match.INSIDE: r"{}", Match.END: r"{}(?=s?$)"}
        self._parts = re.compile("|".join(frames[row.match].format(row.term) for row in parts))

    def american(self, word: str) -> str:
        """Give the American spelling of a word in small letters."""
        whole = self._whole.get(word) or self._whole.get(word.removesuffix("s"))
        return whole or self._parts.sub(lambda match: self._to[match.group()], word)


@lru_cache(maxsize=1)
def _spellings() -> _Spellings:
    return _Spellings(own_rows())


_ENDINGS = (
    (re.compile(r"omata$"), "oma"),
    (re.compile(r"(?<=[rlnt])ae$"), "a"),
    (re.compile(r"(?<=[a-z]{3})oses$"), "osis"),
    (re.compile(r"(?<=[a-z]{2})yses$"), "ysis"),
    (re.compile(r"(?<=th)eses$"), "esis"),
    (re.compile(r"(?<=[a-z]{2})ies$"), "y"),
    (re.compile(r"(?<=ss|sh)es$|(?<=[^a]ch)es$|(?<=x)es$|(?<=[bnrt]us)es$"), ""),
    (re.compile(r"(?<=[a-z]{2}[^aius])s$|(?<=[a-z]{3}a)s$"), ""),
)


def _singular(word: str) -> str:
    """Give the singular of a word in small letters; words of three letters, codes and numbers stay as they are."""
    irregular = _spellings().plurals.get(word)
    if irregular:
        return irregular
    if len(word) < 4 or word[-1] not in "aes" or word in _KEPT or not word.isalpha():
        return word
    for ending, singular in _ENDINGS:
        if ending.search(word):
            return ending.sub(singular, word)
    return word
