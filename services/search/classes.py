"""What of a query fits a candidate, from the best to the least."""

from enum import IntEnum


class Class(IntEnum):
    """What of a query fits; the less, the better."""

    CODE = 0
    PREFIX = 1
    EXACT_TITLE = 2
    EXACT_TERM = 3
    PHRASE = 4
    ALL_WORDS = 5
    STARTS = 6
    ELSEWHERE = 7
    """All words, but not in one title or term."""
    SOME_WORDS = 8
