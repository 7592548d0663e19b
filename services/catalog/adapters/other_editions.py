"""What other releases say of diagnoses that cannot be reported on a day, from PostgreSQL, kept while they are asked."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from cachetools import LRUCache

from services.catalog.adapters.code_set_facts import conversions_by_release
from services.catalog.adapters.query import rows_of
from services.catalog.records import Conversion, ReleaseRecord
from shared.database import Database

MOST_KEPT = 10_000
_ELSEWHERE = """
    SELECT release_id, code FROM code
    WHERE release_id = ANY (%(releases)s) AND system = 'icd10cm' AND reportable AND code = ANY (%(codes)s)
"""

_Asked = TypeVar("_Asked")
_Said = TypeVar("_Said")


class PostgresOtherEditions:
    """The codes of ICD-10-CM and its conversion table in the catalog's database."""

    def __init__(self, database: Database) -> None:
        """Take the database; it is opened by the service."""
        self._database = database
        self._elsewhere: LRUCache[tuple[tuple[str, ...], str], frozenset[str]] = LRUCache(MOST_KEPT)
        self._conversions: LRUCache[tuple[str, str], tuple[Conversion, ...]] = LRUCache(MOST_KEPT)

    async def elsewhere(
        self, codes: Collection[str], releases: Sequence[ReleaseRecord]
    ) -> Mapping[str, tuple[ReleaseRecord, ...]]:
        """Those of some releases in which each code can be reported; no entry where it is in none."""
        ids = tuple(release.id for release in releases)
        found = await _through(self._elsewhere, ids, codes, lambda unread: self._read_elsewhere(unread, ids))
        return {code: tuple(r for r in releases if r.id in held) for code, held in found.items() if held}

    async def _read_elsewhere(self, codes: Iterable[str], releases: Sequence[str]) -> dict[str, frozenset[str]]:
        """The ids of the releases that hold each code."""
        held: dict[str, set[str]] = {code: set() for code in codes}
        async with self._database.connection() as conn:
            for row in await rows_of(conn, _ELSEWHERE, {"releases": list(releases), "codes": list(held)}):
                held[row["code"]].add(row["release_id"])
        return {code: frozenset(releases) for code, releases in held.items()}

    async def conversions(self, codes: Collection[str], table: ReleaseRecord) -> Mapping[str, tuple[Conversion, ...]]:
        """What a conversion table says of each code."""
        return await _through(
            self._conversions, table.id, codes, lambda unread: self._read_conversions(unread, table.id)
        )

    async def _read_conversions(self, codes: Iterable[str], table: str) -> dict[str, tuple[Conversion, ...]]:
        async with self._database.connection() as conn:
            return {code: await conversions_by_release(conn, table, code) for code in codes}


async def _through(
    kept: LRUCache[tuple[_Asked, str], _Said],
    asked: _Asked,
    codes: Collection[str],
    read: Callable[[list[str]], Awaitable[dict[str, _Said]]],
) -> dict[str, _Said]:
    """What is kept of some codes, and what is read of the others, which is kept then."""
    found = {code: said for code in codes if (said := kept.get((asked, code))) is not None}
    unread = [code for code in codes if code not in found]
    if unread:
        fresh = await read(unread)
        kept.update({(asked, code): said for code, said in fresh.items()})
        found |= fresh
    return found
