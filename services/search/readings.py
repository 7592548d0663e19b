"""Which readings of a query's words count: longer ones first, no abbreviation inside of a phrase, some together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product

from services.search.lexicon import Kind, Reading, Word

MOST_TOGETHER = 2
"""So many ways to substitute several words at once are tried."""
CONVENTIONS = {"nec": "other", "nos": "unspecified"}
"""What the classification's own abbreviations say behind a term (ICD-10-CM Guidelines I.A.6)."""


def of_convention(words: Sequence[Word], reading: Reading) -> bool:
    """Whether an abbreviation is read that stands behind other words as the classification's own: NEC or NOS
    (ICD-10-CM Guidelines I.A.6).
    """
    word = words[reading.start].normal
    return reading.start > 0 and word in CONVENTIONS and reading.row.kind is Kind.ABBREVIATION


def meant(readings: Sequence[Reading]) -> list[Reading]:
    """Without abbreviations inside of longer phrases, which say what is meant by them: PEG tube placement."""
    longer = [(each.start, each.end) for each in readings if each.end - each.start > 1]
    return [
        each
        for each in readings
        if each.row.kind is not Kind.ABBREVIATION
        or not any(
            start <= each.start and each.end <= end and end - start > each.end - each.start for start, end in longer
        )
    ]


def longer_first(given: list[Reading], turned: Sequence[Reading]) -> list[Reading]:
    """Readings of phrases as they are written, and of turned ones where the same words are no phrase as they are."""
    written = {(each.start, each.end) for each in given}
    further = [each for each in turned if (each.start, each.end) not in written]
    return sorted([*given, *further], key=lambda each: (each.start - each.end, each.start)) if further else given


def taken_for(words: Sequence[Word], taken: Sequence[Word], reading: Reading) -> tuple[tuple[str, str], ...]:
    """The words of a reading that were taken for others."""
    span = slice(reading.start, reading.end)
    return tuple((word.raw, other.raw) for word, other in zip(words[span], taken[span], strict=True) if word != other)


def apart(readings: Sequence[Reading]) -> list[tuple[Reading, ...]]:
    """Readings of spans of words that do not overlap, from the left, where there are several such spans."""
    spans: dict[tuple[int, int], list[Reading]] = {}
    for reading in readings:
        span = reading.start, reading.end
        if span in spans or all(span[1] <= start or end <= span[0] for start, end in spans):
            spans.setdefault(span, []).append(reading)
    return list(islice(product(*(spans[span] for span in sorted(spans))), MOST_TOGETHER)) if len(spans) > 1 else []
