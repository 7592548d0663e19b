"""Which releases hold the codes of a system: on a day one edition of the whole code set, and our selection."""

from collections.abc import Iterable, Mapping
from datetime import date

from services.catalog.editions import Editions, part_key
from services.catalog.records import Holding, ReleaseRecord
from services.catalog.systems import SELECTION, System


def sources_of(system: System, releases: Mapping[str, ReleaseRecord]) -> list[ReleaseRecord]:
    """The releases that hold a system's codes, of one release a slot: the whole code set first, then our selection.

    Two kinds of files may bring one code set whole. The edition that began last goes before, so that none speaks for
    days on which another has taken its place; of the same day it is the kind that says more.
    """
    named = (name for kind in system.whole for name in (kind, part_key(kind, system.id)) if name in releases)
    whole = [releases[name] for name in named if system.id in releases[name].systems]
    newest = max(whole, key=lambda release: release.effective_from or date.min, default=None)
    selection = releases.get(SELECTION) if SELECTION in system.sources else None
    return [release for release in (newest, selection) if release is not None]


def holdings(systems: Iterable[System], releases: Mapping[str, ReleaseRecord]) -> list[Holding]:
    """The releases that hold the codes of systems."""
    return [Holding(system.id, release.id) for system in systems for release in sources_of(system, releases)]


def editions_of(system: System, editions: Editions[ReleaseRecord]) -> list[ReleaseRecord]:
    """Every edition of the whole code set that answers, oldest first; of one first day the kind that says more."""
    by_day: dict[date, ReleaseRecord] = {}
    for kind in reversed((*system.whole, *system.licensed)):
        held = (release for release in editions.of(kind) if system.id in release.systems)
        by_day.update({release.effective_from or date.min: release for release in held})
    return [by_day[day] for day in sorted(by_day)]


def answering(editions: Editions[ReleaseRecord], day: date | None, today: date) -> Mapping[str, ReleaseRecord]:
    """The releases that answer for a date of service; without one those of today, and of a slot that is yet to begin
    the one in force.
    """
    return editions.on(day) if day else {**editions.on(), **editions.on(today)}


def unreached(editions: Editions[ReleaseRecord], day: date | None) -> dict[str, ReleaseRecord]:
    """By slot the oldest release of those that do not reach back to a date of service."""
    return {slot: editions.of(slot)[0] for slot in editions.unknown_on(day)} if day else {}
