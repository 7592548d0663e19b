"""Runs one statement on a connection."""

from collections.abc import Mapping
from typing import Any

from shared.database import Connection


async def rows_of(conn: Connection, statement: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a statement, prepared on first use."""
    cursor = await conn.execute(statement.encode(), dict(values), prepare=True)
    return await cursor.fetchall()
