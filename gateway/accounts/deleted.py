"""Accounts that were deleted: what they hold elsewhere for a while, an access token say, opens nothing here any more.

Kept as a hash, which leads back to nobody. Gateways look for what others have deleted every two seconds, and tell the
services some seconds later: by then no gateway has anything under way for the account that a service would write down
after it has forgotten it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib

import psycopg
import structlog
from codingahead.gateway.v1 import events_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from shared.database import Connection, Database
from shared.errors import DomainError, Unauthenticated
from shared.events import outbox
from shared.events.event import Event
from shared.tasks import end

LOOK_SECONDS = 2.0
SETTLED_SECONDS = 10.0
"""Longer than sessions and keys are remembered, and than counts are gathered."""
REMEMBERED = "2 days"
"""Longer than any access token holds."""
KEPT = "400 days"

TOPIC = "gateway.account-deleted"
SOURCE = "/gateway"
_ANNOUNCED = """
    UPDATE deleted_account AS d SET account = NULL FROM (
        SELECT digest, account FROM deleted_account
        WHERE account IS NOT NULL AND deleted_at < clock_timestamp() - make_interval(secs => %s)
        ORDER BY deleted_at LIMIT 100 FOR UPDATE SKIP LOCKED
    ) AS due WHERE d.digest = due.digest RETURNING due.account, d.deleted_at
"""
_log = structlog.get_logger(__name__)


class DeletedAccounts:
    """Knows them; a part of the gateway."""

    name = "deleted accounts"

    def __init__(self, database: Database) -> None:
        """Take the gateway's database."""
        self._database = database
        self._recent: set[bytes] = set()
        self._own: set[bytes] = set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read the recent ones, and go on looking."""
        with contextlib.suppress(DomainError, psycopg.Error):  # looked for again in two seconds
            await self._look()
        self._task = asyncio.create_task(self._keep_looking(), name=self.name)

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - nothing is under way
        """Stop."""
        await end(self._task)

    async def add(self, conn: Connection, account: str) -> None:
        """Write one down in the caller's transaction; its id is kept until the services are told."""
        await conn.execute(
            "INSERT INTO deleted_account (digest, account) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (digest(account), account),
        )

    def remember(self, account: str) -> None:
        """Refuse one from now on, once it is written down."""
        self._own.add(digest(account))

    def refuse(self, account: str) -> None:
        """Unauthenticated for the credential of an account that was deleted lately."""
        if (self._recent or self._own) and digest(account) in self._recent | self._own:
            raise Unauthenticated("ACCOUNT_DELETED", "This account was deleted: its tokens open nothing any more.")

    async def holds(self, account: str) -> bool:
        """Whether an account was deleted, by the database."""
        async with self._database.connection() as conn:
            return await is_deleted(conn, account)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look()
                await self._announce()
            except (DomainError, psycopg.Error) as error:
                _log.warning("deleted accounts not looked for", error=type(error).__name__)

    async def _look(self) -> None:
        async with self._database.connection() as conn:
            rows = await (
                await conn.execute(
                    f"SELECT digest FROM deleted_account WHERE deleted_at > clock_timestamp() - interval '{REMEMBERED}'"  # noqa: S608
                )
            ).fetchall()
            self._recent = {bytes(row["digest"]) for row in rows}
            await conn.execute(
                f"DELETE FROM deleted_account WHERE deleted_at < clock_timestamp() - interval '{KEPT}'"  # noqa: S608
            )

    async def _announce(self) -> None:
        """Tell the services of accounts that have settled."""
        async with self._database.transaction() as conn:
            rows = await (await conn.execute(_ANNOUNCED, (SETTLED_SECONDS,))).fetchall()
            for row in rows:
                at = Timestamp()
                at.FromDatetime(row["deleted_at"])
                message = events_pb2.AccountDeleted(account_id=row["account"], deleted_at=at)
                await outbox.add(conn, Event.of(topic=TOPIC, key=row["account"], message=message, source=SOURCE))


async def is_deleted(conn: Connection, account: str) -> bool:
    """Whether an account was deleted."""
    cursor = await conn.execute("SELECT FROM deleted_account WHERE digest = %s", (digest(account),))
    return await cursor.fetchone() is not None


DIGEST = "sha256(convert_to('deleted account ' || {}, 'UTF8'))"
"""The same in SQL, of a column."""


def digest(account: str) -> bytes:
    """Give what is kept of a deleted account's id; ids are random, so it cannot be guessed back."""
    return hashlib.sha256(f"deleted account {account}".encode()).digest()
