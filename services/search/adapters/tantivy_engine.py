"""The engine on one machine: tantivy, with one folder a generation and a file that names the one that answers."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappush, heapreplace
from itertools import count
from pathlib import Path
from typing import Any

import structlog
import tantivy

from services.search.engine import (
    ANY_FIELD,
    START_FIELD,
    TAG_FIELD,
    TITLE_FIELD,
    Document,
    Group,
    Narrowed,
)
from services.search.entry import Key
from services.search.kept import Kept
from shared.errors import Unavailable

CURRENT = "current"
ROW_BITS = 2**32 - 1
MEMORY = 128 * 1024 * 1024
MOST_KEPT, MOST_TERMS = 10_000, 100_000
MOST_ANSWERS = 1_000
"""So many answers are kept until the index changes: with the next letter the words before it are asked for again."""
FRONT = 16_384
"""So many entries, those that stand highest, lie in an index of their own besides: what is asked for by a letter or a
common word is found among them, and the others need not be looked at."""
ALL_FOLDER, FRONT_FOLDER, LEAST = "all", "front", "least"
_MUST, _SHOULD = tantivy.Occur.Must, tantivy.Occur.Should
_Clause = tuple[tantivy.Occur, tantivy.Query]
_log = structlog.get_logger(__name__)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", stored=False, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("standing", stored=False, indexed=False, fast=True)
    for field in (TITLE_FIELD, ANY_FIELD, START_FIELD, TAG_FIELD):
        builder.add_text_field(field, stored=False, tokenizer_name="whitespace", index_option="basic")
    return builder.build()


class TantivyEngine:
    """One process owns the folder."""

    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        """Take the folder, which is made when it is missing."""
        self._folder = folder
        self._schema = _schema()
        self._all: _Index | None = None
        self._front: _Index | None = None
        self._least = 0
        """Where the last entry of the front stands."""
        self._generation = ""
        self._groups: Kept[Group, tuple[int, tantivy.Query]] = Kept(MOST_KEPT)
        """What groups ask for, each by a number of its own: answers are found by it."""
        self._numbers = count()
        self._queries: Kept[tuple[str, str], tantivy.Query] = Kept(MOST_TERMS)
        self._answers: Kept[tuple[Any, ...], Sequence[int]] = Kept(MOST_ANSWERS)

    async def start(self) -> None:
        """Open the generation that answered last; one that is broken, or of another layout, is built anew."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._keep_only(generation := self._named())
        if generation and (self._folder / generation).is_dir():
            try:
                self._open(generation)
            except (ValueError, OSError) as error:  # tantivy raises ValueError for what it cannot read
                self._all = self._front = None
                _log.warning("the index that was kept cannot be opened", generation=generation, error=str(error))

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - nothing is under way
        """Close."""
        self._all = self._front = None
        self._answers.clear()

    async def generation(self) -> str:
        """The generation that answers."""
        return self._generation

    async def shared(self, made_of: str) -> str:  # noqa: ARG002 - the folder is one process's
        """None: entries are known by their numbers in the table that goes with the index."""
        return ""

    async def answers(self) -> bool:
        """Whether there is a generation."""
        return self._all is not None

    async def all_of(self, groups: Sequence[Group], narrowed: Narrowed, limit: int) -> Sequence[Key | int]:
        """Those that stand highest of the entries that have a term of every group."""
        asked = [self._groups.get(group) or self._group(group) for group in groups]
        key = (narrowed, limit, *[number for number, _ in asked])
        found = self._answers.get(key)
        if found is None:
            found = () if self._has_none(key) else self._all_of([query for _, query in asked], narrowed, limit)
            self._answers.keep(key, found)
        return found

    def _has_none(self, key: tuple[Any, ...]) -> bool:
        """Whether it is known that nothing has the first of some groups, as it was asked for before the last letters
        were typed: then nothing has all.
        """
        return any(self._answers.get(key[:size]) == () for size in range(3, len(key)))

    def _all_of(self, groups: Sequence[tantivy.Query], narrowed: Narrowed, limit: int) -> Sequence[int]:
        if self._all is None or self._front is None:
            return ()
        clauses: list[_Clause] = [(_MUST, group) for group in groups]
        query = tantivy.Query.boolean_query([*clauses, *self._tags(narrowed)])
        hits = self._front.highest(query, limit) if len(groups) <= 2 else ()
        if len(hits) < limit:
            hits = self._all.highest(query, limit)
        return tuple([ROW_BITS - (standing & ROW_BITS) for standing, _ in hits])

    def _group(self, group: Group) -> tuple[int, tantivy.Query]:
        """What a group asks for, with its number; those of a query's words are asked for again at its next letter."""
        found = [self._term(group.field, term) for term in group.terms]
        if group.start:
            found.append(self._term(START_FIELD, group.start))
        query = found[0] if len(found) == 1 else tantivy.Query.boolean_query([(_SHOULD, each) for each in found])
        return self._groups.keep(group, (next(self._numbers), query))

    def _tags(self, narrowed: Narrowed) -> list[_Clause]:
        groups = ([(_SHOULD, self._term(TAG_FIELD, tag)) for tag in tags] for tags in narrowed.tags())
        return [(_MUST, tantivy.Query.const_score_query(tantivy.Query.boolean_query(group), 0.0)) for group in groups]

    def _term(self, field: str, term: str) -> tantivy.Query:
        found = self._queries.get((field, term))
        if found is None:
            found = tantivy.Query.term_query(self._schema, field, term, "basic")
            self._queries.keep((field, term), found)
        return found

    async def build(self, generation: str, documents: Iterable[Document], made_of: str = "") -> None:  # noqa: ARG002 - not shared
        """Index documents into a folder of their own."""
        with self._writing():
            await asyncio.to_thread(self._build, generation, documents)

    def _build(self, generation: str, documents: Iterable[Document]) -> None:
        self._keep_only(self._named())  # a build that was interrupted may have filled the disk
        folder = self._folder / generation
        front = _Highest(FRONT)
        _write(folder / ALL_FOLDER, self._schema, front.passing(documents))
        _write(folder / FRONT_FOLDER, self._schema, front.documents())
        (folder / LEAST).write_text(str(front.least()))

    async def swap(self, generation: str) -> None:
        """Name the generation in the file, by one rename, and open it."""
        new = self._folder / f"{CURRENT}.new"
        new.write_text(generation)
        new.replace(self._folder / CURRENT)
        self._open(generation)
        self._keep_only(generation)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """A full disk is told in a sentence; tantivy raises ValueError for it."""
        try:
            yield
        except (ValueError, OSError) as error:
            raise Unavailable("ENGINE_AWAY", f"The index in {self._folder} cannot be written: {error}.") from error

    def _named(self) -> str:
        """The generation that the file names."""
        name = self._folder / CURRENT
        return name.read_text().strip() if name.exists() else ""

    def _keep_only(self, generation: str) -> None:
        for folder in self._folder.glob("*/"):
            if folder.name.isdecimal() and folder.name != generation:
                shutil.rmtree(folder, ignore_errors=True)

    async def tidy(self) -> None:
        """Nothing is left: the start removed it."""

    async def update(self, documents: Sequence[Document], gone: Sequence[Key]) -> None:
        """Change documents and commit."""
        if self._all is None or self._front is None:
            return
        keys = ["/".join(key) for key in (*gone, *(document.key for document in documents))]
        high = [document for document in documents if document.standing >= self._least]
        with self._writing():
            await asyncio.to_thread(self._all.change, keys, documents)
            await asyncio.to_thread(self._front.change, keys, high)
        self._all.reload()
        self._front.reload()
        self._answers.clear()

    def _open(self, generation: str) -> None:
        folder = self._folder / generation
        self._all, self._front = _Index(folder / ALL_FOLDER), _Index(folder / FRONT_FOLDER)
        self._least = int((folder / LEAST).read_text())
        self._generation = generation
        self._answers.clear()


