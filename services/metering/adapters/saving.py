"""Writes the changes of one transaction, whatever their number, in a statement a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from services.metering.events import event_of
from services.metering.ledger import Changes, Entry, Grant
from services.metering.reader import Reader
from shared.database import Connection
from shared.events import outbox

READERS = """
    UPDATE reader SET tier = n.tier, monthly_quota = n.monthly_quota, window_no = n.window_no,
        window_start = n.window_start, window_end = n.window_end, used = n.used, carried = n.carried,
        credits = n.credits, limit_reached = n.limit_reached, merged_into = n.merged_into, last_at = n.last_at
    FROM json_to_recordset(%s) AS n (
        principal text, tier text, monthly_quota bigint, window_no bigint, window_start timestamptz,
        window_end timestamptz, used bigint, carried bigint, credits bigint, limit_reached boolean, merged_into text,
        last_at timestamptz)
    WHERE reader.principal = n.principal
"""
GRANTS = """
    INSERT INTO page_grant (principal, system, code, granted_at, granted_until, window_no, carried, request_id, tier,
        page_limit, used_after, window_start, window_end, policy_version)
    SELECT * FROM json_to_recordset(%s) AS n (
        principal text, system text, code text, granted_at timestamptz, granted_until timestamptz, window_no bigint,
        carried boolean, request_id text, tier text, page_limit bigint, used_after bigint, window_start timestamptz,
        window_end timestamptz, policy_version bigint)
"""
LEDGER = """
    INSERT INTO ledger (principal, window_no, kind, at, pages, system, code, tier, tier_before, page_limit, used_after,
        policy_version, request_id, actor, other, note)
    SELECT * FROM json_to_recordset(%s) AS n (
        principal text, window_no bigint, kind text, at timestamptz, pages bigint, system text, code text, tier text,
        tier_before text, page_limit bigint, used_after bigint, policy_version bigint, request_id text, actor text,
        other text, note text)
"""
NETWORKS = """
    UPDATE network_day SET guests = network_day.guests + n.guests::bigint
    FROM json_each_text(%s) AS n (network, guests)
    WHERE network_day.network = n.network AND network_day.day = %s
"""


async def save(conn: Connection, changes: Changes, day: date | None) -> None:
    """Write everything; `day` is that of the networks' counters, which are locked."""
    if changes.readers:
        await conn.execute(READERS, (_rows(_reader(reader) for reader in changes.readers.values()),))
    if changes.grants:
        await conn.execute(GRANTS, (_rows(_grant(grant) for grant in changes.grants),))
    if changes.entries:
        await conn.execute(LEDGER, (_rows(_entry(entry) for entry in changes.entries),))
    if changes.network_guests:
        await conn.execute(NETWORKS, (json.dumps(changes.network_guests), day))
    await outbox.add(conn, *(event_of(news) for news in changes.news))


def _rows(rows: Any) -> str:
    return json.dumps(list(rows))


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _reader(reader: Reader) -> Mapping[str, Any]:
    return {
        "principal": reader.principal,
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


def _entry(entry: Entry) -> Mapping[str, Any]:
    return {
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
