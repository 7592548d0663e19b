"""Entries of code sets as search and terminology take them: every code that an edition loaded here holds, with the
words by which it is found, its days and what stands for it since. Licensed texts never leave by this way.
"""

import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple, Protocol

from services.catalog.editions import Editions
from services.catalog.holdings import editions_of, sources_of
from services.catalog.records import Conversion, Holding, Key, ReleaseRecord
from services.catalog.systems import FINAL, LICENSED, SELECTION, SYSTEMS, System, system_of
from services.catalog.validity import Days, Presence, days_of
from shared.clock import Clock
from shared.errors import InvalidInput

MOST_KEYS = 5_000
CONVERSION = "icd10cm-conversion"
NAMES = ("inclusion", "includes")
"""Notes of the Tabular List that name what a code is used for (Guidelines I.A.11)."""
ONE_DAY = timedelta(days=1)


class EntryRow(NamedTuple):
    """A code in the newest edition that holds it, and the editions that hold it with the days that they give it."""

    system: str
    code: str
    display: str
    kind: str
    heading: str
    official: bool
    reportable: bool
    has_page: bool
    children: int
    ordinal: int
    ancestors: list[str] | None
    body: Mapping[str, Any]
    release_id: str
    held_by: list[str]
    added: list[str | None]
    terminated: list[str | None]


class OurWords(NamedTuple):
    """What our text says of a code."""

    heading: str
    summary: str


class IndexTerm(NamedTuple):
    """A term of an index of ICD-10-CM with one of its codes."""

    index_name: str
    ordinal: int
    level: int
    path: list[str]
    nonessential: list[str]
    see: str
    see_also: str
    column_title: str
    relation: str
    code: str | None
    more: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry."""

    row: EntryRow
    title: str
    short_title: str
    terms: tuple[str, ...]
    names: tuple[str, ...]
    summary: str
    first_day: date | None
    last_day: date | None
    successors: tuple[str, ...]


class EntryStore(Protocol):
    """Where entries are read from."""

    def rows(self, held: Sequence[Holding], keys: Sequence[Key] | None) -> AsyncIterator[list[EntryRow]]:
        """Give every code that one of the releases holds, or those of the keys; of one code the first release's."""
        ...

    async def our_words(self, release_id: str) -> Mapping[Key, OurWords]:
        """Give our texts of a release."""
        ...

    async def conversions(self, release_id: str) -> Sequence[Conversion]:
        """Give the conversion table of a release, a row for each code that stood before."""
        ...

    def index_terms(self, release_ids: Sequence[str], index_name: str) -> AsyncIterator[list[IndexTerm]]:
        """Give the terms of the indexes of some releases, in order."""
        ...


class Releases(Protocol):
    """Where releases are read from."""

    async def editions(self) -> Editions[ReleaseRecord]:
        """Give every release that answers, to ask which one answers on a day."""
        ...


class Entries:
    """The entries of the code sets that are loaded."""

    def __init__(self, releases: Releases, store: EntryStore, clock: Clock) -> None:
        """Take where releases and entries are read from, and the clock that says which codes are deleted."""
        self._releases = releases
        self._store = store
        self._clock = clock

    async def export(self, names: Sequence[str]) -> AsyncIterator[tuple[list[Entry], Mapping[str, ReleaseRecord]]]:
        """Every entry of some systems, or of all, in order of system and code, with all releases by id."""
        systems = [system_of(name) for name in names] or list(SYSTEMS.values())
        async for part in self._entries(systems, None):
            yield part

    async def of(self, keys: Sequence[Key]) -> tuple[list[Entry], Mapping[str, ReleaseRecord]]:
        """The entries of some keys, those that exist."""
        if len(keys) > MOST_KEYS:
            raise InvalidInput(
                "KEYS_TOO_MANY", f"keys: up to {MOST_KEYS:,} codes are named at once; {len(keys):,} were asked for."
            )
        systems = [SYSTEMS[name] for name in dict.fromkeys(key[0] for key in keys) if name in SYSTEMS]
        found: list[Entry] = []
        releases: Mapping[str, ReleaseRecord] = {}
        async for entries, releases in self._entries(systems, keys):  # noqa: B007 - the last mapping is all of them
            found += entries
        return found, releases

    async def state(self) -> str:
        """A word that is another one whenever releases begin or cease to answer, and on another day."""
        answering = (await self._releases.editions()).ids
        text = "\n".join([self._clock.now().date().isoformat(), *sorted(answering)])
        return hashlib.sha256(text.encode()).hexdigest()

    async def index_terms(self, index_name: str) -> AsyncIterator[tuple[list[IndexTerm], Sequence[ReleaseRecord]]]:
        """The terms of the indexes that are in force."""
        in_force = (await self._releases.editions()).on()
        releases = [release for kind, release in in_force.items() if kind.startswith("icd10cm-index")]
        async for terms in self._store.index_terms([release.id for release in releases], index_name):
            yield terms, releases

    async def _entries(
        self, systems: Sequence[System], keys: Sequence[Key] | None
    ) -> AsyncIterator[tuple[list[Entry], Mapping[str, ReleaseRecord]]]:
        editions = await self._releases.editions()
        in_force = editions.on()
        present = {system.id: editions_of(system, editions) for system in systems}
        house, table = in_force.get(SELECTION), in_force.get(CONVERSION)
        making = _Making(
            self._clock.now().date(),
            present,
            await self._store.our_words(house.id) if house else {},
            Successions(await self._store.conversions(table.id) if table else ()),
            house.id if house else "",
        )
        releases = {release.id: release for release in in_force.values()}
        releases |= {release.id: release for of in present.values() for release in of}
        held = [holding for system in systems for holding in _holdings(system, present[system.id], in_force)]
        async for rows in self._store.rows(held, keys):
            yield [making.entry(row) for row in rows], releases


