"""Changing RPCs carry a request id; a repeat returns the first answer and changes nothing."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

from shared.database import Connection, Database
from shared.errors import Conflict, InvalidInput
from shared.recurring import Recurring

LONGEST_REQUEST_ID = 200


class Operations(Protocol):
    """What of Alembic's `op` a migration needs here."""

    def execute(self, sqltext: str) -> None:
        """Run a statement."""
        ...


def create_tables(op: Operations) -> None:
    """Create the table of answers, in a service's first migration."""
    op.execute(
        """
        CREATE TABLE answered_request (
            rpc text NOT NULL,
            request_id text NOT NULL,
            fingerprint bytea NOT NULL,
            answer bytea NOT NULL DEFAULT '',
            answered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (rpc, request_id)
        );
        CREATE INDEX answered_request_by_time ON answered_request (answered_at);
        """
    )


async def once(
    conn: Connection, rpc: str, request_id: str, request: bytes, work: Callable[[], Awaitable[bytes]]
) -> bytes:
    """Do the work once for a request id, inside the caller's transaction, and give its answer every time.

    `request` is the request in a form that is equal for equal requests, with the name of the principal when the answer
    depends on it; the same id with another request is a Conflict. Work that raises leaves the id unused.
    """
    if not 1 <= len(request_id) <= LONGEST_REQUEST_ID:
        raise InvalidInput("REQUEST_ID_INVALID", f"request_id: 1 to {LONGEST_REQUEST_ID} characters are needed.")
    fingerprint = hashlib.sha256(request).digest()
    # Two calls with one id at the same time: the second waits here until the first has committed or failed.
    claimed = await conn.execute(
        "INSERT INTO answered_request (rpc, request_id, fingerprint) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (rpc, request_id, fingerprint),
    )
    if claimed.rowcount == 0:
        return await _first_answer(conn, rpc, request_id, fingerprint)
    answer = await work()
    await conn.execute(
        "UPDATE answered_request SET answer = %s WHERE rpc = %s AND request_id = %s", (answer, rpc, request_id)
    )
    return answer


async def _first_answer(conn: Connection, rpc: str, request_id: str, fingerprint: bytes) -> bytes:
    cursor = await conn.execute(
        "SELECT fingerprint, answer FROM answered_request WHERE rpc = %s AND request_id = %s", (rpc, request_id)
    )
    row = await cursor.fetchone()
    if row is None:
        raise Conflict("REQUEST_ID_FORGOTTEN", "request_id: its first answer was just forgotten; make a new one.")
    if bytes(row["fingerprint"]) != fingerprint:
        raise Conflict("REQUEST_ID_REUSED", "request_id: it was used before for another request; make a new one.")
    return bytes(row["answer"])


async def forget(conn: Connection, *, older_than: timedelta) -> int:
    """Remove the answers to requests that nobody repeats any more, and give their number."""
    cursor = await conn.execute(
        "DELETE FROM answered_request WHERE answered_at < clock_timestamp() - %s", (older_than,)
    )
    return cursor.rowcount


class ForgetsAnswers(Recurring):
    """Removes old answers every hour; a part of a service that uses `once`."""

    def __init__(self, database: Database, *, older_than: timedelta = timedelta(days=7)) -> None:
        """Take the service's database and how long a request may be repeated."""
        super().__init__("idempotency", self._forget)
        self._database = database
        self._older_than = older_than

    async def _forget(self) -> None:
        async with self._database.connection() as conn:
            await forget(conn, older_than=self._older_than)
