"""What an account signed in with before: browsers and networks, so that a sign-in from elsewhere is told to its owner.

A browser is known by its name and system alone, a network by its keyed hash: enough to notice a stranger, and no
address of anybody is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.database import Connection

KEPT_DAYS = 90
_KNOWN = """
    SELECT bool_or(device = %(device)s) AS device, bool_or(network = %(network)s) AS network FROM known_place
    WHERE account = %(account)s AND last_at > clock_timestamp() - make_interval(days => %(days)s)
"""
_NOTE = """
    INSERT INTO known_place (account, device, network) VALUES (%(account)s, %(device)s, %(network)s)
    ON CONFLICT (account, device, network) DO UPDATE SET last_at = clock_timestamp()
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody signs in."""

    device: str
    """The browser, e.g. "Firefox on Windows"."""
    network: str
    """The keyed hash of the network."""


async def is_new(conn: Connection, account: str, place: Place) -> bool:
    """Note a sign-in; whether the browser or the network is new to an account that has signed in before."""
    given = {"account": account, "device": place.device, "network": place.network, "days": KEPT_DAYS}
    row = await (await conn.execute(_KNOWN, given)).fetchone()
    await conn.execute(_NOTE, given)
    return row is not None and row["device"] is not None and not (row["device"] and row["network"])


async def of_account(conn: Connection, account: str) -> list[dict[str, object]]:
    """Give what is kept of an account's sign-ins."""
    cursor = await conn.execute(
        "SELECT device, network, first_at, last_at FROM known_place WHERE account = %s ORDER BY last_at", (account,)
    )
    return [dict(row) for row in await cursor.fetchall()]


async def forget_old(conn: Connection) -> None:
    """Remove those that were not used for long."""
    await conn.execute(
        "DELETE FROM known_place WHERE last_at < clock_timestamp() - make_interval(days => %s)", (KEPT_DAYS,)
    )
