"""Which releases each running process answers claims from: an import waits until they answer from its own."""

import asyncio
import hashlib
import secrets
from collections.abc import Iterable

import structlog

from shared.database import Database

HEARD_SECONDS = 15.0
"""A process that was not heard for so long is taken for ended."""
LONGEST_WAIT = 120.0
LOOK_EVERY_SECONDS = 0.1

_log = structlog.get_logger(__name__)


def digest_of(release_ids: Iterable[str]) -> str:
    """A short name for a set of releases."""
    return hashlib.sha256("\n".join(sorted(release_ids)).encode()).hexdigest()[:32]


class AnsweringProcess:
    """This process among those that answer."""

    def __init__(self, database: Database) -> None:
        """Take the database, opened when it is told."""
        self._database = database
        self._id = secrets.token_hex(8)

    async def tell(self, release_ids: Iterable[str]) -> None:
        """Say which releases this process answers from, and that it lives."""
        async with self._database.connection() as conn:
            await conn.execute(
                """
                INSERT INTO answering_process (id, releases, heard_at) VALUES (%s, %s, clock_timestamp())
                ON CONFLICT (id) DO UPDATE SET releases = excluded.releases, heard_at = excluded.heard_at
                """,
                (self._id, digest_of(release_ids)),
            )

    async def leave(self) -> None:
        """Say that this process answers no longer, and forget those that ended without a word."""
        async with self._database.connection() as conn:
            await conn.execute(
                "DELETE FROM answering_process"
                " WHERE id = %s OR heard_at < clock_timestamp() - make_interval(secs => %s)",
                (self._id, HEARD_SECONDS),
            )


async def answered_from(database: Database) -> bool:
    """Wait until every running process answers from what is published; False when that takes too long."""
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            while True:
                if await _all_answer(database):
                    return True
                await asyncio.sleep(LOOK_EVERY_SECONDS)
    except TimeoutError:
        _log.warning("a running process does not answer from the new release yet", seconds=LONGEST_WAIT)
        return False


async def _all_answer(database: Database) -> bool:
    async with database.connection() as conn:
        cursor = await conn.execute("SELECT id FROM release WHERE answering")
        wanted = digest_of(row["id"] for row in await cursor.fetchall())
        cursor = await conn.execute(
            "SELECT count(*) AS behind FROM answering_process WHERE releases <> %s"
            " AND heard_at > clock_timestamp() - make_interval(secs => %s)",
            (wanted, HEARD_SECONDS),
        )
        row = await cursor.fetchone()
    return row is None or row["behind"] == 0
