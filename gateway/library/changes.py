"""A change of somebody's library: one at a time for an account, and told to everything that remembers it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from shared.database import Connection, Database

CHANNEL = "library"
"""The call to the other gateways; it carries the account."""


class Changes:
    """Lends transactions in which libraries are changed."""

    def __init__(self, database: Database) -> None:
        """Take the gateway's database."""
        self.database = database
        self._told: list[Callable[[str], None]] = []

    def tell(self, told: Callable[[str], None]) -> None:
        """Have something of this gateway told whose library was changed here."""
        self._told.append(told)

    @asynccontextmanager
    async def of(self, account: str) -> AsyncIterator[Connection]:
        """Lend a transaction on an account's library: limits are counted and places moved undisturbed."""
        async with self.database.transaction() as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('library ' || %s, 0))", (account,))
            yield connection
            await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, account))
        for told in self._told:
            told(account)
