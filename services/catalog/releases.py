"""Releases as they are recorded: which one to go back to, which to keep, and the port to where they are kept."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

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
    in_force: bool
    licence_accepted_by: str | None


class ReleaseWriter(Protocol):
    """The releases of one kind, held by one transaction: all of it comes to be, or nothing."""

    async def releases(self) -> list[Release]:
        """Give the releases that are kept, newest first."""
        ...

    async def copy_rows(self, release_id: str, table: str, rows: Sequence[Row]) -> None:
        """Add rows of one table to a release that is not published yet."""
        ...

    async def add(self, release: Release, edition: Edition) -> None:
        """Record a release, not in force yet."""
        ...

    async def publish(self, release: Release, subject: str, now: datetime) -> int:
        """Put a release in force in the place of the present one; gives the codes that changed by it."""
        ...

    async def remove_content(self, release: Release, now: datetime) -> None:
        """Remove what a release holds; the record of who imported it and when stays."""
        ...


class ReleaseStore(Protocol):
    """Where releases are kept."""

    def changing(self, kind: str) -> AbstractAsyncContextManager[ReleaseWriter]:
        """Hold a kind for a change; Conflict when another change of it is running."""
        ...

    async def releases(self, kind: str = "") -> list[Release]:
        """Give all releases that are kept, or those of one kind, newest first."""
        ...

    async def settle(self) -> None:
        """Make reading fast again after many rows came or went."""
        ...


def to_revert_to(known: Sequence[Release], kind: str, release_id: str = "") -> Release:
    """The release named, or the newest older than the one in force; FailedPrecondition when there is none."""
    if release_id:
        found = [release for release in known if release.id == release_id]
        if not found:
            raise FailedPrecondition("RELEASE_UNKNOWN", f"There is no release {release_id} of {kind}.")
        if found[0].in_force:
            raise FailedPrecondition("RELEASE_IN_FORCE", f"Release {release_id} of {kind} is in force already.")
        return found[0]
    present = next((place for place, release in enumerate(known) if release.in_force), None)
    if present is None or present + 1 == len(known):
        raise FailedPrecondition("NOTHING_TO_REVERT_TO", f"There is no older release of {kind} to go back to.")
    return known[present + 1]


def superseded(known: Sequence[Release], keep: int) -> list[Release]:
    """Of one kind's releases, newest first, those that go: all but the one in force and the `keep` newest others.

    Raises:
        InvalidInput: fewer than one other would be kept, and then nobody could go back.

    """
    if keep < FEWEST_KEPT:
        raise InvalidInput(
            "KEEP_WRONG", f"keep: {keep} earlier releases would be kept; {FEWEST_KEPT} or more are needed to go back."
        )
    return [release for release in known if not release.in_force][keep:]
