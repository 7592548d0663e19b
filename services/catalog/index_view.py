"""The indexes of ICD-10-CM as a coder walks them: main term, terms below it, references, codes to be verified.

ICD-10-CM Official Guidelines I.B.1: a term is located in the Alphabetic Index first, and its code verified in the
Tabular List.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.catalog.entries import IndexTerm
from services.catalog.holdings import holdings
from services.catalog.records import CodeRecord, Key, Library, ReleaseRecord
from services.catalog.systems import SYSTEMS
from shared.errors import InvalidInput, NotFound

KIND = "icd10cm-index"
SYSTEM = "icd10cm"
NAMES = ("index", "external-cause", "neoplasm", "drug")
"""In the order of the book."""
MOST_SHOWN = 400
MOST_ON_A_PAGE, USUAL_ON_A_PAGE = 500, 100
LONGEST_TEXT = 200
NO_LETTER = "#"
_MAY_LACK = re.compile(r"\([^)]*\)|\bnec\b")
_CALLED = {
    "table of drugs and chemicals": "drug",
    "neoplasm table": "neoplasm",
    "table of neoplasms": "neoplasm",
    "index to diseases and injuries": "index",
    "index to diseases": "index",
    "external cause index": "external-cause",
    "index to external causes": "external-cause",
}
"""How references call the indexes."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What an index holds."""

    name: str
    main_terms: int
    letters: Sequence[str]
    columns: Sequence[str]


@dataclass(frozen=True, slots=True)
class Term:
    """A term, with a row for each of its codes."""

    rows: Sequence[IndexTerm]
    below: int
    """Terms below it, at any depth."""

    @property
    def ordinal(self) -> int:
        """Its place."""
        return self.rows[0].ordinal

    @property
    def path(self) -> Sequence[str]:
        """Titles from the main term down to it."""
        return self.rows[0].path


class IndexStore(Protocol):
    """Where the indexes are read from."""

    async def outlines(self, release_id: str) -> Sequence[Outline]:
        """Give what each index of a release holds."""
        ...

    async def main_terms(self, release_id: str, name: str, begins: str, after: int, most: int) -> Sequence[Term]:
        """Give main terms in order, behind a place."""
        ...

    async def around(self, release_id: str, name: str, ordinal: int) -> Sequence[Term]:
        """Give the main term that a place belongs to, and every term below it, in order; none where there is none."""
        ...

    async def main_terms_named(self, release_id: str, name: str, titles: Sequence[str]) -> Sequence[Term]:
        """Give the main terms of some titles in small letters."""
        ...


@dataclass(frozen=True, slots=True)
class Walk:
    """Terms, the codes that they name, and the release."""

    release: ReleaseRecord
    terms: Sequence[Term]
    codes: Mapping[Key, CodeRecord]
    path: Sequence[Term] = ()
    term: Term | None = None
    only_direct: bool = False
    next_after: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """Where a reference leads."""

    name: str
    ordinal: int
    whole: bool


