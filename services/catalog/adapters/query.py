"""Runs one statement on a connection, and names the releases that it reads codes from."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.catalog.records import Holding
from shared.database import Connection

HELD = "unnest(%(held_systems)s::text[], %(held_releases)s::text[]) WITH ORDINALITY AS held (system, release_id, place)"
"""The releases that hold codes, by system; of the rows of one code the one with the least place counts."""


def held_values(held: Sequence[Holding]) -> dict[str, list[str]]:
    """The values that HELD names."""
    return {
        "held_systems": [holding.system for holding in held],
        "held_releases": [holding.release_id for holding in held],
    }


async def rows_of(conn: Connection, statement: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a statement, prepared on first use."""
    cursor = await conn.execute(statement.encode(), dict(values), prepare=True)
    return await cursor.fetchall()
