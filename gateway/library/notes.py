"""Private notes in the gateway's database. Who writes one says which text he saw, so that no tab overwrites another."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from gateway.library.changes import Changes
from gateway.library.records import Note
from gateway.library.rules import MOST_NOTES, CodeKey, note_text
from shared.database import Connection
from shared.errors import DomainError, FailedPrecondition, NotFound

Place = tuple[str, str]
"""Behind what a page of notes begins: system and code."""

_COLUMNS = "system, code, text, revision, written_at"
_WRITE = (
    "INSERT INTO note (account, system, code, text) VALUES (%s, %s, %s, %s)"  # noqa: S608 - our own text
    " ON CONFLICT (account, system, code) DO UPDATE SET text = excluded.text,"
    f" revision = nextval('note_revision'), written_at = clock_timestamp() RETURNING {_COLUMNS}"
)


class NoteChanged(DomainError):
    """The note is not the one that the writer saw; it is kept, and so is what was to be written in its place."""

    http_status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self, present: Note | None) -> None:
        """Take the note as it is now; None when it was deleted."""
        how = "was changed elsewhere" if present else "was deleted elsewhere, or never was"
        super().__init__("NOTE_CHANGED", f"The note {how} since you read it: nothing was overwritten.")
        self.present = present


@dataclass(frozen=True, slots=True)
class NotePage:
    """A page of notes."""

    notes: tuple[Note, ...]
    end: Place | None


class Notes:
    """Keeps the notes of accounts."""

    def __init__(self, changes: Changes) -> None:
        """Take what lends transactions on libraries."""
        self._changes = changes
        self._database = changes.database

    async def page(self, account: str, *, after: Place | None = None, limit: int = MOST_NOTES) -> NotePage:
        """Give notes in order of system and code."""
        system, code = after or ("", "")
        notes = await self._read(
            "AND (system, code) > (%s, %s) ORDER BY system, code LIMIT %s", account, system, code, limit + 1
        )
        more = len(notes) > limit
        return NotePage(tuple(notes[:limit]), notes[limit - 1].key if more else None)

    async def with_words(self, account: str, words: str, limit: int) -> list[Note]:
        """Give the notes in whose text some words stand, the newest first."""
        pattern = "".join(f"\\{c}" if c in "\\%_" else c for c in words)
        return await self._read("AND text ILIKE %s ORDER BY written_at DESC LIMIT %s", account, f"%{pattern}%", limit)

    async def of(self, account: str, key: CodeKey) -> Note:
        """Give the note on a code; NotFound when there is none."""
        found = await self._read("AND system = %s AND code = %s", account, *key)
        if not found:
            raise NotFound("NOTE_UNKNOWN", f"There is no note on {key.system} {key.code}.")
        return found[0]

    async def write(self, account: str, key: CodeKey, text: str, *, seen: int | None) -> Note:
        """Write a note in place of the revision that was seen; None: where there was none.

        NoteChanged when another one stands there now; nothing is written then. A text that stands there already is
        left as it is, so that a write whose answer was lost may be repeated.
        """
        note = note_text(text)
        async with self._changes.of(account) as connection:
            present = await _present(connection, account, key)
            if present is not None and present.text == note:
                return present
            if (present.revision if present else None) != seen:
                raise NoteChanged(present)
            if present is None:
                await _require_room(connection, account)
            cursor = await connection.execute(_WRITE.encode(), (account, *key, note))
            row = await cursor.fetchone()
        assert row is not None  # noqa: S101 - an INSERT that returns gives a row
        return _note(row)

    async def remove(self, account: str, key: CodeKey, *, seen: int) -> None:
        """Delete the revision of a note that was seen; NoteChanged when another one stands there now."""
        async with self._changes.of(account) as connection:
            present = await _present(connection, account, key)
            if present is None or present.revision != seen:
                raise NoteChanged(present)
            await connection.execute(
                "DELETE FROM note WHERE account = %s AND system = %s AND code = %s", (account, *key)
            )

    async def _read(self, where: str, *values: object) -> list[Note]:
        async with self._database.connection() as connection:
            cursor = await connection.execute(f"SELECT {_COLUMNS} FROM note WHERE account = %s {where}", values)  # noqa: S608
            return [_note(row) for row in await cursor.fetchall()]


async def _present(connection: Connection, account: str, key: CodeKey) -> Note | None:
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM note WHERE account = %s AND system = %s AND code = %s",  # noqa: S608 - our own text
        (account, *key),
    )
    row = await cursor.fetchone()
    return _note(row) if row is not None else None


async def _require_room(connection: Connection, account: str) -> None:
    cursor = await connection.execute("SELECT count(*) AS kept FROM note WHERE account = %s", (account,))
    row = await cursor.fetchone()
    if row is not None and row["kept"] >= MOST_NOTES:
        raise FailedPrecondition("NOTES_FULL", f"A library has up to {MOST_NOTES:,} notes: delete one first.")


def _note(row: dict[str, Any]) -> Note:
    return Note(CodeKey(row["system"], row["code"]), row["text"], row["revision"], row["written_at"])
