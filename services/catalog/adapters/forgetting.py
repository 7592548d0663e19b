"""Forgets a deleted account: its reports stay for the editors, and name nobody; an editor's work stays as well."""

import secrets

from shared.database import Connection


async def forget(conn: Connection, principal: str) -> None:
    """Take one account's name and addresses out of the reports, in the caller's transaction; twice changes nothing."""
    given = {"name": principal, "pseudonym": f"account:forgotten-{secrets.token_hex(16)}"}
    await conn.execute("UPDATE error_report SET filed_by = %(pseudonym)s, email = '' WHERE filed_by = %(name)s", given)
    await conn.execute("UPDATE error_report SET resolved_by = %(pseudonym)s WHERE resolved_by = %(name)s", given)
