"""Answers what a code is: finds it by any accepted spelling, composes its page, or names the nearest codes."""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Generic, TypeVar

from cachetools import LRUCache

from services.catalog import answers, near_matches
from services.catalog.editions import Editions, slot_key
from services.catalog.holdings import answering, editions_of, holdings, sources_of, unreached
from services.catalog.pages import conversions
from services.catalog.pages.code_page import codes_named, compose
from services.catalog.records import CodeRecord, Holding, Known, Library, Neighbourhood, ReleaseRecord
from services.catalog.systems import SELECTION, SYSTEMS, System, dotted, system_of, undotted
from services.catalog.validity import Presence, own_days
from shared.clock import Clock
from shared.errors import NotFound

KEPT_BYTES = 32 * 1024 * 1024
Page = TypeVar("Page")
_Edition = tuple[frozenset[str], date, date | None, str, str]


class Codes(Generic[Page]):
    """The codes of the releases in force, each as a page of whatever form its readers want."""

    def __init__(
        self,
        library: Library,
        clock: Clock,
        finish: Callable[[answers.Code], Page],
        size: Callable[[Page], int],
    ) -> None:
        """Take where codes are read from, the clock by which releases are current or not, and how a page is finished.

        `size` gives a finished page's bytes, by which the pages that were read last are kept.
        """
        self._library = library
        self._clock = clock
        self._finish = finish
        self._kept: LRUCache[_Edition, Page] = LRUCache(maxsize=KEPT_BYTES, getsizeof=size)

    async def page(self, system_name: str, spelling: str, day: date | None = None) -> Page:
        """Everything about one code on a date of service, or as of today.

        A page is kept for the releases and the days that it was composed for.

        Raises:
            NotFound: there is no such code, on that day or any other; metadata `near` lists the nearest as JSON.
            InvalidInput: the text has not the shape of a code.

        """
        system, code = system_of(system_name), undotted(spelling)
        editions = await self._library.editions()
        now = self._clock.now()
        edition = (editions.ids, now.date(), day, system.id, code)
        page = self._kept.get(edition)
        if page is None:
            page = self._finish(await self._compose(system, code, editions, day, now))
            with suppress(ValueError):  # too large to be kept
                self._kept[edition] = page
        return page

    async def _compose(
        self, system: System, code: str, editions: Editions[ReleaseRecord], day: date | None, now: datetime
    ) -> answers.Code:
        releases = answering(editions, day, now.date())
        whole, on = editions_of(system, editions), day or now.date()
        sources = sources_of(system, releases)
        presences, found, facts = await asyncio.gather(
            self._library.presences(whole, system.id, code),
            self._found(system, code, [source for source in sources if source.kind != SELECTION]),
            self._library.facts(releases, system.id, code, on),
        )
        found = found or await self._found(system, code, [*_nearest(whole, presences, on), *sources])
        if found is None:
            raise await self._unknown(system, code, releases)
        source, place = found
        if system.joined and source.kind == SELECTION:
            # The editions of another publisher say nothing of a code that is not theirs.
            presences = own_days(source.edition, place.record.body.get("added"))
        slot = slot_key(source.kind, source.setting)
        on_the_day = holdings(SYSTEMS.values(), releases)
        if releases.get(slot) is not source:  # beside another edition than the one that answers
            releases = {**releases, slot: source}
            facts = await self._library.facts(releases, system.id, code, on)
        known = Known(
            place,
            facts,
            source,
            releases,
            editions=tuple(conversions.begun(presences, facts.conversions, code)),
            asked=day,
            unreached=unreached(editions, day),
        )
        held = [
            *on_the_day,
            *(holding for holding in holdings(SYSTEMS.values(), releases) if holding not in on_the_day),
        ]
        named = await self._library.records(held, codes_named(known))
        return compose(known, named, now)

    async def _found(
        self, system: System, code: str, sources: Iterable[ReleaseRecord]
    ) -> tuple[ReleaseRecord, Neighbourhood] | None:
        """The first of some releases that has a page of a code, and the code there."""
        for source in dict.fromkeys(sources):
            place = await self._library.neighbourhood(source.id, system.id, code)
            if place is not None and place.record.has_page:
                return source, place
        return None

    async def _unknown(self, system: System, code: str, releases: Mapping[str, ReleaseRecord]) -> NotFound:
        """The error for a code that does not exist, with the nearest that do."""
        wanted = list(near_matches.candidates(code))
        held = holdings(SYSTEMS.values(), releases)
        near = near_matches.nearest(system.id, code, await self._library.same_in_any_system(held, wanted))
        successors = await self._successors(system, code, releases, held)
        offered = [*successors, *(record for record in near if record not in successors)]
        sentence = _absence(system, code, next(iter(sources_of(system, releases)), None))
        sentence += _led_on(successors) or _hint(near)
        return NotFound("CODE_UNKNOWN", sentence, metadata={"near": _as_json(offered), "field": "code"})

    async def _successors(
        self, system: System, code: str, releases: Mapping[str, ReleaseRecord], held: Sequence[Holding]
    ) -> list[CodeRecord]:
        """The codes that the conversion table leads to from one that no edition here holds."""
        if system.id != conversions.SYSTEM or conversions.KIND not in releases:
            return []
        facts = await self._library.facts(releases, system.id, code, self._clock.now().date())
        leading = conversions.onward(facts.conversions, code, None)[: near_matches.MOST_OFFERED]
        found = await self._library.records(held, [(system.id, conversion.code) for conversion in leading])
        return [record for record in found.values() if record.has_page]


def _nearest(editions: Sequence[ReleaseRecord], presences: Sequence[Presence], day: date) -> Iterator[ReleaseRecord]:
    """Editions that hold the code: of those begun by the day the newest first, then later ones, the oldest first."""
    held = [edition for edition, presence in zip(editions, presences, strict=True) if presence.held]
    begun = [edition for edition in held if (edition.effective_from or date.min) <= day]
    yield from reversed(begun)
    yield from (edition for edition in held if edition not in begun)


def _absence(system: System, code: str, source: ReleaseRecord | None) -> str:
    """A code set that is loaded whole says what does not exist; our selection only says what has no page."""
    if source is None:
        return f"No {system.name} codes are loaded here yet."
    written = dotted(system.id, code)
    if source.kind == SELECTION:
        return f"{system.name} code {written} has no page here; a selection of {system.name} codes does."
    return f"There is no {system.name} code {written} in {source.title}, {source.edition}."


def _led_on(successors: list[CodeRecord]) -> str:
    """That an earlier code was replaced; empty where the conversion table does not say so."""
    if not successors:
        return ""
    return f" The conversion table leads from it to {', '.join(record.display for record in successors[:3])}."


def _hint(near: list[CodeRecord]) -> str:
    if not near:
        return ""
    return f" The nearest: {', '.join(f'{SYSTEMS[record.system].name} {record.display}' for record in near[:3])}."


def _as_json(near: list[CodeRecord]) -> str:
    return json.dumps(
        [
            {
                "system": record.system,
                "code": record.code,
                "display": record.display,
                "heading": record.heading,
            }
            for record in near
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )
