"""Changing RPCs carry a request id; a repeat returns the first answer and changes nothing."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Protocol

from shared.database import Connection
from shared.errors import Conflict, InvalidInput

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
            answer bytea NOT NULL,
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

    `request` is the request in a form that is equal for equal requests; the same id with another request is a Conflict.
    """
    if not 1 <= len(request_id) <= LONGEST_REQUEST_ID:
        raise InvalidInput("REQUEST_ID_INVALID", f"request_id: 1 to {LONGEST_REQUEST_ID} characters are needed.")
    fingerprint = hashlib.sha256(request).digest()
    # Two calls with one id at the same time: the second waits here, then reads the first one's answer.
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{rpc}/{request_id}",))
    cursor = await conn.execute(
        "SELECT fingerprint, answer FROM answered_request WHERE rpc = %s AND request_id = %s", (rpc, request_id)
    )
    row = await cursor.fetchone()
    if row is not None:
        if bytes(row["fingerprint"]) != fingerprint:
            raise Conflict("REQUEST_ID_REUSED", "request_id: it was used before for another request; make a new one.")
        return bytes(row["answer"])
    answer = await work()
    await conn.execute(
        "INSERT INTO answered_request (rpc, request_id, fingerprint, answer) VALUES (%s, %s, %s, %s)",
        (rpc, request_id, fingerprint, answer),
    )
    return answer
