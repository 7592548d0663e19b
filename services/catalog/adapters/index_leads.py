"""The entries of the ICD-10-CM indexes that lead to a code, read from PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.catalog.adapters.query import rows_of
from services.catalog.code_spans import prefixes
from services.catalog.records import IndexLead, ReleaseRecord
from shared.database import Connection, Database

FULL_LENGTH = 7
# An entry leads to the code that it names, to those that it asks further characters for, and to those that a seventh
# character completes.
_PART = """
    WITH leads AS MATERIALIZED (
        SELECT index_name, ordinal, path, nonessential, column_title, code, more FROM icd10cm_index_entry
        WHERE release_id = %(release)s AND code = ANY (%(prefixes)s) AND (code = %(code)s OR more OR %(completed)s))
    SELECT t.total, p.* FROM (SELECT count(*) AS total FROM leads) AS t
    LEFT JOIN (
        SELECT * FROM leads ORDER BY length(code) DESC, index_name, ordinal, column_title
        OFFSET %(offset)s LIMIT %(limit)s) AS p ON true
    ORDER BY length(code) DESC, index_name, ordinal, column_title
"""


@dataclass(frozen=True, slots=True)
class PostgresIndexLeads:
    """The indexes in the catalog's database."""

    database: Database
    """Opened by the service."""

    async def part(self, release: ReleaseRecord, code: str, offset: int, limit: int) -> tuple[int, Sequence[IndexLead]]:
        """How many entries lead to a code, and some of them in order."""
        async with self.database.connection() as conn:
            return await leads_of(conn, release.id, code, offset, limit)


async def leads_in(
    conn: Connection, releases: Mapping[str, ReleaseRecord], code: str, limit: int
) -> tuple[int, Sequence[IndexLead]]:
    """The first entries of the index that answers; none where none is loaded."""
    release = releases.get("icd10cm-index")
    return (0, ()) if release is None else await leads_of(conn, release.id, code, 0, limit)


async def leads_of(
    conn: Connection, release: str, code: str, offset: int, limit: int
) -> tuple[int, Sequence[IndexLead]]:
    """As `PostgresIndexLeads.part`, on a connection."""
    values = {
        "release": release,
        "code": code,
        "prefixes": prefixes(code),
        "completed": len(code) == FULL_LENGTH,
        "offset": offset,
        "limit": limit,
    }
    rows = await rows_of(conn, _PART, values)
    names = ("index_name", "ordinal", "path", "nonessential", "column_title", "code", "more")
    return rows[0]["total"], [IndexLead(*(row[name] for name in names)) for row in rows if row["code"] is not None]
