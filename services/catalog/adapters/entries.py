"""Entries of code sets from PostgreSQL, through cursors on the server: a code set has a hundred thousand rows."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from psycopg.rows import tuple_row

from services.catalog.adapters.query import HELD, held_values, rows_of
from services.catalog.entries import EntryRow, IndexTerm, OurWords
from services.catalog.records import Conversion, Holding, Key
from shared.database import Database

AT_ONCE = 2_000
_ROWS = f"""
    SELECT newest.*, who.held_by, who.added, who.terminated
    FROM (SELECT DISTINCT ON (c.system, c.code) c.system, c.code, c.display, c.kind, c.heading, c.official,
                 c.reportable, c.has_page, c.children, c.ordinal, c.ancestors, c.body, c.release_id
          FROM code c JOIN {HELD} USING (release_id, system) %s
          ORDER BY c.system, c.code, held.place) AS newest
    JOIN (SELECT c.system, c.code, array_agg(c.release_id) AS held_by, array_agg(c.body ->> 'added') AS added,
                 array_agg(c.body ->> 'terminated') AS terminated
          FROM code c JOIN {HELD} USING (release_id, system) %s
          GROUP BY c.system, c.code) AS who USING (system, code)
    ORDER BY newest.system, newest.code
"""  # noqa: S608 - only a table expression of ours is put in
_WANTED = "JOIN unnest(%(systems)s::text[], %(codes)s::text[]) AS wanted (system, code) USING (system, code)"
_INDEX = """
    SELECT index_name, ordinal, level, path, nonessential, see, see_also, column_title, relation, code, more
    FROM icd10cm_index_entry
    WHERE release_id = ANY (%(releases)s) AND (%(name)s = '' OR index_name = %(name)s)
    ORDER BY index_name, ordinal
"""


class PostgresEntries:
    """Entries in the catalog's database."""

    def __init__(self, database: Database) -> None:
        """Take the database; it is opened by the service."""
        self._database = database

    async def rows(self, held: Sequence[Holding], keys: Sequence[Key] | None) -> AsyncIterator[list[EntryRow]]:
        """Every code that one of the releases holds, or those of the keys; of one code the first release's."""
        wanted = "" if keys is None else _WANTED
        values: dict[str, Any] = held_values(held)
        if keys is not None:
            values |= {"systems": [key[0] for key in keys], "codes": [key[1] for key in keys]}
        async for rows in self._read(_ROWS.replace("%s", wanted), values):
            yield [EntryRow._make(row) for row in rows]

    async def our_words(self, release_id: str) -> Mapping[Key, OurWords]:
        """Our texts of a release."""
        async with self._database.connection() as conn:
            rows = await rows_of(
                conn,
                "SELECT system, code, body #>> '{text,heading}' AS heading, body #>> '{text,summary}' AS summary"
                " FROM our_text WHERE release_id = %(release)s",
                {"release": release_id},
            )
        return {(row["system"], row["code"]): OurWords(row["heading"] or "", row["summary"] or "") for row in rows}

    async def conversions(self, release_id: str) -> Sequence[Conversion]:
        """The conversion table of a release, a row for each single code that stood before."""
        async with self._database.connection() as conn:
            rows = await rows_of(
                conn,
                "SELECT DISTINCT code, effective, first AS previous FROM conversion"
                " WHERE release_id = %(release)s AND first = last AND first <> ''",
                {"release": release_id},
            )
        return [Conversion(**row) for row in rows]

    async def index_terms(self, release_ids: Sequence[str], index_name: str) -> AsyncIterator[list[IndexTerm]]:
        """The terms of the indexes of some releases, in order."""
        async for rows in self._read(_INDEX, {"releases": list(release_ids), "name": index_name}):
            yield [IndexTerm._make(row) for row in rows]

    async def _read(self, statement: str, values: Mapping[str, Any]) -> AsyncIterator[list[tuple[Any, ...]]]:
        async with (
            self._database.transaction() as conn,
            conn.cursor(name="entries", row_factory=tuple_row) as cursor,
        ):
            await cursor.execute(statement.encode(), dict(values))
            while rows := await cursor.fetchmany(AT_ONCE):
                yield rows
