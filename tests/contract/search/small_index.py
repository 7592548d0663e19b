"""A small table of codes with an engine over it, and a search on both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from services.search.adapters.engines import EnginePart
from services.search.entry import Entry, Release
from services.search.found import Found
from services.search.lexicon import lexicon
from services.search.searching import Request, Searching, Standing
from services.search.shelving import documents_of, shelf_of
from tests.stepped_clock import SteppedClock

TODAY = datetime(2026, 5, 1, tzinfo=UTC)
ENDED = date(2015, 9, 30)
RELEASE = Release("r1", "icd10cm-tabular", "Invented list", "2026")


def code(
    system: str,
    display: str,
    title: str,
    *terms: str,
    billable: bool = True,
    last: date | None = None,
    paths: tuple[str, ...] = (),
) -> Entry:
    """An entry."""
    undotted = display.replace(".", "")
    above = (undotted[:3],) if system == "icd10cm" and len(undotted) > 3 else ()
    return Entry(
        system=system,
        code=undotted,
        display=display,
        title=title,
        terms=terms,
        billable=billable,
        ancestors=above,
        last_day=last,
        release="r1",
        paths=paths,
    )


class Noted:
    """Queries that found nothing."""

    def __init__(self) -> None:
        """Begin with none."""
        self.queries: list[str] = []

    def note(self, query: str) -> None:
        """Note one."""
        self.queries.append(query)


class SmallIndex:
    """A search over some entries."""

    def __init__(self, engine: EnginePart) -> None:
        """Take a running engine."""
        self.engine = engine
        self.noted = Noted()
        self.standing: Standing | None = None
        self._searching = Searching(lambda: self.standing, SteppedClock(TODAY), self.noted)

    @classmethod
    async def of(cls, engine: EnginePart, entries: Sequence[Entry]) -> SmallIndex:
        """Give a search over some entries."""
        small = cls(engine)
        await small.hold(entries)
        return small

    async def hold(self, entries: Sequence[Entry]) -> None:
        """Build a generation of some entries and let it answer."""
        shelf = shelf_of("one", entries, {"r1": RELEASE})
        await self.engine.build("one", documents_of(shelf, range(len(shelf)), TODAY.toordinal()))
        await self.engine.swap("one")
        self.standing = Standing.of(shelf, self.engine, lexicon())

    async def found(self, query: str, **values: object) -> Found:
        """Search."""
        return await self._searching.search(Request(query, **values))  # type: ignore[arg-type]

    async def codes(self, query: str) -> list[str]:
        """The codes found, as they are written."""
        return [result.entry.display for result in (await self.found(query)).results]
