"""Acts of operators: who did what to whom, when and why, with the standing before and after; nothing is ever removed.

An act is written down before it is done, and its outcome after: no act goes unwritten, whatever fails in between. An
act without an outcome may have been done or not; the same request, sent again, finds out and writes it down.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.database import Database
from shared.errors import Conflict, DeadlineExceeded, DomainError, FailedPrecondition, Unavailable

PAGE = 50
Standing = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Act:
    """What an operator is about to do."""

    operator: str
    act: str
    """In words, e.g. "set the plan pro"."""
    whom: str
    reason: str
    request_id: str
    asked: Mapping[str, str]
    """The fields of the form that asks for it, so that it can be sent again."""


@dataclass(frozen=True, slots=True)
class WrittenAct:
    """An act as it stands in the audit."""

    id: int
    at: datetime
    act: Act
    before: Standing
    after: Standing | None
    """None when it was refused, or when its outcome is not known."""
    refused: str
    """Why it was refused, in a word; empty when it was not."""

    @property
    def open(self) -> bool:
        """Whether its outcome is not known."""
        return self.after is None and not self.refused


@dataclass(frozen=True, slots=True)
class Performed:
    """An act that is done."""

    after: Standing
    repeated: bool
    """Whether it was done before, and nothing was changed a second time."""


_WRITE = """
    INSERT INTO operator_act (operator, act, whom, reason, request_id, asked, before)
    VALUES (%(operator)s, %(act)s, %(whom)s, %(reason)s, %(request_id)s, %(asked)s, %(before)s)
    ON CONFLICT (request_id) DO NOTHING
"""
_SELECT = (
    "SELECT a.*, o.after, coalesce(o.refused, '') AS refused"
    " FROM operator_act a LEFT JOIN act_outcome o ON o.act = a.id"
)
_OUTCOME = """
    INSERT INTO act_outcome (act, after, refused) SELECT id, %s, %s FROM operator_act WHERE request_id = %s
    ON CONFLICT (act) DO NOTHING
"""


class Audit:
    """The audit in the gateway's database."""

    def __init__(self, database: Database) -> None:
        """Take the gateway's database."""
        self._database = database

    async def perform(self, act: Act, before: Standing, work: Callable[[], Awaitable[Standing]]) -> Performed:
        """Write the act down, do the work, and write its outcome.

        The work must do the same once for a request id. Conflict when the request id stands for another act,
        FailedPrecondition when it was refused before.
        """
        written = await self._written(act, before)
        if written.after is not None:
            return Performed(written.after, repeated=True)
        if written.refused:
            raise FailedPrecondition(
                "ACT_REFUSED", f"request_id: this act was refused before ({written.refused}); make a new one."
            )
        try:
            after = await work()
        except (Unavailable, DeadlineExceeded):
            raise  # done or not: nobody knows until it is asked again
        except DomainError as error:
            await self._note(act.request_id, None, error.reason)
            raise
        await self._note(act.request_id, after, "")
        return Performed(after, repeated=False)

    async def acts(self, *, whom: str = "", before_id: int | None = None, size: int = PAGE) -> list[WrittenAct]:
        """Give a page of acts, newest first, about one principal or all."""
        return await self._read(
            f"{_SELECT} WHERE (%(whom)s = '' OR whom = %(whom)s)"
            " AND (%(before)s::bigint IS NULL OR a.id < %(before)s) ORDER BY a.id DESC LIMIT %(most)s",
            {"whom": whom, "before": before_id, "most": size},
        )

    async def _written(self, act: Act, before: Standing) -> WrittenAct:
        """Write an act down once, and give it as it stands."""
        given = {
            "operator": act.operator,
            "act": act.act,
            "whom": act.whom,
            "reason": act.reason,
            "request_id": act.request_id,
            "asked": json.dumps(dict(act.asked)),
            "before": json.dumps(before),
        }
        async with self._database.transaction() as conn:
            await conn.execute(_WRITE, given)
        (written,) = await self._read(f"{_SELECT} WHERE request_id = %(request_id)s", given)
        if written.act != act:
            raise Conflict("ACT_DIFFERS", "request_id: it was used for another act; make a new one.")
        return written

    async def _note(self, request_id: str, after: Standing | None, refused: str) -> None:
        async with self._database.transaction() as conn:
            standing = json.dumps(after) if after is not None else None
            await conn.execute(_OUTCOME, (standing, refused, request_id))

    async def _read(self, query: str, values: Mapping[str, Any]) -> list[WrittenAct]:
        async with self._database.connection() as conn:
            rows = await (await conn.execute(query, values)).fetchall()
        return [_written_act(row) for row in rows]


def _written_act(row: Mapping[str, Any]) -> WrittenAct:
    act = Act(row["operator"], row["act"], row["whom"], row["reason"], row["request_id"], row["asked"])
    return WrittenAct(row["id"], row["at"], act, row["before"], row["after"], row["refused"])
