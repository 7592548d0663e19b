"""Forgets what has run out at the issuer: sign-ons, what clients were given in them, one-use records, failed attempts.

Nothing is answered differently for it: what goes is refused before, as too old or as ended.
"""

import asyncio

import psycopg
import structlog

from deploy.local.issuer import attempts, grants, sign_ons
from shared.database import Connection, Database
from shared.errors import DomainError

EVERY_SECONDS = 3600.0

_log = structlog.get_logger(__name__)

_STEPS = (
    # A refresh token that is too old is refused before anybody asks whether it was used.
    "DELETE FROM refresh_token WHERE issued_at < now() - %(refresh_idle)s::interval",
    """
    DELETE FROM sign_on WHERE ended_at < now() - interval '1 day'
       OR last_used_at < now() - %(idle)s::interval - interval '1 day'
       OR signed_in_at < now() - %(longest)s::interval - interval '1 day'
    """,
    # The newest grant of a client stays as long as its sign-on: by it the client hears of the end.
    """
    DELETE FROM client_grant AS g WHERE granted_at < now() - interval '1 day'
      AND NOT EXISTS (SELECT FROM refresh_token WHERE grant_id = g.id)
      AND EXISTS (SELECT FROM client_grant AS newer WHERE newer.sign_on_id = g.sign_on_id
                  AND newer.client_id = g.client_id AND newer.granted_at > g.granted_at)
    """,
    "DELETE FROM client_assertion WHERE expires_at < now() - interval '5 minutes'",
    "DELETE FROM mail_ticket WHERE expires_at < now()",
    "DELETE FROM half_sign_in WHERE expires_at < now()",
    """
    DELETE FROM failed_attempt WHERE last_at < now() - %(forgotten_after)s::interval
      AND (locked_until IS NULL OR locked_until < now())
    """,
)
_AGES = {
    "refresh_idle": grants.REFRESH_IDLE,
    "idle": sign_ons.IDLE,
    "longest": sign_ons.LONGEST,
    "forgotten_after": attempts.FORGOTTEN_AFTER,
}


class Pruning:
    """Forgets every hour; a part of the issuer."""

    name = "pruning"

    def __init__(self, database: Database) -> None:
        """Take the issuer's database."""
        self._database = database
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - what is left waits for the next hour
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                async with self._database.transaction() as conn:
                    await prune(conn)
            except (DomainError, psycopg.Error) as error:
                _log.warning("what has run out is not removed", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)


async def prune(conn: Connection) -> None:
    """Remove what has run out, in the transaction given."""
    for step in _STEPS:
        await conn.execute(step, _AGES)
