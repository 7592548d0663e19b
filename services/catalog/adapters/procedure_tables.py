"""The tables of ICD-10-PCS from PostgreSQL; those of a release are read once, for they never change."""

from collections.abc import Sequence

from cachetools import LRUCache

from services.catalog.adapters.library import code_record
from services.catalog.adapters.query import rows_of
from services.catalog.procedure_builder import SYSTEM, TABLE_LENGTH, Tables
from services.catalog.records import CodeRecord
from shared.database import Database

_TABLES = """
    SELECT * FROM code WHERE release_id = %(release)s AND system = %(system)s AND level <= 2 ORDER BY ordinal
"""
_CODES = """
    SELECT c.* FROM code c JOIN code t ON t.release_id = c.release_id AND t.system = c.system AND t.code = %(table)s
    WHERE c.release_id = %(release)s AND c.system = %(system)s AND c.reportable
      AND c.ordinal BETWEEN t.ordinal AND t.last_ordinal ORDER BY c.ordinal
"""


class PostgresProcedureTables:
    """The tables in the catalog's database."""

    def __init__(self, database: Database) -> None:
        """Take the database; it is opened by the service."""
        self._database = database
        self._kept: LRUCache[str, Tables] = LRUCache(maxsize=2)

    async def tables(self, release_id: str) -> Tables:
        """Every table, with what stands above it."""
        if release_id not in self._kept:
            async with self._database.connection() as conn:
                rows = await rows_of(conn, _TABLES, {"release": release_id, "system": SYSTEM})
            records = [code_record(row) for row in rows]
            tables = {record.code: record for record in records if len(record.code) == TABLE_LENGTH}
            self._kept[release_id] = Tables(
                headings={record.code: record.heading for record in records if len(record.code) < TABLE_LENGTH},
                tables=tables,
                sizes={code: record.reportable_below for code, record in tables.items()},
            )
        return self._kept[release_id]

    async def codes(self, release_id: str, table: str) -> Sequence[CodeRecord]:
        """The codes of one table, in order."""
        values = {"release": release_id, "system": SYSTEM, "table": table}
        async with self._database.connection() as conn:
            return [code_record(row) for row in await rows_of(conn, _CODES, values)]
