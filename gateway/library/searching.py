"""Finds inside a library: words in notes, and codes by their spelling, their name or their folder."""

from dataclasses import dataclass

from codingahead.catalog.v1 import catalog_pb2

from gateway.catalog import Catalog
from gateway.library.library import Library
from gateway.library.named import named
from gateway.library.records import Favourite, Note, Reading
from gateway.library.rules import CodeKey

MOST_FOUND = 100
LONGEST_WORDS = 100


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, and the names of its codes."""

    favourites: tuple[Favourite, ...]
    notes: tuple[Note, ...]
    readings: tuple[Reading, ...]
    names: dict[CodeKey, catalog_pb2.CodeRef]

    @property
    def empty(self) -> bool:
        """Whether there is nothing."""
        return not (self.favourites or self.notes or self.readings)


async def search(library: Library, catalog: Catalog, account: str, words: str) -> Found:
    """Give what holds all the words; the newest notes, and codes in the order of their lists."""
    sought = " ".join(words.split())[:LONGEST_WORDS]
    favourites = (await library.favourites.page(account)).favourites
    readings = await library.history.store.readings(account)
    notes = await library.notes.with_words(account, sought, MOST_FOUND)
    keys = [*(each.key for each in favourites), *(each.key for each in readings), *(note.key for note in notes)]
    names = await named(catalog, keys)
    parts = sought.casefold().split()

    def holds(key: CodeKey, more: str = "") -> bool:
        ref = names[key]
        text = f"{key.code} {ref.display_code} {ref.heading.text} {more}".casefold()
        return all(part in text or part.replace(".", "") == key.code.casefold() for part in parts)

    return Found(
        tuple([each for each in favourites if holds(each.key, each.folder.name if each.folder else "")][:MOST_FOUND]),
        tuple(notes),
        tuple([each for each in readings if holds(each.key)][:MOST_FOUND]),
        names,
    )
