"""Compares two releases, of a kind or of one code set: which codes one adds, deletes and revises, and their texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from services.catalog import cursors
from services.catalog.records import Key, ReleaseRecord
from shared.clock import Clock
from shared.errors import InvalidInput, NotFound

LARGEST_PAGE = 1_000
LICENSED_KINDS = frozenset({"cpt", "cdt"})
"""Kinds whose texts belong to somebody: comparisons name their codes alone, but to operators, who loaded them."""
KINDS_OF_ONE_SET = frozenset({"icd10cm-order", "icd10cm-tabular"})
"""Kinds of files that hold the same code set, ICD-10-CM: releases of one are compared with those of the other."""
COMPARED_OF_BOTH = (
    "The releases are of two kinds of files. Compared are categories and codes, their titles and whether they may be "
    "reported; chapters, blocks, notes and short descriptions, which one kind alone has, are left out."
)
WITHHELD = "licensed text, not shown here"


class Change(StrEnum):
    """What happened to a code from one release to the other."""

    ADDED = "added"
    DELETED = "deleted"
    REVISED = "revised"


@dataclass(frozen=True, slots=True)
class CodeDifference:
    """A code that two releases differ in, with what each says of it."""

    system: str
    code: str
    change: Change
    old_text: str
    new_text: str
    """Of a code set the names; of a table the rows that the other release has not, the first few."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many codes two releases differ in."""

    added: int
    deleted: int
    revised: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A part of what two releases differ in."""

    old: ReleaseRecord
    new: ReleaseRecord
    counts: Counts
    differences: tuple[CodeDifference, ...]
    next_page_token: str
    today: date


class Comparisons(Protocol):
    """Where releases are compared."""

    async def release(self, release_id: str) -> ReleaseRecord | None:
        """Give a release whose content is kept."""
        ...

    async def counts(self, old: ReleaseRecord, new: ReleaseRecord) -> Counts:
        """Compare two releases, unless it was done before; of two kinds what both state."""
        ...

    async def differences(
        self, old: ReleaseRecord, new: ReleaseRecord, change: str, after: Key, limit: int
    ) -> Sequence[CodeDifference]:
        """Give codes that two compared releases differ in, in order of system and code, from behind one."""
        ...


class Comparing:
    """Compares releases for readers and operators."""

    def __init__(self, comparisons: Comparisons, clock: Clock) -> None:
        """Take where releases are compared, and the clock by which they are current or not."""
        self._comparisons = comparisons
        self._clock = clock

    async def compare(
        self, old_id: str, new_id: str, change: str, asked: int, token: str, *, licensed_texts: bool
    ) -> Comparison:
        """What changed from one release to another, a page of it; `change` leaves out all but one kind of change.

        Raises:
            NotFound: a release does not exist, or its content was removed.
            InvalidInput: the two are of kinds that are not compared, or size, cursor or change are wrong.

        """
        size = cursors.page_size(asked, largest=LARGEST_PAGE)
        if change and change not in {each.value for each in Change}:
            raise InvalidInput(
                "CHANGE_UNKNOWN",
                f"change: expected are {', '.join(Change)}, or nothing for all of them.",
                metadata={"field": "change"},
            )
        old, new = await self.release(old_id, "old_release_id"), await self.release(new_id, "new_release_id")
        if old.kind != new.kind and not {old.kind, new.kind} <= KINDS_OF_ONE_SET:
            raise InvalidInput(
                "KINDS_DIFFER",
                f"Releases of one kind are compared, or of {' and '.join(sorted(KINDS_OF_ONE_SET))}; {old.id} is of "
                f"{old.kind} and {new.id} of {new.kind}.",
            )
        after = self._after(token, old, new, change)
        counts = await self._comparisons.counts(old, new)
        found = await self._comparisons.differences(old, new, change, after, size + 1)
        shown = found[:size]
        last = shown[-1] if len(found) > size else None
        if new.kind in LICENSED_KINDS and not licensed_texts:
            shown = [_withheld(difference) for difference in shown]
        return Comparison(
            old,
            new,
            counts,
            tuple(shown),
            cursors.to_token(old.id, new.id, change, last.system, last.code) if last else "",
            self._clock.now().date(),
        )

    async def release(self, release_id: str, field: str = "release_id") -> ReleaseRecord:
        """A release whose content is kept; NotFound when there is none."""
        found = await self._comparisons.release(release_id)
        if found is None:
            raise NotFound(
                "RELEASE_UNKNOWN", f"{field}: there is no such release, or its content was removed.",
                metadata={"field": field},
            )  # fmt: skip
        return found

    def _after(self, token: str, old: ReleaseRecord, new: ReleaseRecord, change: str) -> Key:
        if not token:
            return "", ""
        old_id, new_id, of_change, system, code = cursors.from_token(token, str, str, str, str, str)
        if (old_id, new_id, of_change) != (old.id, new.id, change):
            raise cursors.malformed()
        return str(system), str(code)


def _withheld(difference: CodeDifference) -> CodeDifference:
    old, new = (WITHHELD if text else "" for text in (difference.old_text, difference.new_text))
    return CodeDifference(difference.system, difference.code, difference.change, old, new)
