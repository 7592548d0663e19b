"""Acts of operators: who did what to whom, when and why, with the standing before and after; nothing is ever removed.

An act is written in the transaction that holds until the meter has answered, so that no act goes unwritten; a crash in
between leaves an act that the same request, sent again, completes.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.database import Connection, Database
from shared.errors import AlreadyExists

PAGE = 50
Standing = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Act:
    """What an operator is about to do."""

    operator: str
    act: str
    whom: str
    reason: str
    request_id: str


@dataclass(frozen=True, slots=True)
class WrittenAct:
    """An act as it stands in the audit."""

    id: int
    at: datetime
    act: Act
    before: Standing
    after: Standing


class Audit:
    """The audit in the gateway's database."""

    def __init__(self, database: Database) -> None:
        """Take the gateway's database."""
        self._database = database

    async def perform(self, act: Act, before: Standing, work: Callable[[], Awaitable[Standing]]) -> None:
        """Do the work and write it down; AlreadyExists when this request was written before."""
        async with self._database.transaction() as conn:
            await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", (act.request_id,))
            await _refuse_repeat(conn, act.request_id)
            after = await work()
            await conn.execute(
                "INSERT INTO operator_act (operator, act, whom, reason, request_id, before, after)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (act.operator, act.act, act.whom, act.reason, act.request_id, json.dumps(before), json.dumps(after)),
            )

    async def acts(self, *, whom: str = "", before_id: int | None = None) -> list[WrittenAct]:
        """Give a page of acts, newest first, about one principal or all."""
        async with self._database.connection() as conn:
            cursor = await conn.execute(
                "SELECT * FROM operator_act WHERE (%(whom)s = '' OR whom = %(whom)s)"
                " AND (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(most)s",
                {"whom": whom, "before": before_id, "most": PAGE},
            )
            rows = await cursor.fetchall()
        return [
            WrittenAct(
                row["id"],
                row["at"],
                Act(row["operator"], row["act"], row["whom"], row["reason"], row["request_id"]),
                row["before"],
                row["after"],
            )
            for row in rows
        ]


async def _refuse_repeat(conn: Connection, request_id: str) -> None:
    cursor = await conn.execute("SELECT FROM operator_act WHERE request_id = %s", (request_id,))
    if await cursor.fetchone() is not None:
        raise AlreadyExists("ACT_REPEATED", "request_id: this act was done before; nothing was changed a second time.")
