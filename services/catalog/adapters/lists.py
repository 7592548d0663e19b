"""Lists of codes from PostgreSQL: children, roots, systems, and the export of everything with a page."""

from collections.abc import AsyncIterator, Mapping, Sequence

from cachetools import LRUCache
from psycopg.rows import tuple_row

from services.catalog.adapters.library import code_record, release_record
from services.catalog.adapters.query import HELD, held_values, rows_of
from services.catalog.records import CodeRecord, ExportedCode, Holding, ReleaseRecord
from shared.database import Database

EXPORTED_AT_ONCE = 2_000
_EXPORT = f"""
    SELECT c.system, c.code, c.display, c.heading, c.official, c.reportable, c.children > 0,
           greatest(r.first_published, h.changed_at)
    FROM (SELECT DISTINCT ON (c.system, c.code) c.* FROM code c JOIN {HELD} USING (release_id, system)
          WHERE c.has_page ORDER BY c.system, c.code, held.place) AS c
    JOIN (SELECT now.id,
                 (SELECT min(imported_at) FROM release old WHERE old.kind = now.kind) AS first_published
          FROM release now) AS r ON r.id = c.release_id
    LEFT JOIN code_change h USING (system, code)
    ORDER BY c.system, c.code
"""  # noqa: S608 - only a table expression of ours is put in
_PAGES = f"""
    SELECT system, count(DISTINCT code) AS pages FROM code JOIN {HELD} USING (release_id, system)
    WHERE has_page GROUP BY system
"""  # noqa: S608 - only a table expression of ours is put in


class PostgresLists:
    """Lists in the catalog's database."""

    def __init__(self, database: Database) -> None:
        """Take the database; it is opened by the service."""
        self._database = database
        self._pages: LRUCache[tuple[Holding, ...], dict[str, int]] = LRUCache(maxsize=8)

    async def below(self, release_id: str, system: str, parent: str | None, after: int, limit: int) -> list[CodeRecord]:
        """Codes directly below a code (None: the roots), in order, from behind an ordinal."""
        async with self._database.connection() as conn:
            rows = await rows_of(
                conn,
                "SELECT * FROM code WHERE release_id = %(release)s AND system = %(system)s AND ordinal > %(after)s"
                " AND parent IS NULL AND %(parent)s::text IS NULL ORDER BY ordinal LIMIT %(limit)s"
                if parent is None
                else "SELECT * FROM code WHERE release_id = %(release)s AND system = %(system)s"
                " AND parent = %(parent)s AND ordinal > %(after)s ORDER BY ordinal LIMIT %(limit)s",
                {"release": release_id, "system": system, "parent": parent, "after": after, "limit": limit},
            )
        return [code_record(row) for row in rows]

    async def pages_by_system(self, held: Sequence[Holding]) -> Mapping[str, int]:
        """How many codes with a page each system has; counted once for the same releases, for they never change."""
        key = tuple(held)
        if key not in self._pages:
            async with self._database.connection() as conn:
                rows = await rows_of(conn, _PAGES, held_values(held))
            self._pages[key] = {row["system"]: row["pages"] for row in rows}
        return self._pages[key]

    async def releases(self, kind: str) -> list[ReleaseRecord]:
        """All releases, or those of one kind, newest first."""
        async with self._database.connection() as conn:
            rows = await rows_of(
                conn,
                "SELECT *, '[]'::jsonb AS tables FROM release"
                " WHERE pruned_at IS NULL AND (%(kind)s = '' OR kind = %(kind)s)"
                " ORDER BY number DESC",
                {"kind": kind},
            )
        return [release_record(row) for row in rows]

    async def release_exists(self, release_id: str, kinds: Sequence[str]) -> bool:
        """Whether a release of one of the kinds is kept."""
        return any(release.id == release_id and release.kind in kinds for release in await self.releases(""))

    async def export(self, held: Sequence[Holding]) -> AsyncIterator[list[ExportedCode]]:
        """Every code with a page, in order of system and code, in batches from a cursor on the server.

        Only what a list shows is read, and as tuples: a code set has a hundred thousand rows.
        """
        async with (
            self._database.transaction() as conn,
            conn.cursor(name="export", row_factory=tuple_row) as cursor,
        ):
            await cursor.execute(_EXPORT.encode(), held_values(held))
            while rows := await cursor.fetchmany(EXPORTED_AT_ONCE):
                yield [ExportedCode._make(row) for row in rows]
