"""Which readings of a query's words count: longer ones first, no abbreviation inside of a phrase, which stand apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from msgspec.structs import replace

from services.search.lexicon import SIDES, STOP_WORDS, Kind, Reading, Word, place_of, split

NOT_SPECIFIED = "nos"
"""Behind a term it says that no more is known, which titles say in more ways than one, or by saying no more."""
UNSPECIFIED = "unspecified"
_OF_IT = frozenset(["part", "site", "type", "location"])
"""What is unspecified, where a word of it follows."""
CONVENTIONS = {"nec": "other", NOT_SPECIFIED: UNSPECIFIED}
"""What the classification's own abbreviations say behind a term (ICD-10-CM Guidelines I.A.6)."""

OPERATIONS = frozenset([
    "alteration", "bypass", "control", "creation", "destruction", "detachment", "dilation", "division", "drainage",
    "excision", "extirpation", "extraction", "fragmentation", "fusion", "insertion", "inspection", "introduction",
    "irrigation", "occlusion", "reattachment", "release", "removal", "repair", "replacement", "reposition", "resection",
    "restriction", "revision", "supplement", "transfer", "transfusion", "transplantation",
])  # fmt: skip
"""Root operations of ICD-10-PCS, in their normal forms."""


def without_sides(text: str) -> tuple[str, str]:
    """A text without the sides that it says, and those; as it is and none, where it says nothing else. A single letter
    may say something else: L-spine.
    """
    words = split(text)
    sides = [word for word in words if word.normal in SIDES and len(word.raw) > 1]
    if not sides or len(sides) == len(words):
        return text, ""
    return _without(text, sides), ", ".join(f"“{side.raw}”" for side in sides)


def without_unknown(text: str, unknown: Collection[str]) -> str:
    """A text without words that no entry has, and the small ones that tie them to the others: hypothyroid on Zyx. Empty
    where nothing else is said.
    """
    gone: list[Word] = []
    small: list[Word] = []
    for word in split(text):
        if word.raw in unknown:
            gone += [*small, word]
        small = [*small, word] if word.normal in STOP_WORDS else []
    rest = _without(text, gone)
    return rest if re.search(r"[^\W\d_]{2}", rest) else ""


def _without(text: str, gone: Sequence[Word]) -> str:
    """A text without some of its words."""
    rest, at = "", 0
    for word in gone:
        rest, at = f"{rest}{text[at : word.start].rstrip()} ", word.end
    return (rest + text[at:].lstrip()).lstrip()


def of_convention(words: Sequence[Word], reading: Reading) -> bool:
    """Whether an abbreviation is read that stands behind other words as the classification's own: NEC or NOS
    (ICD-10-CM Guidelines I.A.6).
    """
    word = words[reading.start].normal
    return reading.start > 0 and word in CONVENTIONS and reading.row.kind is Kind.ABBREVIATION


def meant(readings: Sequence[Reading], systems: Sequence[str] = ()) -> list[Reading]:
    """Without those inside of longer phrases, which say what is meant by them: PEG tube placement. Of some code sets a
    phrase says it whose row is in the words of one of them, or of none.
    """
    spans = {(each.start, each.end) for each in readings if not systems or each.row.system in {"", *systems}}

    def inside(reading: Reading) -> bool:
        size = reading.end - reading.start
        return any(start <= reading.start and reading.end <= end and end - start > size for start, end in spans)

    return [each for each in readings if not inside(each)]


def longer_first(given: list[Reading], turned: Sequence[Reading]) -> list[Reading]:
    """Readings of phrases as they are written, and of turned ones where the same words are no phrase as they are."""
    written = {(each.start, each.end) for each in given}
    further = [each for each in turned if (each.start, each.end) not in written]
    return sorted([*given, *further], key=place_of) if further else given


def once(readings: Iterable[Reading]) -> list[Reading]:
    """Readings without those that put the same words in the same place as one before: GORD and GERD are written out in
    two spellings of one word.
    """
    told: dict[tuple[int, int, tuple[str, ...], bool, bool], Reading] = {}
    for each in readings:
        told.setdefault((each.start, each.end, each.words, each.begun, each.goes_on), each)
    return list(told.values())


def taken_for(words: Sequence[Word], taken: Sequence[Word], reading: Reading) -> tuple[tuple[str, str], ...]:
    """The words of a reading that were taken for others."""
    span = slice(reading.start, reading.end)
    return tuple((word.raw, other.raw) for word, other in zip(words[span], taken[span], strict=True) if word != other)


def specified(words: Sequence[str]) -> tuple[str, ...]:
    """What a title says without that more is not known, as others say it of which the query tells more: a malignant
    neoplasm of unspecified part of bronchus or lung is one of its upper lobe.
    """
    told = [
        word
        for place, word in enumerate(words)
        if word != UNSPECIFIED and not (word in _OF_IT and place and words[place - 1] == UNSPECIFIED)
    ]
    return tuple(told) or tuple(words)


def overlap(one: Reading, other: Reading) -> bool:
    """Whether a word is part of both."""
    return one.start < other.end and other.start < one.end


def written_out(words: Sequence[Word], given: Sequence[Reading]) -> tuple[list[Word], list[int]]:
    """Words with those written out that are short for one thing alone, and the place of each among the words as they
    were typed; none where nothing is short. Phrases are abbreviated in part: forehead lac, white coat htn.
    """
    short = {each.start: each.row.expansion for each in given if _short(words, each)}
    if not short or len(words) == 1:
        return [], []
    whole: list[Word] = []
    places: list[int] = []
    for place, word in enumerate(words):
        if place not in short:
            whole.append(word)
            places.append(place)
            continue
        written = split(short[place])
        whole += [replace(each, start=word.start, end=word.end) for each in written]
        places += [place] * len(written)
    return whole, places


def _short(words: Sequence[Word], reading: Reading) -> bool:
    """Whether a reading is of one word that is short for one thing alone, and for no side."""
    one = reading.end - reading.start == 1 and words[reading.start].normal not in SIDES
    return one and reading.row.kind is Kind.ABBREVIATION and not reading.ambiguous


def as_typed(words: Sequence[Word], whole: Sequence[Word], places: Sequence[int], reading: Reading) -> Reading | None:
    """A reading of words that were written out as one of those that were typed; none of a part of an abbreviation, of
    an abbreviation alone, or of words that are no other.
    """
    first, last = places[reading.start], places[reading.end - 1]
    cut = reading.start and places[reading.start - 1] == first
    cut = cut or (reading.end < len(places) and places[reading.end] == last)
    if cut or first == last or tuple(whole[reading.start : reading.end]) == tuple(words[first : last + 1]):
        return None
    return replace(reading, start=first, end=last + 1)


def spans_of(readings: Sequence[Reading]) -> tuple[list[list[Reading]], list[Reading]]:
    """Readings by the words that they are of, from the left, of spans that do not overlap; and the rest."""
    spans: dict[tuple[int, int], list[Reading]] = {}
    beside: list[Reading] = []
    for reading in readings:
        span = reading.start, reading.end
        if span in spans or not any(overlap(reading, each[0]) for each in spans.values()):
            spans.setdefault(span, []).append(reading)
        else:
            beside.append(reading)
    return [spans[span] for span in sorted(spans)], beside
