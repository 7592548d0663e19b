"""Lists the entries of the ICD-10-CM indexes and tables that lead to a code, a page at a time: some have hundreds."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

from services.catalog import answers, cursors
from services.catalog.holdings import answering
from services.catalog.pages.index_leads import KIND, index_entry
from services.catalog.pages.parts import data_release
from services.catalog.records import IndexLead, Library, ReleaseRecord
from services.catalog.systems import printable, undotted
from shared.clock import Clock
from shared.errors import InvalidInput, NotFound

LARGEST_PAGE = 1_000
SHORTEST_CODE, LONGEST_CODE = 3, 7


class IndexLeads(Protocol):
    """Where the indexes are read from."""

    async def part(self, release: ReleaseRecord, code: str, offset: int, limit: int) -> tuple[int, Sequence[IndexLead]]:
        """Give how many entries lead to a code, and some of them in order."""
        ...


class IndexLists:
    """The entries of the release that answers."""

    def __init__(self, library: Library, leads: IndexLeads, clock: Clock) -> None:
        """Take where releases and entries are read from, and the clock for a day that is not named."""
        self._library = library
        self._leads = leads
        self._clock = clock

    async def page(self, code: str, day: date | None, size: int, token: str) -> answers.ListIndexLeadsResponse:
        """A page of the entries; pages of one list stay with one release.

        Raises:
            NotFound: no index is loaded for the day.
            InvalidInput: code, cursor or page size are wrong.

        """
        wanted = _code(code)
        size = cursors.page_size(size, largest=LARGEST_PAGE)
        editions = await self._library.editions()
        today = self._clock.now().date()
        release, offset = answering(editions, day, today).get(KIND), 0
        if token:
            identity, of, offset = _place(token)
            release = next((known for known in editions.of(KIND) if known.id == identity), None)
            if release is None or of != wanted or offset < 0:
                raise cursors.malformed()
        if release is None:
            raise NotFound("TABLE_NOT_LOADED", "code: no index of ICD-10-CM is loaded here for the day.")
        total, leads = await self._leads.part(release, wanted, offset, size)
        behind = offset + len(leads)
        return answers.ListIndexLeadsResponse(
            entries=tuple(_entries(leads)),
            total=total,
            next_page_token=cursors.to_token(release.id, wanted, behind) if leads and behind < total else "",
            release=data_release(release, today),
        )


def _entries(leads: Sequence[IndexLead]) -> Iterator[answers.IndexLead]:
    return (index_entry(lead) for lead in leads)


def _place(token: str) -> tuple[str, str, int]:
    release, code, offset = cursors.from_token(token, str, str, int)
    return str(release), str(code), int(offset)


def _code(text: str) -> str:
    code = undotted(text)
    if not (SHORTEST_CODE <= len(code) <= LONGEST_CODE and code.isascii() and code.isalnum()):
        raise InvalidInput(
            "CODE_MALFORMED",
            f'code: "{printable(text, 30)}" is no ICD-10-CM code; three to seven characters are expected.',
            metadata={"field": "code"},
        )
    return code
