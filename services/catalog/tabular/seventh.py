"""Seventh characters: which of those defined for a category complete one of its codes."""

import re
from collections.abc import Iterable, Sequence

Characters = tuple[tuple[str, str], ...]
Exceptions = tuple[tuple[str, str], ...]
"""Pairs of a seventh character that does not apply and the beginning pattern of codes it does not apply to."""

_SPEAKS_OF_EXCEPTION = re.compile(r"7th characters?\b.*\bdo(es)? not apply", re.IGNORECASE)
_EXCEPTION = re.compile(
    r"7th characters? (?P<characters>[A-Z0-9](?:(?:, and|, | and )[A-Z0-9])*) do(?:es)? not apply to codes in "
    r"category (?P<category>[A-Z][0-9A-Z]{2}) with 6th character (?P<sixth>[0-9A-Z])\b(?P<rest>.*)",
    re.IGNORECASE,
)
_OR = re.compile(r",? or ([0-9A-Z])\b(?= -|[.,]|$)")


def exceptions_in(notes: Iterable[str]) -> tuple[Exceptions, list[str]]:
    """The exceptions that notes state, and the notes that speak of one in words not understood.

    As published for S06: "7th characters D and S do not apply to codes in category S06 with 6th character 7 - death
    due to brain injury ..., or 8 - death due to other cause ...".
    """
    found: list[tuple[str, str]] = []
    unread: list[str] = []
    for note in notes:
        if not _SPEAKS_OF_EXCEPTION.search(note):
            continue
        match = _EXCEPTION.search(note)
        if match is None:
            unread.append(note)
            continue
        sixths = [match["sixth"], *_OR.findall(match["rest"])]
        characters = re.split(r", and |, | and ", match["characters"])
        found += [(c.upper(), f"{match['category'].upper()}..{sixth}") for c in characters for sixth in sixths]
    return tuple(found), unread


def characters_for(code: str, characters: Characters, exceptions: Exceptions) -> Sequence[tuple[str, str]]:
    """The seventh characters that complete a code."""
    padded = code.ljust(6, "X")
    barred = {character for character, pattern in exceptions if re.fullmatch(pattern, padded)}
    return [pair for pair in characters if pair[0] not in barred]
