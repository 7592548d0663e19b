"""The port of engines: they find candidates among the entries by terms; which order they stand in is not theirs.

Terms are made by us, for documents and for questions, so that an engine never reads a word differently from another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol, runtime_checkable

import msgspec

from services.search.entry import Key

TITLE_FIELD, CONTEXT_FIELD, ANY_FIELD, START_FIELD, TAG_FIELD = "words", "context", "any", "starts", "tags"
LONGEST_START = 4
"""Beginnings of words up to so many characters are indexed themselves; longer ones are few words."""
CONTEXT_COUNTS = 0.3
"""What a term of what stands above an entry counts, against one of its own."""


@dataclass(frozen=True, slots=True)
class Document:
    """What an engine indexes of an entry."""

    key: Key
    number: int
    """The entry's row in the table of codes of the same generation."""
    words: str
    """The terms by which it is found, divided by blanks: of its title, its inclusion terms, its names and our text."""
    context: str
    """The terms of what stands above it."""
    starts: str
    """The beginnings of its terms, up to `LONGEST_START` characters, and all terms that are no longer than that, also
    those above it: of a word that is being typed what begins so has it too.
    """
    tags: str
    """What it can be filtered by."""
    standing: int
    """Engines that find more than they are asked for keep those that stand highest."""

    @property
    def any(self) -> str:
        """All terms, its own and those above it: whether an entry has a term at all is one question and not two."""
        return f"{self.words} {self.context}"


class Narrowed(NamedTuple):
    """Which entries count."""

    systems: tuple[str, ...] = ()
    billable_only: bool = False
    section: str = ""
    day: date | None = None

    def tags(self) -> list[tuple[str, ...]]:
        """Groups of tags; of each group an entry has to bear one. The day is not among them."""
        groups: list[tuple[str, ...]] = []
        if self.systems:
            groups.append(tuple(f"s:{system}" for system in self.systems))
        if self.billable_only:
            groups.append(("b:1",))
        if self.section:
            groups.append((f"x:{self.section.lower()}",))
        return groups


class Group(msgspec.Struct, frozen=True, cache_hash=True, gc=False):
    """Terms of which one is enough."""

    terms: tuple[str, ...]
    start: str = ""
    """Besides, any word that begins so; up to `LONGEST_START` characters."""
    own: bool = False
    """Whether terms of what stands above an entry do not count."""

    @property
    def field(self) -> str:
        """Where the terms are looked for."""
        return TITLE_FIELD if self.own else ANY_FIELD


class Weighted(NamedTuple):
    """A term of a question of which not all must be found."""

    term: str
    weight: int
    """A whole number: so sums are equal to the last bit whoever adds them up, and so are the entries that are found."""
    telling: bool = True
    """Entries without any telling one are not looked at: words like "without" are in every third. What stands above an
    entry counts for telling ones only."""

    own: bool = False
    """Whether it does not count there: it stands above too many, or is far from what was typed."""

    @property
    def above(self) -> int:
        """What it counts where it stands above an entry."""
        return max(round(self.weight * CONTEXT_COUNTS), 1) if self.telling and not self.own else 0


@runtime_checkable
class Weighing(Protocol):
    """Finds entries with some terms: an engine that can do it well, otherwise the postings of the table of codes."""

    async def some_of(self, terms: Sequence[Weighted], narrowed: Narrowed, limit: int) -> Sequence[Key | int]:
        """Give up to `limit` entries that have some of the terms, those whose terms weigh most together; of equal ones
        those with the least numbers.
        """
        ...


class Engine(Protocol):
    """An engine; a part of the service. Every method raises Unavailable while the engine is away."""

    @property
    def name(self) -> str:
        """Its name, for people and metrics."""
        ...

    async def generation(self) -> str:
        """Give the name of the generation that answers; empty before the first one."""
        ...

    async def shared(self, made_of: str) -> str:
        """Give the generation that answers when another process built it of the same; empty when it has to be built."""
        ...

    async def all_of(self, groups: Sequence[Group], narrowed: Narrowed, limit: int) -> Sequence[Key | int]:
        """Give up to `limit` entries that have a term of every group, those that stand highest.

        Entries are named by number or by key, as the engine knows them.
        """
        ...

    async def build(self, generation: str, documents: Iterable[Document], made_of: str = "") -> None:
        """Index documents as a generation beside the one that answers; nothing answers from it yet.

        What interrupted builds left is removed. `made_of` tells other processes what the generation is made of.

        They come in order of their numbers.
        """
        ...

    async def swap(self, generation: str) -> None:
        """Let a generation that was built answer, at once, and remove the others."""
        ...

    async def tidy(self) -> None:
        """Remove what a swap that was interrupted left of older generations than the one that answers."""
        ...

    async def update(self, documents: Sequence[Document], gone: Sequence[Key]) -> None:
        """Change documents of the generation that answers; they are found when this returns."""
        ...

    async def answers(self) -> bool:
        """Whether the engine can be asked."""
        ...
