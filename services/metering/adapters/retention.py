"""Removes what is past its retention: rows of guests whose cookies no browser holds any more, answered requests, the
counts of past days' networks. The ledger stays whole; it names guests by random ids only.
"""

from __future__ import annotations

import structlog

from shared.database import Connection, Database
from shared.recurring import Recurring

NETWORK_DAYS = 7
BATCH = 1_000

_log = structlog.get_logger(__name__)

# One transaction a batch: a guest's rows go together, and the ledger says how many grants went.
_FORGET = """
    WITH gone AS MATERIALIZED (
        SELECT principal FROM reader WHERE tier = 'guest' AND last_at < clock_timestamp() - make_interval(days => %s)
        ORDER BY principal LIMIT %s FOR UPDATE SKIP LOCKED),
    grants AS (DELETE FROM page_grant g USING gone WHERE g.principal = gone.principal RETURNING g.principal),
    counters AS (DELETE FROM counter c USING gone WHERE c.principal = gone.principal),
    readers AS (DELETE FROM reader r USING gone WHERE r.principal = gone.principal RETURNING r.*)
    INSERT INTO ledger (principal, window_no, kind, at, pages, tier, used_after, policy_version, actor, note)
    SELECT r.principal, r.window_no, 'forget', clock_timestamp(),
           -(SELECT count(*) FROM grants g WHERE g.principal = r.principal), r.tier, 0,
           (SELECT max(version) FROM policy), 'service:metering', 'past its retention'
    FROM readers r ORDER BY r.principal
"""
_REQUESTS = """
    DELETE FROM answered_request WHERE (rpc, request_id) IN (
        SELECT rpc, request_id FROM answered_request
        WHERE answered_at < clock_timestamp() - make_interval(days => %s) LIMIT %s)
"""
_NETWORKS = "DELETE FROM network_day WHERE day < (clock_timestamp() AT TIME ZONE 'UTC')::date - %s"


async def remove_outdated(conn: Connection, guest_days: int, request_days: int) -> int:
    """Remove everything past its retention, in batches; gives the number of guests that were forgotten."""
    guests = 0
    while True:
        gone = (await conn.execute(_FORGET, (guest_days, BATCH))).rowcount
        guests += gone
        if gone < BATCH:
            break
    while (await conn.execute(_REQUESTS, (request_days, BATCH))).rowcount == BATCH:
        pass
    await conn.execute(_NETWORKS, (NETWORK_DAYS,))
    return guests


class Retention(Recurring):
    """Removes now and then, first after one interval; a part of the service. Several processes may at a time."""

    def __init__(self, database: Database, *, guest_days: int, request_days: int, every: float) -> None:
        """Take the database, the retentions in days, and the seconds between two removals."""
        super().__init__("retention", self._remove, every=every, at_start=False)
        self._database = database
        self._guest_days = guest_days
        self._request_days = request_days

    async def _remove(self) -> None:
        async with self._database.connection() as conn:
            guests = await remove_outdated(conn, self._guest_days, self._request_days)
        _log.info("removed what was past its retention", guests=guests)
