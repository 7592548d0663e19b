"""What was read and looked up, in the gateway's database: each once, at the time of its last reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from gateway.accounts.deleted import DIGEST
from gateway.library.records import LookUp, Reading
from gateway.library.rules import KEPT_DAYS, MOST_LOOK_UPS, MOST_READINGS, CodeKey
from shared.database import Database

ReadingRow = tuple[str, str, str, datetime]
"""Account, system, code, when."""
LookUpRow = tuple[str, str, str, datetime]
"""Account, the words without difference of case, as they were typed, when."""

# Whoever switched the history off, cleared it or deleted the account is asked here and not on the way of a page.
_WANTED = f"""
    LEFT JOIN history_choice c ON c.account = o.account
    WHERE c.recording IS NOT FALSE AND (c.cleared_at IS NULL OR o.at > c.cleared_at)
      AND NOT EXISTS (SELECT FROM deleted_account d WHERE d.digest = {DIGEST.format("o.account")})
"""
_READ = f"""
    INSERT INTO reading (account, system, code, read_at)
    SELECT o.account, o.system, o.code, o.at
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[]) AS o (account, system, code, at) {_WANTED}
    ON CONFLICT (account, system, code) DO UPDATE SET read_at = greatest(reading.read_at, excluded.read_at)
"""  # noqa: S608 - our own text
_LOOKED_UP = f"""
    INSERT INTO look_up (account, folded, words, looked_up_at)
    SELECT o.account, o.folded, o.words, o.at
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[]) AS o (account, folded, words, at) {_WANTED}
    ON CONFLICT (account, folded) DO UPDATE
    SET words = excluded.words, looked_up_at = greatest(look_up.looked_up_at, excluded.looked_up_at)
"""  # noqa: S608 - our own text
_PRUNE = """
    DELETE FROM {table} t USING (
        SELECT a.account, (SELECT {time} FROM {table} x WHERE x.account = a.account
                           ORDER BY {time} DESC OFFSET %s LIMIT 1) AS edge
        FROM unnest(%s::text[]) AS a (account)) e
    WHERE t.account = e.account AND t.{time} <= e.edge
"""


class HistoryStore:
    """Keeps the history of accounts."""

    def __init__(self, database: Database) -> None:
        """Take the gateway's database."""
        self._database = database

    async def write_readings(self, rows: Sequence[ReadingRow]) -> None:
        """Write readings, in one order everywhere, so that two gateways do not wait for each other."""
        async with self._database.connection() as connection:
            await connection.execute(_READ, tuple(map(list, zip(*sorted(rows), strict=True))))

    async def write_look_ups(self, rows: Sequence[LookUpRow]) -> None:
        """Write look-ups."""
        async with self._database.connection() as connection:
            await connection.execute(_LOOKED_UP, tuple(map(list, zip(*sorted(rows), strict=True))))

    async def readings(
        self, account: str, *, after: tuple[datetime, str, str] | None = None, limit: int = MOST_READINGS
    ) -> list[Reading]:
        """Give what was read, the last first, from behind a reading."""
        at, system, code = after or (datetime.now(UTC) + timedelta(days=1), "", "")
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "SELECT system, code, read_at FROM reading"
                " WHERE account = %s AND (read_at, system, code) < (%s, %s, %s)"
                " ORDER BY read_at DESC, system DESC, code DESC LIMIT %s",
                (account, at, system, code, min(limit, MOST_READINGS)),
            )
            return [Reading(CodeKey(row["system"], row["code"]), row["read_at"]) for row in await cursor.fetchall()]

    async def look_ups(self, account: str) -> list[LookUp]:
        """Give what was looked up, the last first."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "SELECT words, looked_up_at FROM look_up WHERE account = %s"
                " ORDER BY looked_up_at DESC, folded LIMIT %s",
                (account, MOST_LOOK_UPS),
            )
            return [LookUp(row["words"], row["looked_up_at"]) for row in await cursor.fetchall()]

    async def recording(self, account: str) -> bool:
        """Tell whether an account's reading is recorded; it is until it is switched off."""
        async with self._database.connection() as connection:
            cursor = await connection.execute("SELECT recording FROM history_choice WHERE account = %s", (account,))
            row = await cursor.fetchone()
        return row is None or bool(row["recording"])

    async def choose(self, account: str, *, recording: bool) -> None:
        """Switch the recording on or off; what is there stays until it is cleared."""
        async with self._database.connection() as connection:
            await connection.execute(
                "INSERT INTO history_choice (account, recording) VALUES (%s, %s)"
                " ON CONFLICT (account) DO UPDATE SET recording = excluded.recording",
                (account, recording),
            )

    async def clear(self, account: str, now: datetime) -> None:
        """Remove everything that was read and looked up, also what some gateway has not written yet."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "INSERT INTO history_choice (account, cleared_at) VALUES (%s, %s)"
                " ON CONFLICT (account) DO UPDATE SET cleared_at = excluded.cleared_at",
                (account, now),
            )
            await connection.execute("DELETE FROM reading WHERE account = %s", (account,))
            await connection.execute("DELETE FROM look_up WHERE account = %s", (account,))

    async def prune(self, accounts: Sequence[str]) -> None:
        """Remove what goes beyond the newest readings and look-ups of accounts."""
        for table, time, most in (("reading", "read_at", MOST_READINGS), ("look_up", "looked_up_at", MOST_LOOK_UPS)):
            async with self._database.connection() as connection:
                statement = _PRUNE.format(table=table, time=time)
                await connection.execute(statement.encode(), (most, list(accounts)))

    async def forget_old(self, now: datetime) -> None:
        """Remove what is older than history is kept."""
        edge = now - timedelta(days=KEPT_DAYS)
        async with self._database.connection() as connection:
            await connection.execute("DELETE FROM reading WHERE read_at < %s", (edge,))
            await connection.execute("DELETE FROM look_up WHERE looked_up_at < %s", (edge,))
