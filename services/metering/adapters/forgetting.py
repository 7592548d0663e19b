"""Forgets a deleted account: its rows go, and what must be kept is kept under a pseudonym that leads back to nobody.

The ledger keeps every entry and every count; only the name in it changes, once, which its trigger allows within the
transaction that made the pseudonym. Acceptances of licences and counts of licensed displays are kept likewise, for the
publisher may ask for them.
"""

import secrets

from services.metering.reader import ACCOUNT
from shared.database import Connection

LICENSED_DISPLAYS = "official-text:%"

_LOCK = "SELECT FROM reader WHERE principal = %(name)s FOR UPDATE"
_KNOWN = """
    SELECT FROM reader WHERE principal = %(name)s
    UNION ALL SELECT FROM ledger WHERE principal = %(name)s OR (other <> '' AND other = %(name)s)
    UNION ALL SELECT FROM ledger WHERE kind IN ('credit', 'plan') AND actor = %(name)s LIMIT 1
"""
_STEPS = (
    "INSERT INTO forgotten_reader (pseudonym) VALUES (%(pseudonym)s)",
    # The last entry says how many grants went; reconciliation compares what came after it, which is nothing.
    """
    INSERT INTO ledger (principal, window_no, kind, at, pages, tier, used_after, policy_version, actor, note)
    SELECT %(pseudonym)s, r.window_no, 'forget', clock_timestamp(),
           -(SELECT count(*) FROM page_grant g WHERE g.principal = r.principal), r.tier, 0,
           (SELECT max(version) FROM policy), 'service:metering', 'the account was deleted'
    FROM reader r WHERE r.principal = %(name)s
    """,
    """
    UPDATE reader SET merged_into = %(pseudonym)s, revision = nextval('reader_revision')
    WHERE merged_into = %(name)s
      AND principal IN (SELECT principal FROM ledger WHERE other <> '' AND other = %(name)s AND kind = 'merge')
    """,
    """
    UPDATE ledger SET
        principal = CASE principal WHEN %(name)s THEN %(pseudonym)s ELSE principal END,
        other = CASE other WHEN %(name)s THEN %(pseudonym)s ELSE other END,
        actor = CASE actor WHEN %(name)s THEN %(pseudonym)s ELSE actor END,
        note = CASE principal WHEN %(name)s THEN '' ELSE note END
    WHERE principal = %(name)s OR (other <> '' AND other = %(name)s)
       OR (kind IN ('credit', 'plan') AND actor = %(name)s)
    """,
    # News of it that has left stays in the event log for as long as that keeps anything; here it goes at once.
    "DELETE FROM outbox WHERE key = %(name)s",
    "DELETE FROM page_grant WHERE principal = %(name)s",
    "DELETE FROM counter WHERE principal = %(name)s AND name NOT LIKE %(licensed)s",
    "UPDATE counter SET principal = %(pseudonym)s WHERE principal = %(name)s",
    "UPDATE licence_acceptance SET principal = %(pseudonym)s WHERE principal = %(name)s",
    "DELETE FROM reader WHERE principal = %(name)s",
)


async def forget(conn: Connection, principal: str) -> None:
    """Forget one reader in the caller's transaction; a second time changes nothing."""
    given = {
        "name": principal,
        "pseudonym": f"{ACCOUNT}:forgotten-{secrets.token_hex(16)}",
        "licensed": LICENSED_DISPLAYS,
    }
    await conn.execute(_LOCK, given)
    if (await (await conn.execute(_KNOWN, given)).fetchone()) is None:
        return
    for step in _STEPS:
        await conn.execute(step, given)
