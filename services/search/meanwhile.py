"""Codes by number out of the catalog, until the first table of codes stands or an upgrade has made another one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from services.search.code_shapes import Codes, codes_of
from services.search.engine import Narrowed
from services.search.entry import SYSTEMS, Entry, Key, Release
from services.search.found import Result
from services.search.named_codes import by_code
from services.search.shelving import shelf_of
from services.search.showing import Showing

EntriesOf = Callable[[Sequence[Key]], Awaitable[tuple[list[Entry], Mapping[str, Release]]]]
"""Gives the entries of some keys, those that exist, with their releases. Unavailable while the catalog is away."""


class ByNumber:
    """Finds the codes that a query names whole: single ones, as pasted forms, lists, and the ends of ranges."""

    def __init__(self, entries_of: EntriesOf) -> None:
        """Take what gives entries."""
        self._entries_of = entries_of

    async def results(self, query: str, narrowed: Narrowed, day: int, today: int) -> tuple[Result, ...]:
        """The codes that a query names, in its order; empty when it names none that exists."""
        codes = codes_of(query)
        ends = tuple(filter(None, (codes.prefix, *(codes.span or ()))))
        named = Codes(codes.exact or ends, codes.modifiers, system=codes.system)
        keys = [(system, code) for code in (*named.exact, *named.modifiers) for system in SYSTEMS]
        entries, releases = await self._entries_of(keys) if keys else ([], {})
        if not entries:
            return ()
        known = {entry.key for entry in entries}
        above = {(entry.system, code) for entry in entries for code in entry.ancestors} - known
        way = (await self._entries_of(sorted(above)))[0] if above else []
        shelf = shelf_of("", [*entries, *way], releases)
        showing = Showing(shelf)
        ranked = by_code(shelf, named, narrowed, today)
        return tuple(showing.result(each, day) for each in ranked.page(0, len(ranked)))
