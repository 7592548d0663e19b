"""Folders of favourites in the gateway's database."""

from __future__ import annotations

import secrets

from psycopg.errors import UniqueViolation

from gateway.library.changes import Changes
from gateway.library.records import Folder, FolderOnList
from gateway.library.rules import MOST_FOLDERS, folder_name
from shared.database import Connection
from shared.errors import AlreadyExists, FailedPrecondition, NotFound

_LIST = """
    SELECT id, name, row_number() OVER (ORDER BY position, id) - 1 AS place,
           (SELECT count(*) FROM favourite WHERE favourite.account = f.account AND folder = f.id) AS favourites
    FROM favourite_folder f WHERE account = %s ORDER BY position, id
"""


class Folders:
    """Keeps the folders of accounts."""

    def __init__(self, changes: Changes) -> None:
        """Take what lends transactions on libraries."""
        self._changes = changes
        self._database = changes.database

    async def of(self, account: str) -> list[FolderOnList]:
        """Give an account's folders in their order."""
        async with self._database.connection() as connection:
            return await _listed(connection, account)

    async def page(self, account: str, *, after: int, limit: int) -> tuple[list[FolderOnList], bool]:
        """Give the folders behind a place, -1 for the first ones, and whether more follow."""
        folders = [listed for listed in await self.of(account) if listed.position > after]
        return folders[:limit], len(folders) > limit

    async def one(self, account: str, folder: str) -> FolderOnList:
        """Give a folder of an account; NotFound when it has none of this id."""
        async with self._database.connection() as connection:
            await require(connection, account, folder)
            return _of_id(await _listed(connection, account), folder)

    async def make(self, account: str, name: str) -> FolderOnList:
        """Make a folder at the end of the list; AlreadyExists for a name that another one has."""
        async with self._changes.of(account) as connection:
            folder = await made(connection, account, folder_name(name))
            return _of_id(await _listed(connection, account), folder)

    async def rename(self, account: str, folder: str, name: str) -> FolderOnList:
        """Give a folder another name."""
        new = folder_name(name)
        async with self._changes.of(account) as connection:
            await require(connection, account, folder)
            try:
                await connection.execute("UPDATE favourite_folder SET name = %s WHERE id = %s", (new, folder))
            except UniqueViolation:
                raise _taken(new) from None
            return _of_id(await _listed(connection, account), folder)

    async def move(self, account: str, folder: str, position: int) -> FolderOnList:
        """Put a folder at a place among the folders, from 0; behind the last for a greater one."""
        async with self._changes.of(account) as connection:
            await require(connection, account, folder)
            order = [listed.folder.id for listed in await _listed(connection, account)]
            order.remove(folder)
            order.insert(position, folder)
            await connection.execute(
                "UPDATE favourite_folder f SET position = o.position"
                " FROM unnest(%s::text[]) WITH ORDINALITY AS o (id, position) WHERE f.id = o.id",
                (order,),
            )
            return _of_id(await _listed(connection, account), folder)

    async def remove(self, account: str, folder: str) -> None:
        """Remove a folder; what is in it stays a favourite, behind those that are in no folder."""
        async with self._changes.of(account) as connection:
            await require(connection, account, folder)
            await connection.execute(
                "UPDATE favourite SET folder = NULL, position = position + 1 +"
                " (SELECT coalesce(max(position), -1) FROM favourite WHERE account = %(account)s AND folder IS NULL)"
                " WHERE account = %(account)s AND folder = %(folder)s",
                {"account": account, "folder": folder},
            )
            await connection.execute("DELETE FROM favourite_folder WHERE id = %s", (folder,))


async def require(connection: Connection, account: str, folder: str) -> None:
    """See that an account has a folder; NotFound otherwise."""
    cursor = await connection.execute("SELECT FROM favourite_folder WHERE account = %s AND id = %s", (account, folder))
    if await cursor.fetchone() is None:
        raise NotFound("FOLDER_UNKNOWN", f"folder: this account has no folder {folder[:60]!r}.")


async def made(connection: Connection, account: str, name: str) -> str:
    """Make a folder inside a change, and give its id."""
    folder = f"fld_{secrets.token_hex(8)}"
    if len(await _listed(connection, account)) >= MOST_FOLDERS:
        raise FailedPrecondition("FOLDERS_FULL", f"A library has up to {MOST_FOLDERS} folders: remove one first.")
    try:
        await connection.execute(
            "INSERT INTO favourite_folder (id, account, name, position) SELECT %(id)s, %(account)s, %(name)s,"
            " (SELECT coalesce(max(position), 0) + 1 FROM favourite_folder WHERE account = %(account)s)",
            {"id": folder, "account": account, "name": name},
        )
    except UniqueViolation:
        raise _taken(name) from None
    return folder


async def _listed(connection: Connection, account: str) -> list[FolderOnList]:
    cursor = await connection.execute(_LIST, (account,))
    return [
        FolderOnList(Folder(row["id"], row["name"]), row["place"], row["favourites"]) for row in await cursor.fetchall()
    ]


def _of_id(folders: list[FolderOnList], wanted: str) -> FolderOnList:
    return next(listed for listed in folders if listed.folder.id == wanted)


def _taken(name: str) -> AlreadyExists:
    return AlreadyExists("FOLDER_EXISTS", f"name: there is a folder “{name}” already; choose another name.")
