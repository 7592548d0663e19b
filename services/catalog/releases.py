"""Releases as they are recorded: which one to go back to, which to keep, and the port to where they are kept."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.catalog.editions import (
    CUMULATIVE,
    answering_after_import,
    answering_after_revert,
    by_slot,
    in_order,
    slot_key,
)
from services.catalog.rows import Edition, Row
from shared.errors import FailedPrecondition, InvalidInput

FEWEST_KEPT = 1
"""Readers that began on the release before, and cursors into it, go on while the newest comes into force."""
KEPT = 2


@dataclass(frozen=True, slots=True)
class Release:
    """A release as it is recorded."""

    id: str
    kind: str
    setting: str
    """The setting it is for; empty where its kind has none."""
    title: str
    publisher: str
    edition: str
    effective_from: date | None
    effective_to: date | None
    systems: tuple[str, ...]
    checksum: str
    entries: int
    imported_by: str
    imported_at: datetime
    licence_accepted_by: str | None
    answering: bool = False
    """Whether it answers for its days."""
    in_force: bool = False
    """Whether it answers where no day is named: the last of those of its slot that answer."""
    number: int = 0
    """Its place in the order of imports; 0 while it is not recorded."""

    @property
    def slot(self) -> str:
        """The name of its kind and setting."""
        return slot_key(self.kind, self.setting)


@dataclass(frozen=True, slots=True)
class Standing:
    """Which releases of a slot answer after a change, and what the change is about."""

    published: Release
    """The release that was imported, or that the slot was put back to."""
    answering: tuple[Release, ...]
    """Those that answer, the one in force last."""
    before: Release | None
    """The one that was in force."""
    replaced: str
    """The id of the release in whose place the published one answers; empty when it answers beside all others."""

    @property
    def in_force(self) -> Release:
        """The release in force after the change."""
        return self.answering[-1]


def after_import(known: Sequence[Release], new: Release) -> Standing:
    """How the slot stands when a release was added to those known."""
    answering = answering_after_import([release for release in known if release.answering], new)
    before = next((release for release in known if release.in_force), None)
    if answering[-1] is new:
        replaced = before.id if before else ""
    else:
        same_day = (r.id for r in known if r.answering and r.effective_from == new.effective_from)
        replaced = next(same_day, "")
    return Standing(new, tuple(answering), before, replaced)


def after_revert(known: Sequence[Release], target: Release) -> Standing:
    """How the slot stands when it was put back to one of its releases."""
    answering = answering_after_revert([release for release in known if release.answering], target)
    before = next((release for release in known if release.in_force), None)
    return Standing(target, tuple(answering), before, before.id if before else "")


class ReleaseWriter(Protocol):
    """The releases of one slot, held by one transaction: all of it comes to be, or nothing."""

    async def releases(self) -> list[Release]:
        """Give the releases that are kept, newest first."""
        ...

    async def copy_rows(self, release_id: str, table: str, rows: Sequence[Row]) -> None:
        """Add rows of one table to a release that is not published yet."""
        ...

    async def copy_blocks(self, release_id: str, table: str, blocks: AsyncIterator[bytes]) -> None:
        """Add ready rows of one table (see `rows.Block`) to a release that is not published yet."""
        ...

    async def add(self, release: Release, edition: Edition) -> Release:
        """Record a release, not answering yet; gives it with its number."""
        ...

    async def publish(self, standing: Standing, subject: str, now: datetime) -> int:
        """Let a slot stand as it shall, and tell; gives the codes that changed for readers who name no day."""
        ...

    async def remove_content(self, release: Release, now: datetime) -> None:
        """Remove what a release holds; the record of who imported it and when stays."""
        ...

    async def once(self, request_id: str, request: bytes, work: Callable[[], Awaitable[bytes]]) -> bytes:
        """Do the work once for a request id, and give its answer every time; Conflict for another request."""
        ...


class ReleaseStore(Protocol):
    """Where releases are kept."""

    def changing(self, kind: str, setting: str = "") -> AbstractAsyncContextManager[ReleaseWriter]:
        """Hold a slot for a change; Conflict when another change of it is running."""
        ...

    async def releases(self, kind: str = "") -> list[Release]:
        """Give all releases that are kept, or those of one kind, newest first."""
        ...

    async def answered(self) -> bool:
        """Wait until every running process answers from what is published; False when one takes too long."""
        ...

    async def settle(self) -> None:
        """Make reading fast again after many rows came or went."""
        ...


def to_revert_to(known: Sequence[Release], slot: str, release_id: str = "") -> Release:
    """The release of a slot that is named, or the one before the one in force; FailedPrecondition when there is none.

    The one before is what the one in force replaced or stands behind: one that answers, or had the same first day.
    """
    if release_id:
        found = [release for release in known if release.id == release_id]
        if not found:
            raise FailedPrecondition("RELEASE_UNKNOWN", f"There is no release {release_id} of {slot}.")
        if found[0].in_force:
            raise FailedPrecondition("RELEASE_IN_FORCE", f"Release {release_id} of {slot} is in force already.")
        return found[0]
    ordered = in_order(known)
    present = next((place for place, release in enumerate(ordered) if release.in_force), 0)
    earlier = ordered[:present]
    if not earlier:
        raise FailedPrecondition("NOTHING_TO_REVERT_TO", f"There is no older release of {slot} to go back to.")
    first_day = ordered[present].effective_from
    near = [release for release in earlier if release.answering or release.effective_from == first_day]
    return (near or earlier)[-1]


def superseded(known: Sequence[Release], keep: int) -> list[Release]:
    """Of all releases of some slots, newest first, those that go.

    In each slot those stay that answer, and the `keep` newest others. Of a kind whose last release answers for every
    day, the earlier ones count among the others.

    Raises:
        InvalidInput: fewer than one other would be kept, and then nobody could go back.

    """
    if keep < FEWEST_KEPT:
        raise InvalidInput(
            "KEEP_WRONG", f"keep: {keep} earlier releases would be kept; {FEWEST_KEPT} or more are needed to go back."
        )
    return [release for slot in by_slot(known).values() for release in [r for r in slot if not _needed(r)][keep:]]


def _needed(release: Release) -> bool:
    return release.in_force or (release.answering and release.kind not in CUMULATIVE)
