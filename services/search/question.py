"""A question: a reading of a query, its words, and what stands for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.search.engine import Group
from services.search.lexicon import Reading

EXACT, STARTS, DERIVED, KIN = 1.0, 0.9, 0.75, 0.6
"""How much a term counts that stands for a word: itself, begun by it, of one stem, near in meaning. What counts less is
far kin."""


@dataclass(eq=False)
class Asked:
    """A word of the question; a thing of its own, by which can be kept what was found for it."""

    term: str
    typed: str
    terms: dict[int, float] = field(default_factory=dict)
    """Terms that stand for it, with what each counts."""
    started: Sequence[int] = ()
    """Terms that begin with it, when it is the last word."""
    start: str = ""
    correction: str = ""
    """The word that it was corrected to."""
    groups: dict[float, Group] = field(default_factory=dict)
    """What engines are asked for it, by what terms count at least; the finder keeps it here."""
    weight: float = 0.0
    """How telling it is; one that nothing has tells nothing."""

    @cached_property
    def near(self) -> list[int]:
        """The terms that stand for it by themselves."""
        return [number for number, count in self.terms.items() if count >= KIN]

    @property
    def begun(self) -> range:
        """The terms that begin with it, those that stand together."""
        return self.started if isinstance(self.started, range) else range(0)

    @property
    def apart(self) -> Sequence[int]:
        """The terms that begin with it and stand apart."""
        return () if isinstance(self.started, range) else self.started

    @cached_property
    def counts(self) -> tuple[NDArray[np.int64], NDArray[np.float32], int]:
        """The terms that begin with it and stand apart, and behind them those that stand for it, with what each counts,
        and how many the former are, as ranking reads them.
        """
        apart = self.apart
        numbers, counts = [*apart, *self.terms], [*(STARTS for _ in apart), *self.terms.values()]
        return np.array(numbers, np.int64), np.array(counts, np.float32), len(apart)

    @property
    def known(self) -> bool:
        """Whether the table has anything for it."""
        return bool(self.terms) or bool(self.started)


@dataclass
class Question:
    """A reading of the query."""

    words: list[Asked]
    substitution: Reading | None = None
    also: tuple[Reading, ...] = ()
    """Further substitutions in the same query: HTN with CKD."""
    group: str = ""
    """The reading, where an abbreviation has several."""
    meant: tuple[tuple[str, str], ...] = ()
    """Words of what was substituted that were misspelt, each with what it was taken for."""

    aside: tuple[str, ...] = ()
    """Words of the query that it leaves aside."""

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What was put in place of words, from the left."""
        return () if self.substitution is None else (self.substitution, *self.also)

    @cached_property
    def reason(self) -> str:
        """What was put in place of what; empty where nothing was."""
        return "; ".join(each.reason for each in self.readings)

    @property
    def begun(self) -> bool:
        """Whether a phrase was put in place of its beginning."""
        return self.substitution is not None and any(each.begun for each in self.readings)

    @property
    def goes_on(self) -> bool:
        """Whether more words of a phrase would have to follow."""
        return self.substitution is not None and any(each.goes_on for each in self.readings)

    @property
    def known(self) -> bool:
        """Whether the table has something for each word."""
        return all(word.known for word in self.words)

    @cached_property
    def terms(self) -> frozenset[int]:
        """The terms that stand for any of the words."""
        return frozenset().union(*[word.near for word in self.words])

    @property
    def started(self) -> Sequence[int]:
        """The terms that the last word begins."""
        return self.words[-1].started if self.words else ()

    @cached_property
    def corrections(self) -> Sequence[tuple[str, str]]:
        """Words that were corrected, each with what it was taken for."""
        return [*self.meant, *((word.typed, word.correction) for word in self.words if word.correction)]
