"""The whole of a reader's own layer: its parts in one hand, what is given to its reader, and how it is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.calls import Calls
from gateway.library.beside import BesidePages
from gateway.library.changes import CHANNEL, Changes
from gateway.library.favourites import Favourites
from gateway.library.folders import Folders
from gateway.library.history import History
from gateway.library.history_store import HistoryStore
from gateway.library.notes import Notes
from shared.database import Connection, Database

_FORGET = (
    "DELETE FROM favourite WHERE account = %s",
    "DELETE FROM favourite_folder WHERE account = %s",
    "DELETE FROM note WHERE account = %s",
    "DELETE FROM reading WHERE account = %s",
    "DELETE FROM look_up WHERE account = %s",
    "DELETE FROM history_choice WHERE account = %s",
)


@dataclass(frozen=True)
class Library:
    """The libraries of all accounts."""

    folders: Folders
    favourites: Favourites
    notes: Notes
    history: History
    beside: BesidePages
    changes: Changes

    async def export_of(self, subject: str) -> dict[str, Any]:
        """Give everything that an account keeps here, ready for JSON."""
        await self.history.write()
        folders = await self.folders.of(subject)
        favourites = (await self.favourites.page(subject)).favourites
        notes = (await self.notes.page(subject)).notes
        store = self.history.store
        return {
            "favourite_folders": [listed.folder.name for listed in folders],
            "favourites": [
                {
                    "system": each.key.system,
                    "code": each.key.code,
                    "folder": each.folder.name if each.folder else None,
                    "added_at": each.added_at.isoformat(),
                }
                for each in favourites
            ],
            "notes": [
                {
                    "system": note.key.system,
                    "code": note.key.code,
                    "text": note.text,
                    "written_at": note.written_at.isoformat(),
                }
                for note in notes
            ],
            "history": {
                "recording": await store.recording(subject),
                "readings": [
                    {"system": each.key.system, "code": each.key.code, "read_at": each.read_at.isoformat()}
                    for each in await store.readings(subject)
                ],
                "look_ups": [
                    {"words": each.words, "looked_up_at": each.looked_up_at.isoformat()}
                    for each in await store.look_ups(subject)
                ],
            },
        }

    async def forget(self, connection: Connection, subject: str) -> None:
        """Remove everything of a deleted account, in the caller's transaction.

        What some gateway has noted and not written goes nowhere, once the account is known as deleted.
        """
        for statement in _FORGET:
            await connection.execute(statement.encode(), (subject,))
        await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, subject))


def open_library(database: Database, calls: Calls) -> Library:
    """Make the libraries over the gateway's database."""
    changes = Changes(database)
    return Library(
        folders=Folders(changes),
        favourites=Favourites(changes),
        notes=Notes(changes),
        history=History(HistoryStore(database)),
        beside=BesidePages(changes, calls),
        changes=changes,
    )
