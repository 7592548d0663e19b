"""What stands beside a code page for its reader: whether it is a favourite, the note, the folders to choose from.

Nobody's note is remembered here. Only that an account keeps nothing is, so that its pages cost no question; a change on
any gateway is called out, and while calls are not heard it is asked anew every few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.calls import Calls
from gateway.library.changes import CHANNEL, Changes
from gateway.library.records import Folder, Note
from gateway.library.rules import CodeKey
from shared.errors import Unavailable
from shared.newest import Newest

MOST_REMEMBERED = 100_000
UNHEARD_SECONDS = 3.0

_ASKED = """
    SELECT (SELECT jsonb_build_object('folder', folder) FROM favourite
            WHERE account = %(account)s AND system = %(system)s AND code = %(code)s) AS favourite,
           (SELECT to_jsonb(n) FROM note n
            WHERE account = %(account)s AND system = %(system)s AND code = %(code)s) AS note,
           (SELECT jsonb_agg(jsonb_build_array(id, name) ORDER BY position, id) FROM favourite_folder
            WHERE account = %(account)s) AS folders,
           EXISTS (SELECT FROM favourite WHERE account = %(account)s)
           OR EXISTS (SELECT FROM note WHERE account = %(account)s) AS keeps
"""


@dataclass(frozen=True, slots=True)
class Beside:
    """One reader's own layer on one page."""

    favourite: bool = False
    folder: str = ""
    """The id of the favourite's folder; empty for none."""
    note: Note | None = None
    folders: tuple[Folder, ...] = ()
    away: bool = False
    """Whether it cannot be read at the moment."""


NOTHING = Beside()
AWAY = Beside(away=True)


class BesidePages:
    """Gives the own layer of pages."""

    def __init__(self, changes: Changes, calls: Calls, *, now: Callable[[], float] = time.monotonic) -> None:
        """Take what tells of changes here, and what hears of those elsewhere."""
        self._database = changes.database
        self._calls = calls
        self._now = now
        self._keep_nothing: Newest[str, float] = Newest(MOST_REMEMBERED)
        """When it was asked, by account."""
        self._changes = 0
        changes.tell(self._changed)
        calls.on(CHANNEL, self._changed, self._forget_all)

    def at_once(self, account: str) -> Beside | None:
        """Give NOTHING for an account that is known to keep nothing; None where it has to be asked."""
        asked = self._keep_nothing.get(account)
        if asked is None or not (self._calls.heard or self._now() - asked < UNHEARD_SECONDS):
            return None
        return NOTHING

    async def of(self, account: str, key: CodeKey) -> Beside:
        """Ask for the own layer of a page; AWAY while the database does not answer."""
        changes, asked = self._changes, self._now()
        try:
            async with self._database.connection() as connection:
                values = {"account": account, "system": key.system, "code": key.code}
                cursor = await connection.execute(_ASKED, values, prepare=True)
                row = await cursor.fetchone()
        except Unavailable:
            return AWAY
        assert row is not None  # noqa: S101 - a SELECT without FROM gives a row
        if row["keeps"] or row["folders"]:
            return _beside(row, key)
        if changes == self._changes:  # nobody changed anything while it was asked
            self._keep_nothing.put(account, asked)
        return NOTHING

    def _changed(self, account: str) -> None:
        self._changes += 1
        self._keep_nothing.pop(account, None)

    def _forget_all(self) -> None:
        self._changes += 1
        self._keep_nothing.clear()


def _beside(row: dict[str, Any], key: CodeKey) -> Beside:
    favourite, note = row["favourite"], row["note"]
    return Beside(
        favourite=favourite is not None,
        folder=(favourite or {}).get("folder") or "",
        note=Note(key, note["text"], note["revision"], datetime.fromisoformat(note["written_at"])) if note else None,
        folders=tuple(Folder(*folder) for folder in row["folders"] or ()),
    )
