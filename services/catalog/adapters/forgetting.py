"""Forgets a deleted account: its reports stay for the editors, and name nobody; an editor's work and an operator's
imports stay as well."""

import secrets

from psycopg import sql

from shared.database import Connection

NAMES_OF_OPERATORS = (
    ("import_upload", "uploaded_by"),
    ("import_job", "ordered_by"),
    ("import_job", "licence_accepted_by"),
    ("release", "imported_by"),
    ("release", "licence_accepted_by"),
)


async def forget(conn: Connection, principal: str) -> None:
    """Take one account's name and addresses out of everything, in the caller's transaction; twice changes nothing."""
    given = {"name": principal, "pseudonym": f"account:forgotten-{secrets.token_hex(16)}"}
    await conn.execute("UPDATE error_report SET filed_by = %(pseudonym)s, email = '' WHERE filed_by = %(name)s", given)
    await conn.execute("UPDATE error_report SET resolved_by = %(pseudonym)s WHERE resolved_by = %(name)s", given)
    for table, column in NAMES_OF_OPERATORS:
        await conn.execute(
            sql.SQL("UPDATE {table} SET {column} = %(pseudonym)s WHERE {column} = %(name)s").format(
                table=sql.Identifier(table), column=sql.Identifier(column)
            ),
            given,
        )
