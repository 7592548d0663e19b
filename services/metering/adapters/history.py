"""Reads the history of one reader."""

from __future__ import annotations

from typing import Any

from services.metering.adapters.rows import TIERS
from services.metering.content import Content
from services.metering.history import Acceptance, HistoryPage, PastEntry, WindowCounter
from services.metering.ledger import EntryKind
from shared.database import Connection

_ENTRIES = "SELECT * FROM ledger WHERE principal = %s AND id > %s ORDER BY id LIMIT %s"
_COUNTERS = "SELECT window_no, name, value FROM counter WHERE principal = %s ORDER BY window_no, name"
_ACCEPTANCES = """
    SELECT licence, terms_edition, accepted_at FROM licence_acceptance WHERE principal = %s
    ORDER BY accepted_at, licence
"""


async def history(conn: Connection, principal: str, size: int, after: int) -> HistoryPage:
    """Give the entries behind an id, 0 for the beginning."""
    rows = await (await conn.execute(_ENTRIES, (principal, after, size + 1))).fetchall()
    entries = tuple(_entry(row) for row in rows[:size])
    more = entries[-1].id if len(rows) > size else None
    if after:
        return HistoryPage(entries, more)
    counters = await (await conn.execute(_COUNTERS, (principal,))).fetchall()
    accepted = await (await conn.execute(_ACCEPTANCES, (principal,))).fetchall()
    return HistoryPage(
        entries,
        more,
        tuple(WindowCounter(row["window_no"], row["name"], row["value"]) for row in counters),
        tuple(Acceptance(row["licence"], row["terms_edition"], row["accepted_at"]) for row in accepted),
    )


def _entry(row: dict[str, Any]) -> PastEntry:
    return PastEntry(
        id=row["id"],
        kind=EntryKind(row["kind"]),
        at=row["at"],
        pages=row["pages"],
        content=Content(row["system"], row["code"]) if row["code"] else None,
        tier=TIERS[row["tier"]],
        tier_before=TIERS[row["tier_before"]] if row["tier_before"] else None,
        limit=row["page_limit"],
        used=row["used_after"],
        note=row["note"],
    )
