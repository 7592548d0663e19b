"""The PTP edits of one code in one column of a setting's table, on a day: how many, and a part of them in order."""

from dataclasses import dataclass

from services.catalog.adapters.query import rows_of
from services.catalog.ptp_edits import Wanted
from services.catalog.records import Ptp, ReleaseRecord
from shared.database import Connection, Database

_BEHIND_ALL = "~"
"""Comes behind every character of a code."""
# Of several rows of a pair the one that applies. Where the file has no first days, that is the one with the earliest
# deletion of those that are not deleted yet. A row with indicator 9 never applied.
_PART = """
    WITH applying AS MATERIALIZED (
        SELECT DISTINCT ON ({other}) * FROM ncci_ptp
        WHERE release_id = %(release)s AND {mine} = %(code)s AND {other} >= %(prefix)s AND {other} < %(behind)s
          AND modifier_indicator <> '9'
          AND (effective_from IS NULL OR effective_from <= %(day)s) AND (deleted_on IS NULL OR deleted_on >= %(day)s)
        ORDER BY {other}, effective_from DESC NULLS LAST, deleted_on NULLS LAST)
    SELECT t.total, p.* FROM (SELECT count(*) AS total FROM applying) AS t
    LEFT JOIN (
        SELECT a.column_1, a.column_2, a.effective_from, a.deleted_on, a.modifier_indicator::text AS indicator, r.text
        FROM applying a JOIN ncci_ptp_rationale r ON r.release_id = a.release_id AND r.id = a.rationale
        WHERE {other} > %(after)s ORDER BY {other} LIMIT %(limit)s) AS p ON true
"""
_STATEMENTS = {
    1: _PART.format(mine="column_1", other="column_2"),
    2: _PART.format(mine="column_2", other="column_1"),
}


@dataclass(frozen=True, slots=True)
class PostgresPtpEdits:
    """The edits in the catalog's database."""

    database: Database
    """Opened by the service."""

    async def part(self, release: ReleaseRecord, wanted: Wanted, after: str, limit: int) -> tuple[int, list[Ptp]]:
        """All edits that are wanted, counted, and some of them from behind another code on."""
        async with self.database.connection() as conn:
            return await part_of(conn, release, wanted, after, limit)


async def part_of(
    conn: Connection, release: ReleaseRecord, wanted: Wanted, after: str, limit: int
) -> tuple[int, list[Ptp]]:
    """As `PostgresPtpEdits.part`, on a connection."""
    values = {
        "release": release.id,
        "code": wanted.code,
        "prefix": wanted.others,
        "behind": wanted.others + _BEHIND_ALL,
        "day": wanted.day,
        "after": after,
        "limit": limit,
    }
    rows = await rows_of(conn, _STATEMENTS[wanted.column], values)
    edits = [
        Ptp(
            release.setting,
            row["column_1"],
            row["column_2"],
            row["indicator"],
            row["text"],
            row["effective_from"],
            row["deleted_on"],
        )
        for row in rows
        if row["column_1"] is not None
    ]
    edits.sort(key=lambda edit: (edit.column_1, edit.column_2))
    return rows[0]["total"], edits
