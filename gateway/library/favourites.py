"""Favourite codes in the gateway's database, each in one folder or in none, in the order that the reader gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.library.changes import Changes
from gateway.library.folders import made, require
from gateway.library.records import Favourite, Folder
from gateway.library.rules import MOST_FAVOURITES, CodeKey, folder_name
from shared.database import Connection
from shared.errors import AlreadyExists, FailedPrecondition, NotFound

Place = tuple[int, int, str, str]
"""Behind what a page of favourites begins: the folder's position, the favourite's own, system and code."""
LOOSE = "none"
"""Stands for the favourites that are in no folder."""

_LIST = """
    SELECT v.system, v.code, v.added_at, v.position, v.folder, f.name, coalesce(f.position, 0) AS folder_position,
           row_number() OVER (PARTITION BY v.folder ORDER BY v.position, v.system, v.code) - 1 AS place
    FROM favourite v LEFT JOIN favourite_folder f ON f.id = v.folder WHERE v.account = %(account)s
"""
_PAGE = (
    f"WITH listed AS ({_LIST}) SELECT * FROM listed WHERE"  # noqa: S608 - our own text
    " (%(folder)s::text IS NULL OR folder IS NOT DISTINCT FROM nullif(%(folder)s, 'none'))"
    " AND (folder_position, position, system, code) > (%(a)s, %(b)s, %(c)s, %(d)s)"
    " ORDER BY folder_position, position, system, code LIMIT %(limit)s"
)
_FIRST: Place = (-1, -1, "", "")


@dataclass(frozen=True, slots=True)
class FavouritePage:
    """A page of favourites."""

    favourites: tuple[Favourite, ...]
    end: Place | None
    """Behind what the next page begins; None on the last one."""


class Favourites:
    """Keeps the favourites of accounts."""

    def __init__(self, changes: Changes) -> None:
        """Take what lends transactions on libraries."""
        self._changes = changes
        self._database = changes.database

    async def page(
        self, account: str, *, folder: str | None = None, after: Place | None = None, limit: int = MOST_FAVOURITES
    ) -> FavouritePage:
        """Give favourites in their order, folder by folder; those of one folder when one is named (LOOSE: of none)."""
        a, b, c, d = after or _FIRST
        async with self._database.connection() as connection:
            if folder is not None and folder != LOOSE:
                await require(connection, account, folder)
            cursor = await connection.execute(
                _PAGE,
                {"account": account, "folder": folder, "a": a, "b": b, "c": c, "d": d, "limit": limit + 1},
            )
            rows = await cursor.fetchall()
        end = rows[limit - 1] if len(rows) > limit else None
        return FavouritePage(
            tuple(map(_favourite, rows[:limit])),
            (end["folder_position"], end["position"], end["system"], end["code"]) if end else None,
        )

    async def one(self, account: str, key: CodeKey) -> Favourite:
        """Give a favourite; NotFound when the code is none."""
        async with self._database.connection() as connection:
            return await _require(connection, account, key)

    async def add(self, account: str, key: CodeKey, folder: str | None) -> Favourite:
        """Add a favourite at the end of its folder; AlreadyExists when the code is one."""
        async with self._changes.of(account) as connection:
            if await _one(connection, account, key) is not None:
                raise AlreadyExists("FAVOURITE_EXISTS", "code: it is a favourite already; move it to another folder.")
            return await _put(connection, account, key, folder)

    async def keep(self, account: str, key: CodeKey, folder: str | None, new_folder: str = "") -> Favourite:
        """Have a code among the favourites in a folder, in a new one where a name is given; done twice, it is done."""
        async with self._changes.of(account) as connection:
            into = await made(connection, account, folder_name(new_folder)) if new_folder else folder
            return await _put(connection, account, key, into)

    async def move(self, account: str, keys: Sequence[CodeKey], folder: str | None) -> None:
        """Put favourites at the end of a folder; what is no favourite stays none."""
        async with self._changes.of(account) as connection:
            for key in keys:
                if await _one(connection, account, key) is not None:
                    await _put(connection, account, key, folder)

    async def place(self, account: str, key: CodeKey, position: int) -> Favourite:
        """Put a favourite at a place in its folder, from 0; behind the last for a greater one."""
        async with self._changes.of(account) as connection:
            found = await _require(connection, account, key)
            order = await _order(connection, account, found.folder)
            order.remove(key)
            order.insert(position, key)
            await connection.execute(
                "UPDATE favourite v SET position = o.position FROM"
                " unnest(%s::text[], %s::text[]) WITH ORDINALITY AS o (system, code, position)"
                " WHERE v.account = %s AND v.system = o.system AND v.code = o.code",
                ([each.system for each in order], [each.code for each in order], account),
            )
            return await _require(connection, account, key)

    async def remove(self, account: str, keys: Sequence[CodeKey]) -> int:
        """Take codes out of the favourites; gives how many were there."""
        async with self._changes.of(account) as connection:
            gone = await connection.execute(
                "DELETE FROM favourite v USING unnest(%s::text[], %s::text[]) AS o (system, code)"
                " WHERE v.account = %s AND v.system = o.system AND v.code = o.code",
                ([key.system for key in keys], [key.code for key in keys], account),
            )
            return gone.rowcount


async def _put(connection: Connection, account: str, key: CodeKey, folder: str | None) -> Favourite:
    """Put a code at the end of a folder, where it is not in it already."""
    if folder is not None:
        await require(connection, account, folder)
    found = await _one(connection, account, key)
    if found is not None and (found.folder.id if found.folder else None) == folder:
        return found
    if found is None:
        await _require_room(connection, account)
    await connection.execute(
        "INSERT INTO favourite (account, system, code, folder, position)"
        " SELECT %(account)s, %(system)s, %(code)s, %(folder)s, (SELECT coalesce(max(position), 0) + 1"
        " FROM favourite WHERE account = %(account)s AND folder IS NOT DISTINCT FROM %(folder)s)"
        " ON CONFLICT (account, system, code) DO UPDATE SET folder = excluded.folder, position = excluded.position",
        {"account": account, "system": key.system, "code": key.code, "folder": folder},
    )
    return await _require(connection, account, key)


async def _require_room(connection: Connection, account: str) -> None:
    cursor = await connection.execute("SELECT count(*) AS kept FROM favourite WHERE account = %s", (account,))
    row = await cursor.fetchone()
    if row is not None and row["kept"] >= MOST_FAVOURITES:
        raise FailedPrecondition(
            "FAVOURITES_FULL", f"A library has up to {MOST_FAVOURITES:,} favourites: take one out first."
        )


async def _require(connection: Connection, account: str, key: CodeKey) -> Favourite:
    found = await _one(connection, account, key)
    if found is None:
        raise NotFound("FAVOURITE_UNKNOWN", f"{key.system} {key.code} is no favourite of this account.")
    return found


async def _one(connection: Connection, account: str, key: CodeKey) -> Favourite | None:
    cursor = await connection.execute(
        f"SELECT * FROM ({_LIST}) AS listed WHERE system = %(system)s AND code = %(code)s",  # noqa: S608 - our own text
        {"account": account, "system": key.system, "code": key.code},
    )
    row = await cursor.fetchone()
    return _favourite(row) if row is not None else None


async def _order(connection: Connection, account: str, folder: Folder | None) -> list[CodeKey]:
    cursor = await connection.execute(
        "SELECT system, code FROM favourite WHERE account = %s AND folder IS NOT DISTINCT FROM %s"
        " ORDER BY position, system, code",
        (account, folder.id if folder else None),
    )
    return [CodeKey(row["system"], row["code"]) for row in await cursor.fetchall()]


def _favourite(row: dict[str, Any]) -> Favourite:
    folder = Folder(row["folder"], row["name"]) if row["folder"] is not None else None
    return Favourite(CodeKey(row["system"], row["code"]), folder, row["place"], row["added_at"])
