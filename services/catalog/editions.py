"""Which release answers for which day of service.

Releases of one kind and setting are a slot. In a slot the releases that answer stand beside each other, ordered by
their first day: a day is answered by the last one that has begun by then. The last of all is in force: it answers
when no day is named, and later days than its own last one (it is then said to be not current). Before the first day
of the oldest nothing is known. A release whose first day is not known answers every day before the next one begins.

A release may hold fewer code systems than an earlier one of its slot: HCPCS Level II is published with the modifiers
and without. It says nothing of those that it lacks, and for each the last one answers that holds it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Generic, Protocol, TypeVar

NEWEST_ANSWERS = frozenset({"house", "hcc"})
"""Kinds whose newest import answers for every day: our own texts, and mappings that go by year of payment."""
CUMULATIVE = frozenset({"ncci-ptp", "icd10cm-conversion"})
"""Kinds whose last release answers for every day: it holds the rows of all editions, each with its days (NCCI PTP
edit files, https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits; the ICD-10-CM
conversion table, which names each code since 2016 with its day)."""

MOST_DAYS_KEPT = 4_000
"""Days of which is kept what answers for them: claims ask for the same ones again."""


class Dated(Protocol):
    """What decides when a release answers."""

    @property
    def id(self) -> str:
        """The release's id."""
        ...

    @property
    def kind(self) -> str:
        """What was imported."""
        ...

    @property
    def setting(self) -> str:
        """The setting it is for; empty where its kind has none."""
        ...

    @property
    def systems(self) -> tuple[str, ...]:
        """The code systems that it says something of."""
        ...

    @property
    def effective_from(self) -> date | None:
        """Its first day; None where nobody knows."""
        ...

    @property
    def number(self) -> int:
        """Its place in the order of imports."""
        ...


AnyRelease = TypeVar("AnyRelease", bound=Dated)


def slot_key(kind: str, setting: str) -> str:
    """The name of a slot: the kind, and the setting behind a slash where there is one."""
    return f"{kind}/{setting}" if setting else kind


def part_key(slot: str, system: str) -> str:
    """The name of what a slot says of one code system, where another release of it than the last answers for that."""
    return f"{slot}:{system}"


def said_of(name: str, systems: Sequence[str]) -> Sequence[str]:
    """The code systems that a release answers for which stands by a name of `slot_key` or `part_key`."""
    part = name.partition(":")[2]
    return [part] if part else systems


def in_order(releases: Iterable[AnyRelease]) -> list[AnyRelease]:
    """Releases of one slot, the one that goes before all others last."""
    return sorted(releases, key=_place)


def _place(release: Dated) -> tuple[date, int]:
    first = release.effective_from if release.kind not in NEWEST_ANSWERS else None
    return first or date.min, release.number


class Editions(Generic[AnyRelease]):
    """The releases that answer, by slot. Slots bear the name of `slot_key`."""

    def __init__(self, answering: Iterable[AnyRelease]) -> None:
        """Take every release that answers."""
        slots: dict[str, list[AnyRelease]] = {}
        for release in answering:
            slots.setdefault(slot_key(release.kind, release.setting), []).append(release)
        self._slots = {name: in_order(releases) for name, releases in sorted(slots.items())}
        self._by_day: dict[date | None, Mapping[str, AnyRelease]] = {}

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all that answer."""
        return frozenset(release.id for releases in self._slots.values() for release in releases)

    def of(self, slot: str) -> Sequence[AnyRelease]:
        """The releases of a slot that answer, oldest first; none where nothing is loaded."""
        return self._slots.get(slot, ())

    def on(self, day: date | None = None) -> Mapping[str, AnyRelease]:
        """The release of each slot that answers for a day (None: the one in force); no entry where none does.

        Code systems that it lacks stand beside it by the name of `part_key`.
        """
        kept = self._by_day.get(day)
        if kept is None:
            kept = {name: r for slot, releases in self._slots.items() for name, r in _parts(slot, releases, day)}
            if len(self._by_day) >= MOST_DAYS_KEPT:
                self._by_day.clear()
            self._by_day[day] = kept
        return kept

    def unknown_on(self, day: date) -> dict[str, date]:
        """Slots that are loaded and do not know the day, each with the first day that it knows."""
        return {slot: first for slot, first in self._begins() if day < first}

    def _begins(self) -> Iterator[tuple[str, date]]:
        for slot, releases in self._slots.items():
            oldest = releases[0]
            if not _always(oldest) and oldest.effective_from is not None:
                yield slot, oldest.effective_from


def _always(release: Dated) -> bool:
    return release.kind in NEWEST_ANSWERS or release.kind in CUMULATIVE


def _parts(slot: str, releases: Sequence[AnyRelease], day: date | None) -> Iterator[tuple[str, AnyRelease]]:
    """The release of a slot that answers for a day, and those that answer for code systems which it lacks."""
    whole = _answering(releases, day)
    if whole is None:
        return
    yield slot, whole
    for system in sorted({system for release in releases for system in release.systems} - set(whole.systems)):
        part = _answering([release for release in releases if system in release.systems], day)
        if part is not None:
            yield part_key(slot, system), part


def _answering(releases: Sequence[AnyRelease], day: date | None) -> AnyRelease | None:
    last = releases[-1]
    if day is None or _always(last):
        return last
    begun = [release for release in releases if release.effective_from is None or release.effective_from <= day]
    return begun[-1] if begun else None


def answering_after_import(answering: Iterable[AnyRelease], new: AnyRelease) -> list[AnyRelease]:
    """Those of a slot that answer when a release was imported into it, in order.

    One with the same first day is corrected by the new one and answers no longer.
    """
    kept = [r for r in answering if r.effective_from != new.effective_from and r.kind not in NEWEST_ANSWERS]
    return in_order([*kept, new])


def answering_after_revert(answering: Iterable[AnyRelease], target: AnyRelease) -> list[AnyRelease]:
    """Those of a slot that answer when it was put back to a release: that one last, and none that goes before it."""
    earlier = [r for r in answering if _place(r) < _place(target) and r.effective_from != target.effective_from]
    return in_order([*(r for r in earlier if r.kind not in NEWEST_ANSWERS), target])


def by_slot(releases: Iterable[AnyRelease]) -> Mapping[str, list[AnyRelease]]:
    """All releases by slot, in the order given."""
    slots: dict[str, list[AnyRelease]] = {}
    for release in releases:
        slots.setdefault(slot_key(release.kind, release.setting), []).append(release)
    return slots
