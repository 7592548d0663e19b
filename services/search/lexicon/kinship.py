"""Far kin of a word: words of which a title may say one in its place, each with what it counts beside the word itself.

A part of the body leads to the wholes that titles name (toe, foot), a condition to its kind (cyst, disease), a compound
to the organ and the condition that it is made of (thelitis, nipple, inflammation). What else titles say for a word was
learned from terms and titles of the classifications themselves by `tests/search/learned_kin.py`. Far kin weigh what was
found; by themselves they are no reason why something is found.
"""

import csv
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from services.search.lexicon.words import normal_form

FOLDER = Path(__file__).parent / "kinship"
WHOLE, KIND = 0.48, 0.45
LEARNED, BY_SHARE, MOST_LEARNED = 0.2, 0.5, 0.45
"""What a learned word counts at least, how much its share adds, and what it counts at most."""
_NONE: Mapping[str, float] = {}


def far_kin(term: str) -> Mapping[str, float]:
    """The words, in normal form, that may stand for a word in normal form."""
    return _all().get(term, _NONE)


@lru_cache(maxsize=1)
def _all() -> Mapping[str, Mapping[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for word, other, count in (*_wholes_and_kinds(), *_compounds(), *_learned()):
        if word != other:
            of_word = found.setdefault(word, {})
            of_word[other] = max(count, of_word.get(other, 0.0))
    return found


def _wholes_and_kinds() -> Iterator[tuple[str, str, float]]:
    for name, count in (("wholes", WHOLE), ("kinds", KIND)):
        for word, others, _ in rows(name):
            for other in others.split():
                yield normal_form(word), normal_form(other), count


def _compounds() -> Iterator[tuple[str, str, float]]:
    """Every organ's root with every ending: those that are no words are never asked for."""
    for root, organ, _ in rows("roots"):
        for ending, others, _ in rows("endings"):
            for other in (organ, *others.split()):
                yield normal_form(root + ending), normal_form(other), WHOLE


def _learned() -> Iterator[tuple[str, str, float]]:
    for word, other, share in rows("learned"):
        yield word, other, min(MOST_LEARNED, LEARNED + BY_SHARE * float(share))


def rows(name: str) -> list[list[str]]:
    """The rows of a file without its head."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]
