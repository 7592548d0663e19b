"""What other releases say of diagnoses that cannot be reported on a day, from PostgreSQL, kept while they are asked."""

from collections.abc import Collection, Iterable, Mapping, Sequence

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


class PostgresOtherEditions:
    """The codes of ICD-10-CM and its conversion table in the catalog's database."""

    def __init__(self, database: Database) -> None:
        """Take the database; it is opened by the service."""
        self._database = database
        self._elsewhere: LRUCache[tuple[str, tuple[str, ...]], frozenset[str]] = LRUCache(MOST_KEPT)
        self._conversions: LRUCache[tuple[str, str], tuple[Conversion, ...]] = LRUCache(MOST_KEPT)

    async def elsewhere(
        self, codes: Collection[str], releases: Sequence[ReleaseRecord]
    ) -> Mapping[str, tuple[ReleaseRecord, ...]]:
        """Those of some releases in which each code can be reported; no entry where it is in none."""
        ids = tuple(release.id for release in releases)
        found = {code: kept for code in codes if (kept := self._elsewhere.get((code, ids))) is not None}
        unread = [code for code in codes if code not in found]
        if unread:
            read = await self._read_elsewhere(unread, ids)
            self._elsewhere.update({(code, ids): held for code, held in read.items()})
            found |= read
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
        found = {code: kept for code in codes if (kept := self._conversions.get((table.id, code))) is not None}
        unread = [code for code in codes if code not in found]
        if unread:
            async with self._database.connection() as conn:
                read = {code: await conversions_by_release(conn, table.id, code) for code in unread}
            self._conversions.update({(table.id, code): said for code, said in read.items()})
            found |= read
        return found
