"""Releases in PostgreSQL: how they are recorded, which of a slot answer, and what is told when that changes."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import sql

from services.catalog import events
from services.catalog.adapters import comparisons
from services.catalog.adapters.copying import remove_rows
from services.catalog.editions import slot_key
from services.catalog.releases import Release, Standing
from services.catalog.rows import COLUMNS, Edition
from shared.database import Connection
from shared.errors import Conflict
from shared.events import outbox

EVENTS_AT_ONCE = 1_000
CHANGES = {"page": "revised"}
"""Readers of events keep pages, and a page is another when only what stands around its code is."""


async def lock_slot(conn: Connection, kind: str, setting: str) -> None:
    """Hold a slot until the end of the transaction; Conflict when another import holds it."""
    slot = slot_key(kind, setting)
    cursor = await conn.execute(
        "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0)) AS mine", (f"catalog/import/{slot}",)
    )
    row = await cursor.fetchone()
    if row is None or not row["mine"]:
        raise Conflict("IMPORT_RUNNING", f"Another import of {slot} is running; wait until it has ended, then repeat.")


async def add_release(conn: Connection, release: Release, edition: Edition) -> Release:
    """Record a release, not answering yet, with the tables it was drawn from; gives it with its number."""
    cursor = await conn.execute(
        """
        INSERT INTO release (id, kind, setting, title, publisher, edition, effective_from, effective_to, systems,
                             checksum, entries, imported_by, imported_at, published_at, licence_accepted_by,
                             answering, in_force)
        VALUES (%(id)s, %(kind)s, %(setting)s, %(title)s, %(publisher)s, %(edition)s, %(effective_from)s,
                %(effective_to)s, %(systems)s, %(checksum)s, %(entries)s, %(imported_by)s, %(imported_at)s,
                %(imported_at)s, %(licence_accepted_by)s, false, false)
        RETURNING number
        """,
        {name: getattr(release, name) for name in Release.__slots__} | {"systems": list(release.systems)},
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - the statement gives it
    for table in edition.tables:
        values = {name: getattr(table, name) for name in table.__slots__} | {"release_id": release.id}
        names = sorted(values)
        await conn.execute(
            sql.SQL("INSERT INTO release_table ({}) VALUES ({})").format(
                sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL(", ").join(map(sql.Placeholder, names))
            ),
            values,
        )
    return replace(release, number=row["number"])


async def publish(conn: Connection, standing: Standing, subject: str, now: datetime) -> int:
    """Let a slot stand as it shall, and tell; gives the codes that changed for readers who name no day.

    The first release of a slot names no single codes, for all are new.
    """
    release, before, in_force = standing.published, standing.before, standing.in_force
    slot = {"kind": release.kind, "setting": release.setting, "in_force": in_force.id}
    await conn.execute(
        "UPDATE release SET in_force = false WHERE kind = %(kind)s AND setting = %(setting)s AND in_force"
        " AND id <> %(in_force)s",
        slot,
    )
    await conn.execute(
        "UPDATE release SET answering = id = ANY (%(answering)s), in_force = id = %(in_force)s,"
        " published_at = CASE WHEN id = %(published)s THEN %(now)s ELSE published_at END"
        " WHERE kind = %(kind)s AND setting = %(setting)s",
        slot | {"answering": [r.id for r in standing.answering], "published": release.id, "now": now},
    )
    published = events.release_published(
        release_id=release.id,
        kind=release.kind,
        edition=release.edition,
        systems=sorted({*release.systems, *(before.systems if before else ())}),
        published_at=now,
        replaced=standing.replaced,
        setting=release.setting,
        in_force=in_force.id == release.id,
    )
    await outbox.add(conn, published)
    if before is None or before.id == in_force.id:
        return 0
    return await _tell_changes(conn, before.id, in_force, subject, now)


async def _tell_changes(conn: Connection, before: str, release: Release, subject: str, now: datetime) -> int:
    await comparisons.compare(conn, before, release.id, subject)
    pair = {"old": before, "new": release.id, "at": now}
    await conn.execute(
        """
        INSERT INTO code_change (system, code, changed_at)
        SELECT system, code, %(at)s FROM code_difference WHERE old_id = %(old)s AND new_id = %(new)s
        ON CONFLICT (system, code) DO UPDATE SET changed_at = excluded.changed_at
        """,
        pair,
    )
    count = 0
    async with conn.cursor(name="code_differences") as cursor:
        await cursor.execute(
            "SELECT system, code, change FROM code_difference WHERE old_id = %(old)s AND new_id = %(new)s"
            " ORDER BY system, code",
            pair,
        )
        while changes := await cursor.fetchmany(EVENTS_AT_ONCE):
            count += len(changes)
            await outbox.add(
                conn,
                *(
                    events.code_changed(
                        system=c["system"],
                        code=c["code"],
                        change=CHANGES.get(c["change"]) or c["change"],
                        release_id=release.id,
                        at=now,
                    )
                    for c in changes
                ),
            )
    return count


async def releases(conn: Connection, kind: str = "", setting: str | None = None) -> list[Release]:
    """All releases that are kept, those of one kind, or those of one slot; newest first."""
    cursor = await conn.execute(
        "SELECT * FROM release WHERE pruned_at IS NULL AND (%(kind)s = '' OR kind = %(kind)s)"
        " AND (%(setting)s::text IS NULL OR setting = %(setting)s) ORDER BY number DESC",
        {"kind": kind, "setting": setting},
    )
    return [_release(row) for row in await cursor.fetchall()]


async def remove_content(conn: Connection, release_id: str, now: datetime) -> None:
    """Remove every row of a release that is not in force, and note when; its record stays."""
    await conn.execute("UPDATE release SET pruned_at = %s, answering = false WHERE id = %s", (now, release_id))
    for table in (*COLUMNS, "release_table"):
        await remove_rows(conn, release_id, table)
    await comparisons.forget(conn, release_id)


def _release(row: dict[str, Any]) -> Release:
    return Release(
        **{name: row[name] for name in Release.__slots__ if name != "systems"}, systems=tuple(row["systems"])
    )