class IndexView:
    """Walks the indexes that are in force."""

    def __init__(self, library: Library, store: IndexStore) -> None:
        """Take where codes and indexes are read from."""
        self._library = library
        self._store = store

    async def outlines(self) -> tuple[Sequence[Outline], ReleaseRecord | None]:
        """What is loaded, in the order of the book."""
        release = (await self._library.releases_in_force()).get(KIND)
        if release is None:
            return (), None
        loaded = await self._store.outlines(release.id)
        return sorted(loaded, key=lambda outline: NAMES.index(outline.name)), release

    async def main_terms(self, name: str, begins: str, after: int, page_size: int) -> Walk:
        """A page of main terms."""
        if not 0 <= page_size <= MOST_ON_A_PAGE:
            raise InvalidInput("PAGE_SIZE_INVALID", f"page_size: up to {MOST_ON_A_PAGE} terms stand on a page.")
        most = page_size or USUAL_ON_A_PAGE
        release = await self._release(name)
        terms = await self._store.main_terms(release.id, name, _text("begins", begins).lower(), after, most + 1)
        onward = terms[most - 1].ordinal if len(terms) > most else 0
        return Walk(release, terms[:most], await self._codes(terms[:most]), next_after=onward)

    async def term(self, name: str, ordinal: int) -> Walk:
        """A term, the path to it and what stands below it."""
        release = await self._release(name)
        around = await self._store.around(release.id, name, ordinal)
        place = next((place for place, term in enumerate(around) if term.ordinal == ordinal), None)
        if place is None:
            raise NotFound("INDEX_TERM_NOT_FOUND", f"The index {name} has no term at place {ordinal}.")
        term = around[place]
        below = around[place + 1 : place + 1 + term.below]
        only_direct = len(below) > MOST_SHOWN
        if only_direct:
            below = [each for each in below if len(each.path) == len(term.path) + 1]
        path = [each for each in around[:place] if list(each.path) == list(term.path[: len(each.path)])]
        codes = await self._codes([term, *below])
        return Walk(release, below, codes, path=_last_of_each_level(path), term=term, only_direct=only_direct)

    async def find(self, name: str, text: str) -> Found:
        """Where a reference leads: the term that names most of it, in its own index before others."""
        release = await self._release(name)
        wanted = _text("text", text).removeprefix("see ").strip(" .").lower()
        loaded = [outline.name for outline in await self._store.outlines(release.id)]
        for called, other in _CALLED.items():
            if wanted.startswith(called) and other in loaded:
                rest = wanted.removeprefix(called).strip(" ,")
                main = f"neoplasm, {rest}" if other == "neoplasm" else rest
                return await self._in(release.id, other, main) or Found(other, 0, not rest)
        best: Found | None = None
        for other in sorted(loaded, key=lambda each: (each != name, NAMES.index(each))):
            found = await self._in(release.id, other, wanted)
            if found and found.whole:
                return found
            best = best or found
        if best is None:
            raise NotFound("INDEX_TERM_NOT_FOUND", f"No main term of the indexes that are loaded is “{text}”.")
        return best

    async def _in(self, release_id: str, name: str, wanted: str) -> Found | None:
        parts = _bare(wanted)
        words = wanted.replace(",", " ").split()
        singular = [word.removesuffix("s") for word in words]
        for names in (parts, words, singular):
            found = await self._from_main_terms(release_id, name, names)
            if found:
                return found
        return None

    async def _from_main_terms(self, release_id: str, name: str, parts: Sequence[str]) -> Found | None:
        starts = [", ".join(parts[:number]) for number in range(len(parts), 0, -1)]
        best: Found | None = None
        furthest = 0
        for main in await self._store.main_terms_named(release_id, name, starts):
            terms = await self._store.around(release_id, name, main.ordinal)
            ordinal, used = _descend(terms, 0, parts)
            if used > furthest:
                best, furthest = Found(name, ordinal, used == len(parts)), used
        return best

    async def _release(self, name: str) -> ReleaseRecord:
        if name not in NAMES:
            raise InvalidInput("INDEX_UNKNOWN", f"index_name: the indexes are {', '.join(NAMES)}; “{name}” is none.")
        outlines, release = await self.outlines()
        if release is None or name not in {outline.name for outline in outlines}:
            raise NotFound("INDEX_NOT_LOADED", f"The index {name} of ICD-10-CM is not loaded here.")
        return release

    async def _codes(self, terms: Sequence[Term]) -> Mapping[Key, CodeRecord]:
        keys = list(dict.fromkeys((SYSTEM, row.code) for term in terms for row in term.rows if row.code))
        held = holdings([SYSTEMS[SYSTEM]], await self._library.releases_in_force())
        return await self._library.records(held, keys) if keys else {}


def _descend(terms: Sequence[Term], place: int, parts: Sequence[str]) -> tuple[int, int]:
    """The place of the deepest term that a reference's parts name, from a term down, and how many parts it took."""
    term = terms[place]
    used = _named(term.path[-1], parts)
    if not used:
        return 0, 0
    best = (term.ordinal, used)
    for child in range(place + 1, place + 1 + term.below):
        if len(terms[child].path) == len(term.path) + 1 and used < len(parts):
            ordinal, more = _descend(terms, child, parts[used:])
            if more and used + more > best[1]:
                best = (ordinal, used + more)
    return best


def _named(title: str, parts: Sequence[str]) -> int:
    """How many parts of a reference name a title, which may give several words for one thing ("boat, boating")."""
    words = _bare(title)
    whole = [part for part in parts[: len(words)] if part in words]
    return len(whole) if whole and parts[0] in words else 0


def _bare(text: str) -> list[str]:
    """The words between commas, in small letters, without what may stand or lack."""
    return [bare for part in text.lower().split(",") if (bare := _MAY_LACK.sub("", part).strip())]


def _last_of_each_level(terms: Sequence[Term]) -> list[Term]:
    """The Alphabetic Index repeats some terms; of each level the one nearest to the term counts."""
    return list({len(term.path): term for term in terms}.values())


def _text(field: str, text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise InvalidInput("TEXT_TOO_LONG", f"{field}: up to {LONGEST_TEXT} characters are looked for.")
    if not text.isprintable():
        raise InvalidInput("TEXT_UNPRINTABLE", f"{field}: it has a character that stands in no term of an index.")
    return text.strip()
