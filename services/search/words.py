"""Words as search compares them: the lexicon's normal forms, without those that no code is told apart by."""

import re

from services.search.lexicon import STOP_WORDS, Word, normal_form, placed_words, split, words

__all__ = ["STOP_WORDS", "Word", "beginning_of", "has_digit", "normal_form", "placed_terms", "split", "terms_of"]

_NUMBER = re.compile(r"\d")


def terms_of(text: str) -> list[str]:
    """The terms of a text without stop words; with them when there is nothing else."""
    terms = words(text)
    return [term for term in terms if term not in STOP_WORDS] or list(terms)


def placed_terms(text: str) -> list[tuple[str, int, int]]:
    """The same, each with its first and next character."""
    placed = placed_words(text)
    return [each for each in placed if each[0] not in STOP_WORDS] or placed


def beginning_of(word: str) -> str:
    """The beginning of terms that a word begins. A letter behind it keeps it from being a plural."""
    return normal_form(f"{word}q")[:-1]


def has_digit(text: str) -> bool:
    """Whether a digit is in it: such words are never corrected."""
    return bool(_NUMBER.search(text))
