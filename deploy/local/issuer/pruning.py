"""Forgets what has run out at the issuer: sign-ons, what clients were given in them, one-use records, failed attempts.

Nothing is answered differently for it: what goes is refused before, as too old or as ended.
"""

from deploy.local.issuer import attempts, grants, sign_ons
from shared.database import Connection, Database
from shared.recurring import Recurring

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


class Pruning(Recurring):
    """Forgets every hour; a part of the issuer."""

    def __init__(self, database: Database) -> None:
        """Take the issuer's database."""
        super().__init__("pruning", self._prune)
        self._database = database

    async def _prune(self) -> None:
        async with self._database.transaction() as conn:
            await prune(conn)


async def prune(conn: Connection) -> None:
    """Remove what has run out, in the transaction given."""
    for step in _STEPS:
        await conn.execute(step, _AGES)