def _holdings(
    system: System, present: Sequence[ReleaseRecord], in_force: Mapping[str, ReleaseRecord]
) -> Iterator[Holding]:
    """The releases that hold a system's codes: what answers today, then the older editions, newest first."""
    first = sources_of(system, in_force)
    yield from (Holding(system.id, release.id) for release in first)
    yield from (Holding(system.id, release.id) for release in reversed(present) if release not in first)


class Successions:
    """What stands for deleted codes of ICD-10-CM: the codes that name them as the previous one, from the day after."""

    def __init__(self, conversions: Iterable[Conversion]) -> None:
        """Take the conversion table."""
        self._of: dict[tuple[str, date], list[str]] = {}
        for row in conversions:
            self._of.setdefault((row.previous, row.effective), []).append(row.code)

    def of(self, code: str, last_day: date) -> tuple[str, ...]:
        """The successors of a code whose last day is known."""
        return tuple(sorted(self._of.get((code, last_day + ONE_DAY), ())))


@dataclass(slots=True)
class _Making:
    """Makes entries of rows."""

    today: date
    editions: Mapping[str, Sequence[ReleaseRecord]]
    words: Mapping[Key, OurWords]
    successions: Successions
    selection: str
    """The release of our own texts; empty where there is none."""
    _days: dict[tuple[str, tuple[str, ...]], Days] = field(default_factory=dict)

    def entry(self, row: EntryRow) -> Entry:
        """An entry of a row; the title of a licensed set is left out."""
        days = self._days_of(row)
        official = not (row.official and row.system in LICENSED)
        ours = self.words.get((row.system, row.code))
        gone = days.valid is False and days.last_day is not None and days.last_day < self.today
        succession = self.successions.of(row.code, days.last_day) if gone and days.last_day else ()
        title = row.heading if official else ""
        return Entry(
            row=row,
            title=title,
            short_title=row.body.get("short", "") if official else "",
            terms=tuple(text for kind, texts in row.body.get("notes", ()) if kind in NAMES for text in texts),
            names=(ours.heading,) if ours and ours.heading != title else (),
            summary=ours.summary if ours else "",
            first_day=days.first_day,
            last_day=days.last_day,
            successors=succession if row.system == "icd10cm" else (),
        )

    def _days_of(self, row: EntryRow) -> Days:
        """The days of a code; most codes of a set are held by the same editions and are counted once."""
        if SYSTEMS[row.system].joined and row.release_id == self.selection:
            return Days(None, None, None, "")  # the editions of another publisher say nothing of a code of ours
        editions = self.editions.get(row.system, ())
        own = any(row.added) or any(row.terminated)
        key = row.system, tuple(row.held_by)
        if not own and key in self._days:
            return self._days[key]
        days = days_of([_presence(edition, row) for edition in editions], self.today)
        if not own:
            self._days[key] = days
        return days


def _presence(edition: ReleaseRecord, row: EntryRow) -> Presence:
    held = edition.id in row.held_by
    at = row.held_by.index(edition.id) if held else 0
    return Presence(
        edition=edition.edition,
        begins=edition.effective_from,
        ends=edition.effective_to,
        held=held,
        first_day=_day(row.added[at]) if held else None,
        last_day=_day(row.terminated[at]) if held else None,
        final=edition.kind in FINAL,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
