"""Pages of a library's lists by cursors, for the site and the API alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.cursors import from_cursor, moment_of, to_cursor
from gateway.library.favourites import Favourites
from gateway.library.folders import Folders
from gateway.library.history_store import HistoryStore
from gateway.library.notes import Notes
from gateway.library.records import Favourite, FolderOnList, Note, Reading

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Listed(Generic[Entry]):
    """Entries of a list and where the next ones begin."""

    entries: Sequence[Entry]
    next_cursor: str
    """Empty at the end."""


async def favourites(
    store: Favourites, account: str, *, folder: str | None, cursor: str, limit: int
) -> Listed[Favourite]:
    """Give a page of favourites."""
    after = None
    if cursor:
        a, b, c, d = from_cursor(cursor, int, int, str, str)
        after = (int(a), int(b), str(c), str(d))
    page = await store.page(account, folder=folder, after=after, limit=limit)
    return Listed(page.favourites, to_cursor(*page.end) if page.end else "")


async def folders(store: Folders, account: str, *, cursor: str, limit: int) -> Listed[FolderOnList]:
    """Give a page of folders."""
    after = int(from_cursor(cursor, int)[0]) if cursor else -1
    found, more = await store.page(account, after=after, limit=limit)
    return Listed(found, to_cursor(found[-1].position) if more else "")


async def notes(store: Notes, account: str, *, cursor: str, limit: int) -> Listed[Note]:
    """Give a page of notes."""
    after = None
    if cursor:
        system, code = from_cursor(cursor, str, str)
        after = (str(system), str(code))
    page = await store.page(account, after=after, limit=limit)
    return Listed(page.notes, to_cursor(*page.end) if page.end else "")


async def readings(store: HistoryStore, account: str, *, cursor: str, limit: int) -> Listed[Reading]:
    """Give a page of what was read."""
    after = None
    if cursor:
        at, system, code = map(str, from_cursor(cursor, str, str, str))
        after = (moment_of(at), system, code)
    found = await store.readings(account, after=after, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return Listed(found[:limit], to_cursor(last.read_at.isoformat(), *last.key) if last else "")
