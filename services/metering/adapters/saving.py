"""Writes the changes of one transaction, whatever their number: a statement a table, or one statement for everything.

`save` belongs to a transaction that holds the readers' locks. `commit` is a transaction of its own: it writes for each
reader whose revision is the one that was read, and for no other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from psycopg.rows import tuple_row

from services.metering.events import event_of
from services.metering.ledger import Changes, Entry, Grant
from services.metering.reader import Reader
from shared.database import Connection
from shared.events import outbox

_READER_TYPES = {
    "tier": "text", "monthly_quota": "bigint", "window_no": "bigint", "window_start": "timestamptz",
    "window_end": "timestamptz", "used": "bigint", "carried": "bigint", "credits": "bigint",
    "limit_reached": "boolean", "merged_into": "text", "last_at": "timestamptz",
}  # fmt: skip
_GRANT_TYPES = {
    "principal": "text", "system": "text", "code": "text", "granted_at": "timestamptz",
    "granted_until": "timestamptz", "window_no": "bigint", "carried": "boolean", "request_id": "text", "tier": "text",
    "page_limit": "bigint", "used_after": "bigint", "window_start": "timestamptz", "window_end": "timestamptz",
    "policy_version": "bigint",
}  # fmt: skip
_ENTRY_TYPES = {
    "principal": "text", "window_no": "bigint", "kind": "text", "at": "timestamptz", "pages": "bigint",
    "system": "text", "code": "text", "tier": "text", "tier_before": "text", "page_limit": "bigint",
    "used_after": "bigint", "policy_version": "bigint", "request_id": "text", "actor": "text", "other": "text",
    "note": "text",
}  # fmt: skip


def _record(types: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in types.items())


def _columns(types: Mapping[str, str], prefix: str = "") -> str:
    return ", ".join(prefix + name for name in types)


_READERS_GIVEN = f"json_to_recordset(%(readers)s) AS n (principal text, revision bigint, {_record(_READER_TYPES)})"
_GRANTS_GIVEN = f"json_to_recordset(%(grants)s) AS n ({_record(_GRANT_TYPES)})"
_ENTRIES_GIVEN = f"json_to_recordset(%(entries)s) AS n (place bigint, {_record(_ENTRY_TYPES)})"
_CHANGE_READERS = f"""
    UPDATE reader SET {", ".join(f"{name} = n.{name}" for name in _READER_TYPES)}, revision = nextval('reader_revision')
"""  # noqa: S608 - constants, as below
_ADD_GRANTS = f"INSERT INTO page_grant ({_columns(_GRANT_TYPES)}) SELECT {_columns(_GRANT_TYPES, 'n.')}"
_ADD_ENTRIES = f"INSERT INTO ledger ({_columns(_ENTRY_TYPES)}) SELECT {_columns(_ENTRY_TYPES, 'n.')}"

READERS = f"{_CHANGE_READERS} FROM {_READERS_GIVEN} WHERE reader.principal = n.principal"
GRANTS = f"{_ADD_GRANTS} FROM {_GRANTS_GIVEN}"
LEDGER = f"{_ADD_ENTRIES} FROM {_ENTRIES_GIVEN} ORDER BY n.place"
NETWORKS = """
    UPDATE network_day SET guests = network_day.guests + n.guests::bigint
    FROM json_each_text(%s) AS n (network, guests)
    WHERE network_day.network = n.network AND network_day.day = %s
"""
COMMIT = f"""
    WITH held AS MATERIALIZED (
        SELECT n.* FROM {_READERS_GIVEN}
        JOIN reader r ON r.principal = n.principal AND r.revision = n.revision
        ORDER BY n.principal FOR UPDATE OF r),
    written AS (
        {_CHANGE_READERS} FROM held n WHERE reader.principal = n.principal
        RETURNING reader.principal, reader.revision),
    grants AS ({_ADD_GRANTS} FROM {_GRANTS_GIVEN} JOIN written w ON w.principal = n.principal),
    entries AS ({_ADD_ENTRIES} FROM {_ENTRIES_GIVEN} JOIN written w ON w.principal = n.principal ORDER BY n.place),
    news AS ({outbox.ADD} FROM {outbox.GIVEN} JOIN written w ON w.principal = n.key ORDER BY n.place)
    SELECT principal, revision, {outbox.TELL} FROM written
"""  # noqa: S608 - constants
"""Everything about a reader is written together with its row, which is locked at the revision that was decided from."""


async def save(conn: Connection, changes: Changes, day: date | None) -> None:
    """Write everything; `day` is that of the networks' counters, which are locked."""
    given = _given(changes)
    if changes.readers:
        await conn.execute(READERS, given)
    if changes.grants:
        await conn.execute(GRANTS, given)
    if changes.entries:
        await conn.execute(LEDGER, given)
    if changes.network_guests:
        await conn.execute(NETWORKS, (json.dumps(changes.network_guests), day))
    await outbox.add(conn, *(event_of(news) for news in changes.news))


async def commit(conn: Connection, changes: Changes) -> dict[str, int]:
    """Write, in one statement, all that concerns readers who stand at their revision; gives their new revisions."""
    given = {**_given(changes), "events": outbox.given(event_of(news) for news in changes.news)}
    async with conn.cursor(row_factory=tuple_row, binary=True) as cursor:
        await cursor.execute(COMMIT, given)
        return {principal: revision for principal, revision, _ in await cursor.fetchall()}


def _given(changes: Changes) -> dict[str, str]:
    return {
        "readers": _rows(_reader(reader) for reader in changes.readers.values()),
        "grants": _rows(_grant(grant) for grant in changes.grants),
        "entries": _rows(_entry(place, entry) for place, entry in enumerate(changes.entries)),
    }


def _rows(rows: Iterable[Mapping[str, Any]]) -> str:
    return json.dumps(list(rows))


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _reader(reader: Reader) -> Mapping[str, Any]:
    return {
        "principal": reader.principal,
        "revision": reader.revision,
        "tier": reader.tier,
        "monthly_quota": reader.monthly_quota,
        "window_no": reader.window_no,
        "window_start": _time(reader.window.start if reader.window else None),
        "window_end": _time(reader.window.end if reader.window else None),
        "used": reader.used,
        "carried": reader.carried,
        "credits": reader.credits,
        "limit_reached": reader.limit_reached,
        "merged_into": reader.merged_into,
        "last_at": _time(reader.last_at),
    }


def _grant(grant: Grant) -> Mapping[str, Any]:
    return {
        "principal": grant.principal,
        "system": grant.content.system,
        "code": grant.content.code,
        "granted_at": _time(grant.at),
        "granted_until": _time(grant.until),
        "window_no": grant.window_no,
        "carried": grant.carried,
        "request_id": grant.request_id,
        "tier": grant.tier,
        "page_limit": grant.limit,
        "used_after": grant.used,
        "window_start": _time(grant.window.start),
        "window_end": _time(grant.window.end),
        "policy_version": grant.policy_version,
    }


def _entry(place: int, entry: Entry) -> Mapping[str, Any]:
    return {
        "place": place,
        "principal": entry.reader.principal,
        "window_no": entry.reader.window_no,
        "kind": entry.kind,
        "at": _time(entry.at),
        "pages": entry.pages,
        "system": entry.content.system if entry.content else "",
        "code": entry.content.code if entry.content else "",
        "tier": entry.reader.tier,
        "tier_before": entry.tier_before or "",
        "page_limit": entry.limit,
        "used_after": entry.reader.used,
        "policy_version": entry.policy_version,
        "request_id": entry.request_id,
        "actor": entry.actor,
        "other": entry.other,
        "note": entry.note,
    }
