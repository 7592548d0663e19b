"""Answers lists: the codes below a code, the code systems, the releases, everything for indexes."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from services.catalog import answers, cursors
from services.catalog.holdings import holdings, sources_of
from services.catalog.pages.parts import Refs, code_ref, data_release, releases_of_system
from services.catalog.records import CodeRecord, ExportedCode, Holding, Key, Library, Neighbourhood, ReleaseRecord
from services.catalog.systems import SYSTEMS, System, system_of, undotted
from shared.clock import Clock
from shared.errors import InvalidInput, NotFound

LARGEST_PAGE = 1_000
MOST_NAMED = 2_000
MOST_JOINED = 10_000
"""Codes of one source in a list that several sources make: all modifiers there can be are fewer."""


class Lists(Protocol):
    """Where lists are read from."""

    async def below(self, release_id: str, system: str, parent: str | None, after: int, limit: int) -> list[CodeRecord]:
        """Give codes directly below a code (None: the roots), in order, from behind an ordinal."""
        ...

    async def pages_by_system(self, held: Sequence[Holding]) -> Mapping[str, int]:
        """Give how many codes with a page each system has."""
        ...

    async def releases(self, kind: str) -> list[ReleaseRecord]:
        """Give all releases, or those of one kind, newest first."""
        ...

    async def release_exists(self, release_id: str, kinds: Sequence[str]) -> bool:
        """Tell whether a release of one of the kinds is kept."""
        ...

    def export(self, held: Sequence[Holding]) -> AsyncIterator[list[ExportedCode]]:
        """Give every code with a page and when it changed last, in order of system and code, in batches."""
        ...


class Browsing:
    """Lists of the releases in force."""

    def __init__(self, library: Library, lists: Lists, clock: Clock) -> None:
        """Take where codes and lists are read from, and the clock by which releases are current or not."""
        self._library = library
        self._lists = lists
        self._clock = clock

    async def below(self, system_name: str, spelling: str, asked: int, token: str) -> answers.ListCodesResponse:
        """The codes directly below one code, or the roots of a system when none is spelt; `asked` is the page's size.

        Raises:
            NotFound: the system or the parent does not exist.
            InvalidInput: the cursor or the page's size is wrong.

        """
        system = system_of(system_name)
        size = cursors.page_size(asked, largest=LARGEST_PAGE)
        parent = undotted(spelling) if spelling else None
        in_force = await self._library.releases_in_force()
        release_id, after = await self._begin(system, parent, token, in_force)
        if system.joined:
            ids = dict.fromkeys([release_id, *(source.id for source in sources_of(system, in_force))])
            codes = (await self._joined(ids, system, parent))[after + 1 : after + 2 + size]
        else:
            codes = await self._lists.below(release_id, system.id, parent, after, size + 1)
        place = await self._place(release_id, system, parent) if parent is not None else None
        more = len(codes) > size
        return answers.ListCodesResponse(
            codes=tuple(code_ref(code) for code in codes[:size]),
            next_page_token=cursors.to_token(release_id, system.id, parent or "", codes[size - 1].ordinal)
            if more
            else "",
            parent=code_ref(place.record) if place else None,
            ancestors=tuple(code_ref(ancestor) for ancestor in place.ancestors) if place else (),
            releases=tuple(releases_of_system(in_force, system.id, self._clock.now())),
        )

    async def _begin(
        self, system: System, parent: str | None, token: str, in_force: Mapping[str, ReleaseRecord]
    ) -> tuple[str, int]:
        """The release to list and the ordinal to begin behind: pages of one list stay with one release."""
        if not token:
            sources = sources_of(system, in_force)
            if not sources:
                raise NotFound("SYSTEM_EMPTY", f"No {system.name} codes are loaded here yet.")
            return await self._listed(system, parent, sources), -1
        release_id, of_system, of_parent, after = cursors.from_token(token, str, str, str, int)
        if (of_system, of_parent) != (system.id, parent or "") or not -1 <= int(after) < 2**31:
            raise cursors.malformed()
        if not await self._lists.release_exists(str(release_id), system.sources):
            raise cursors.malformed()
        return str(release_id), int(after)

    async def _listed(self, system: System, parent: str | None, sources: Sequence[ReleaseRecord]) -> str:
        """The release whose list is given: the first that holds the parent."""
        for source in sources[:-1] if parent else ():
            if await self._library.neighbourhood(source.id, system.id, parent or "") is not None:
                return source.id
        return sources[-1].id if parent else sources[0].id

    async def _joined(self, release_ids: Iterable[str], system: System, parent: str | None) -> list[CodeRecord]:
        """What every source lists, each code once, as the first says it; its ordinal is its place in the list."""
        found: dict[str, CodeRecord] = {}
        for release_id in release_ids:
            for code in await self._lists.below(release_id, system.id, parent, -1, MOST_JOINED):
                found.setdefault(code.code, code)
        codes = list(found.values()) if parent is None else [found[code] for code in sorted(found)]
        return [replace(code, ordinal=place) for place, code in enumerate(codes)]

    async def _place(self, release_id: str, system: System, parent: str) -> Neighbourhood:
        place = await self._library.neighbourhood(release_id, system.id, parent)
        if place is None:
            raise NotFound("CODE_UNKNOWN", f"parent: there is no {system.name} code {parent}.")
        return place

    async def named(self, keys: Sequence[Key]) -> tuple[answers.CodeRef, ...]:
        """The codes of keys, in their order; one that does not exist here has no name and no page."""
        if len(keys) > MOST_NAMED:
            raise InvalidInput(
                "KEYS_TOO_MANY", f"keys: up to {MOST_NAMED:,} codes are named at once; {len(keys):,} were asked for."
            )
        in_force = await self._library.releases_in_force()
        refs = Refs(await self._library.records(holdings(SYSTEMS.values(), in_force), list(keys)))
        return tuple([refs.of(*key) for key in keys])

    async def systems(self) -> answers.ListSystemsResponse:
        """The code systems that hold codes."""
        in_force = await self._library.releases_in_force()
        pages = await self._lists.pages_by_system(holdings(SYSTEMS.values(), in_force))
        now = self._clock.now()
        return answers.ListSystemsResponse(
            systems=tuple(
                answers.CodeSystem(
                    system=system.id,
                    name=system.name,
                    pages=pages[system.id],
                    releases=tuple(releases_of_system(in_force, system.id, now)),
                    rights=system.rights,
                )
                for system in SYSTEMS.values()
                if pages.get(system.id)
            )
        )

    async def releases(self, kind: str) -> answers.ListReleasesResponse:
        """The releases, newest first."""
        today = self._clock.now().date()
        return answers.ListReleasesResponse(
            releases=tuple([data_release(release, today) for release in await self._lists.releases(kind)])
        )

    async def export(self, system_name: str) -> AsyncIterator[list[ExportedCode]]:
        """Every code with a page, in order of system and code, in parts."""
        systems = [system_of(system_name)] if system_name else list(SYSTEMS.values())
        in_force = await self._library.releases_in_force()
        async for batch in self._lists.export(holdings(systems, in_force)):
            yield batch
