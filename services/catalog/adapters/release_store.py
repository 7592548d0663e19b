"""Releases in PostgreSQL: their rows come in by COPY, and one statement decides which of a kind is in force."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from services.catalog import events
from services.catalog.releases import Release
from services.catalog.rows import COLUMNS, Edition, Row
from shared.database import Connection
from shared.errors import Conflict
from shared.events import outbox

EVENTS_AT_ONCE = 1_000
_SUBJECTS = {
    "code": "SELECT system, code, content_hash AS content FROM code WHERE release_id = {}",
    "official_text": "SELECT system, code, sha256(convert_to(long_text || E'\\n' || medium_text || E'\\n' ||"
    " short_text, 'UTF8')) AS content FROM official_text WHERE release_id = {}",
    "hcc": "SELECT 'icd10cm' AS system, code, sha256(convert_to(string_agg(model || '/' || category || '/' || label ||"
    " '/' || payment_year, ',' ORDER BY model, category), 'UTF8')) AS content FROM hcc WHERE release_id = {}"
    " GROUP BY code",
    "guideline_mention": "SELECT 'icd10cm' AS system, first AS code, sha256(convert_to(string_agg(number || '/' || last"
    " || '/' || excerpt, ',' ORDER BY number, last), 'UTF8')) AS content FROM guideline_mention"
    " WHERE release_id = {} GROUP BY first",
}
"""What of a release is compared with another one: a row a code, with a digest of what is said of it."""


async def lock_kind(conn: Connection, kind: str) -> None:
    """Hold a kind until the end of the transaction; Conflict when another import holds it."""
    cursor = await conn.execute(
        "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0)) AS mine", (f"catalog/import/{kind}",)
    )
    row = await cursor.fetchone()
    if row is None or not row["mine"]:
        raise Conflict("IMPORT_RUNNING", f"Another import of {kind} is running; wait until it has ended, then repeat.")


async def copy_rows(conn: Connection, release_id: str, table: str, rows: Sequence[Row]) -> None:
    """Add rows of one table to a release that is not published yet."""
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in ("release_id", *COLUMNS[table]))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
    async with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row(
                (release_id, *(Jsonb(value) if isinstance(value, dict) else value for value in row.values()))
            )


async def add_release(conn: Connection, release: Release, edition: Edition) -> None:
    """Record a release, not in force yet, with the tables it was drawn from."""
    await conn.execute(
        """
        INSERT INTO release (id, kind, title, publisher, edition, effective_from, effective_to, systems, checksum,
                             entries, imported_by, imported_at, published_at, licence_accepted_by, in_force)
        VALUES (%(id)s, %(kind)s, %(title)s, %(publisher)s, %(edition)s, %(effective_from)s, %(effective_to)s,
                %(systems)s, %(checksum)s, %(entries)s, %(imported_by)s, %(imported_at)s, %(imported_at)s,
                %(licence_accepted_by)s, false)
        """,
        {name: getattr(release, name) for name in Release.__slots__} | {"systems": list(release.systems)},
    )
    for table in edition.tables:
        values = {name: getattr(table, name) for name in table.__slots__} | {"release_id": release.id}
        names = sorted(values)
        await conn.execute(
            sql.SQL("INSERT INTO release_table ({}) VALUES ({})").format(
                sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL(", ").join(map(sql.Placeholder, names))
            ),
            values,
        )


async def publish(conn: Connection, release: Release, subject: str, now: datetime) -> int:
    """Put a release in force in the place of its kind's present one, and tell what changed; gives the codes changed.

    The first release of a kind names no single codes, for all are new.
    """
    cursor = await conn.execute(
        "UPDATE release SET in_force = false WHERE kind = %s AND in_force RETURNING id", (release.kind,)
    )
    row = await cursor.fetchone()
    before = row["id"] if row else ""
    await conn.execute("UPDATE release SET in_force = true, published_at = %s WHERE id = %s", (now, release.id))
    published = events.release_published(
        release_id=release.id,
        kind=release.kind,
        edition=release.edition,
        systems=list(release.systems),
        published_at=now,
        replaced=before,
    )
    await outbox.add(conn, published)
    if not before or before == release.id:
        return 0
    return await _tell_changes(conn, before, release, subject, now)


async def _tell_changes(conn: Connection, before: str, release: Release, subject: str, now: datetime) -> int:
    rows = sql.SQL(_SUBJECTS[subject])
    await conn.execute(
        sql.SQL(
            """
            CREATE TEMPORARY TABLE release_difference ON COMMIT DROP AS
            SELECT system, code, CASE WHEN old.content IS NULL THEN 'added' WHEN new.content IS NULL THEN 'deleted'
                                      ELSE 'revised' END AS change
            FROM ({}) AS old FULL JOIN ({}) AS new USING (system, code)
            WHERE old.content IS DISTINCT FROM new.content
            """
        ).format(rows.format(sql.Literal(before)), rows.format(sql.Literal(release.id)))
    )
    await conn.execute(
        """
        INSERT INTO code_change (system, code, changed_at) SELECT system, code, %s FROM release_difference
        ON CONFLICT (system, code) DO UPDATE SET changed_at = excluded.changed_at
        """,
        (now,),
    )
    count = 0
    async with conn.cursor(name="release_difference_rows") as cursor:
        await cursor.execute("SELECT system, code, change FROM release_difference ORDER BY system, code")
        while changes := await cursor.fetchmany(EVENTS_AT_ONCE):
            count += len(changes)
            await outbox.add(
                conn,
                *(
                    events.code_changed(
                        system=c["system"], code=c["code"], change=c["change"], release_id=release.id, at=now
                    )
                    for c in changes
                ),
            )
    return count


async def releases(conn: Connection, kind: str = "") -> list[Release]:
    """All releases that are kept, or those of one kind, newest first."""
    cursor = await conn.execute(
        "SELECT * FROM release WHERE pruned_at IS NULL AND (%(kind)s = '' OR kind = %(kind)s) ORDER BY number DESC",
        {"kind": kind},
    )
    return [_release(row) for row in await cursor.fetchall()]


async def remove_content(conn: Connection, release_id: str, now: datetime) -> None:
    """Remove every row of a release that is not in force, and note when; its record stays."""
    await conn.execute("UPDATE release SET pruned_at = %s WHERE id = %s", (now, release_id))
    for table in (*COLUMNS, "release_table"):
        await conn.execute(sql.SQL("DELETE FROM {} WHERE release_id = %s").format(sql.Identifier(table)), (release_id,))


def _release(row: dict[str, Any]) -> Release:
    return Release(
        **{name: row[name] for name in Release.__slots__ if name != "systems"}, systems=tuple(row["systems"])
    )
