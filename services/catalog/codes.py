"""Answers what a code is: finds it by any accepted spelling, composes its page, or names the nearest codes."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Generic, TypeVar

from cachetools import LRUCache

from services.catalog import answers, near_matches
from services.catalog.pages.code_page import codes_named, compose
from services.catalog.records import CodeRecord, Known, Library, ReleaseRecord
from services.catalog.systems import SYSTEMS, System, system_of, undotted
from shared.clock import Clock
from shared.errors import NotFound

KEPT_BYTES = 32 * 1024 * 1024
Page = TypeVar("Page")
_Edition = tuple[frozenset[str], date, str, str]


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

    async def page(self, system_name: str, spelling: str) -> Page:
        """Everything about one code. A page is kept for the releases and the day that it was composed for.

        Raises:
            NotFound: there is no such code; metadata `near` lists the nearest as JSON.
            InvalidInput: the text has not the shape of a code.

        """
        system, code = system_of(system_name), undotted(spelling)
        releases = await self._library.releases_in_force()
        now = self._clock.now()
        edition = (frozenset(release.id for release in releases.values()), now.date(), system.id, code)
        page = self._kept.get(edition)
        if page is None:
            page = self._finish(await self._compose(system, code, releases, now))
            with suppress(ValueError):  # too large to be kept
                self._kept[edition] = page
        return page

    async def _compose(
        self, system: System, code: str, releases: Mapping[str, ReleaseRecord], now: datetime
    ) -> answers.Code:
        source = releases.get(system.source)
        place = await self._library.neighbourhood(source.id, system.id, code) if source else None
        if place is None or not place.record.has_page:
            raise await self._unknown(system, code, releases)
        known = Known(place, await self._library.facts(releases, system.id, code), releases)
        named = await self._library.records([r.id for r in releases.values()], codes_named(known))
        return compose(known, named, now)

    async def _unknown(self, system: System, code: str, releases: Mapping[str, ReleaseRecord]) -> NotFound:
        """The error for a code that does not exist, with the nearest that do."""
        wanted = list(near_matches.candidates(code))
        found = await self._library.same_in_any_system([r.id for r in releases.values()], wanted)
        near = near_matches.nearest(system.id, code, found)
        source = releases.get(system.source)
        sentence = _absence(system, code, source)
        return NotFound("CODE_UNKNOWN", sentence + _hint(near), metadata={"near": _as_json(near), "field": "code"})


def _absence(system: System, code: str, source: ReleaseRecord | None) -> str:
    """A code set that is loaded whole says what does not exist; our selection only says what has no page."""
    if source is None:
        return f"No {system.name} codes are loaded here yet."
    if source.kind == "house":
        return f"{system.name} code {code} has no page here; a selection of {system.name} codes does."
    return f"There is no {system.name} code {code} in {source.title}, {source.edition}."


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