class _Index:
    """One index of a generation, opened."""

    def __init__(self, folder: Path) -> None:
        self._index = tantivy.Index.open(str(folder))
        self._writer: tantivy.IndexWriter | None = None
        self.searcher = self._index.searcher()

    def highest(self, query: tantivy.Query, limit: int) -> Sequence[tuple[int, tantivy.DocAddress]]:
        """What stands highest of all that fits, with where it stands."""
        return self.searcher.search(query, limit, count=False, order_by_field="standing").hits

    def change(self, gone: Sequence[str], documents: Sequence[Document]) -> None:
        """Remove documents by key, and add some."""
        if self._writer is None:
            self._writer = self._index.writer(heap_size=MEMORY, num_threads=1)
        try:
            for key in gone:
                self._writer.delete_documents_by_term("key", key)
            for document in documents:
                self._writer.add_document(_of(document))
            self._writer.commit()
        except ValueError:
            self._writer = None  # one that met a full disk is of no more use, and keeps others from writing
            raise

    def reload(self) -> None:
        """Answer from what was changed."""
        self._index.reload()
        self.searcher = self._index.searcher()


class _Highest:
    """Keeps of documents that pass those that stand highest."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: list[tuple[int, int, Document]] = []

    def passing(self, documents: Iterable[Document]) -> Iterator[Document]:
        """The documents, one after the other."""
        for number, document in enumerate(documents):
            place = document.standing, -number, document
            if len(self._kept) < self._most:
                heappush(self._kept, place)
            elif place > self._kept[0]:
                heapreplace(self._kept, place)
            yield document

    def documents(self) -> Iterator[Document]:
        """Those that were kept."""
        return (document for _, _, document in self._kept)

    def least(self) -> int:
        """Where the last of them stands; everything is kept when there are few."""
        return self._kept[0][0] if len(self._kept) == self._most else 0


def _write(folder: Path, schema: tantivy.Schema, documents: Iterable[Document]) -> None:
    folder.mkdir(parents=True)
    writer = tantivy.Index(schema, path=str(folder)).writer(heap_size=MEMORY, num_threads=1)
    try:
        for document in documents:
            writer.add_document(_of(document))
        writer.commit()
    finally:
        writer.wait_merging_threads()  # what was interrupted writes no more, and can be removed


def _of(document: Document) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text("key", "/".join(document.key))
    made.add_unsigned("standing", document.standing)
    made.add_text(TITLE_FIELD, document.words)
    made.add_text(ANY_FIELD, document.any)
    made.add_text(START_FIELD, document.starts)
    made.add_text(TAG_FIELD, document.tags)
    return made
