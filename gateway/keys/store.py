"""API keys in the gateway's database. A change is called out to every gateway in the transaction that makes it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from gateway.keys.key import LIVE_KEYS, ApiKey, NewKey
from gateway.keys.secret import beginning, digest, new_secret
from shared.database import Connection, Database
from shared.errors import FailedPrecondition, NotFound
from shared.mail import Mail, WaitingMails

CHANNEL = "api_key"
SHOWN_KEYS = 50

_COLUMNS = "id, account, name, beginning, scopes, networks, origins, created_at, expires_at, last_used_at, revoked_at"
_INSERT = (
    "INSERT INTO api_key (id, account, name, digest, beginning, scopes, networks, origins, expires_at)"  # noqa: S608 - our own text
    f" VALUES (%s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp() + %s) RETURNING {_COLUMNS}"
)


class KeyStore:
    """Keeps keys."""

    def __init__(self, database: Database, mails: WaitingMails) -> None:
        """Take the gateway's database and mails."""
        self._database = database
        self._mails = mails

    async def create(self, account: str, new: NewKey, notice: Mail | None) -> tuple[ApiKey, str]:
        """Make a key, with a notice, and give it with its secret, which nobody can read again.

        FailedPrecondition when the account has two live keys.
        """
        secret = new_secret()
        async with self._database.transaction() as connection:
            # Two requests at once must not make a third key.
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('api_key ' || %s, 0))", (account,))
            await _require_room(connection, account)
            made = await connection.execute(
                _INSERT,
                (
                    f"key_{secrets.token_hex(8)}",
                    account,
                    new.name,
                    digest(secret),
                    beginning(secret),
                    sorted(new.scopes),
                    list(map(str, new.networks)),
                    list(new.origins),
                    new.life,
                ),
            )
            key = await made.fetchone()
            await self._tell(connection, notice)
        self._mails.wake()
        assert key is not None  # noqa: S101 - an INSERT that returns gives a row
        return _key(key), secret

    async def of_account(
        self, account: str, most: int = SHOWN_KEYS, after: tuple[datetime, str] | None = None
    ) -> list[ApiKey]:
        """Give keys of an account, live or not, the newest first; `after` is when a key was made, and its id."""
        behind, place = "", ()  # type: str, tuple[object, ...]
        if after is not None:
            behind, place = "AND (created_at, id) < (%s, %s)", after
        return await self._read(
            f"WHERE account = %s {behind} ORDER BY created_at DESC, id DESC LIMIT %s", (account, *place, most)
        )

    async def of_digests(self, wanted: Sequence[bytes]) -> dict[bytes, ApiKey]:
        """Give the keys of secrets' digests; keys of nobody are not among them."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                f"SELECT {_COLUMNS}, digest FROM api_key WHERE digest = ANY(%s)",  # noqa: S608 - our own text
                (list(wanted),),
            )
            return {bytes(row["digest"]): _key(row) for row in await cursor.fetchall()}

    async def live_origins(self) -> frozenset[str]:
        """Give the sites whose pages may use some live key."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "SELECT DISTINCT unnest(origins) AS origin FROM api_key"
                " WHERE revoked_at IS NULL AND expires_at > clock_timestamp()"
            )
            return frozenset([row["origin"] for row in await cursor.fetchall()])

    async def revoke(self, account: str, key_id: str, notice: Callable[[str], Mail | None]) -> None:
        """End a key of an account, on every gateway; NotFound when the account has no such key.

        `notice` tells of a key, by its name, that had not ended before.
        """
        async with self._database.transaction() as connection:
            found = await connection.execute(
                "SELECT name, digest, revoked_at FROM api_key WHERE account = %s AND id = %s FOR UPDATE",
                (account, key_id),
            )
            row = await found.fetchone()
            if row is None:
                raise NotFound("KEY_UNKNOWN", f"This account has no key {key_id[:60]!r}.")
            if row["revoked_at"] is None:
                await connection.execute("UPDATE api_key SET revoked_at = clock_timestamp() WHERE id = %s", (key_id,))
                await self._tell(connection, notice(row["name"]))
            await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, bytes(row["digest"]).hex()))
        self._mails.wake()

    async def _tell(self, connection: Connection, notice: Mail | None) -> None:
        if notice is not None:
            await self._mails.add(connection, notice)

    async def note_use(self, key_ids: Sequence[str], at: datetime) -> None:
        """Write when keys were used last."""
        async with self._database.connection() as connection:
            await connection.execute("UPDATE api_key SET last_used_at = %s WHERE id = ANY(%s)", (at, list(key_ids)))

    async def _read(self, where: str, values: tuple[object, ...]) -> list[ApiKey]:
        async with self._database.connection() as connection:
            cursor = await connection.execute(f"SELECT {_COLUMNS} FROM api_key {where}", values)  # noqa: S608
            return [_key(row) for row in await cursor.fetchall()]


async def _require_room(connection: Connection, account: str) -> None:
    cursor = await connection.execute(
        "SELECT count(*) AS live FROM api_key"
        " WHERE account = %s AND revoked_at IS NULL AND expires_at > clock_timestamp()",
        (account,),
    )
    row = await cursor.fetchone()
    if row is not None and row["live"] >= LIVE_KEYS:
        raise FailedPrecondition("KEYS_FULL", f"An account has up to {LIVE_KEYS} live keys: revoke one of them first.")


def _key(row: dict[str, Any]) -> ApiKey:
    return ApiKey(
        id=row["id"],
        account=row["account"],
        name=row["name"],
        beginning=row["beginning"],
        scopes=frozenset(row["scopes"]),
        networks=tuple(map(ip_network, row["networks"])),
        origins=tuple(row["origins"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )
