"""The engine on one machine: tantivy, with one folder a generation and a file that names the one that answers."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import tantivy

from services.search.engine import (
    CONTEXT_FIELD,
    START_FIELD,
    TAG_FIELD,
    TITLE_FIELD,
    Document,
    Group,
    Narrowed,
    Weighted,
)
from services.search.entry import Key

CURRENT = "current"
ROW_BITS = 2**32 - 1
MEMORY = 128 * 1024 * 1024
CONTEXT_BOOST = 0.3
_MUST, _SHOULD = tantivy.Occur.Must, tantivy.Occur.Should
_Clause = tuple[tantivy.Occur, tantivy.Query]


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", stored=False, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("standing", stored=False, indexed=False, fast=True)
    for field in (TITLE_FIELD, CONTEXT_FIELD):
        builder.add_text_field(field, stored=False, tokenizer_name="whitespace", index_option="freq")
    for field in (START_FIELD, TAG_FIELD):
        builder.add_text_field(field, stored=False, tokenizer_name="whitespace", index_option="basic")
    return builder.build()


class TantivyEngine:
    """One process owns the folder."""

    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        """Take the folder, which is made when it is missing."""
        self._folder = folder
        self._schema = _schema()
        self._index: tantivy.Index | None = None
        self._searcher: tantivy.Searcher | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._generation = ""
        self._queries: dict[tuple[str, str], tantivy.Query] = {}

    async def start(self) -> None:
        """Open the generation that answered last."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = self._folder / CURRENT
        if name.exists() and (self._folder / name.read_text().strip()).is_dir():
            self._open(name.read_text().strip())

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - nothing is under way
        """Close."""
        self._index = self._searcher = self._writer = None

    async def generation(self) -> str:
        """The generation that answers."""
        return self._generation

    async def answers(self) -> bool:
        """Whether there is a generation."""
        return self._searcher is not None

    async def all_of(self, groups: Sequence[Group], narrowed: Narrowed, limit: int) -> Sequence[Key | int]:
        """Those that stand highest of the entries that have a term of every group."""
        if self._searcher is None:
            return ()
        clauses: list[_Clause] = [(_MUST, self._group(group)) for group in groups]
        query = tantivy.Query.boolean_query([*clauses, *self._tags(narrowed)])
        hits = self._searcher.search(query, limit, count=False, order_by_field="standing").hits
        return [ROW_BITS - (int(standing) & ROW_BITS) for standing, _ in hits]

    async def some_of(self, terms: Sequence[Weighted], narrowed: Narrowed, limit: int) -> Sequence[Key | int]:
        """Those with some of the terms, by BM25."""
        if self._searcher is None or not terms:
            return ()
        should: list[_Clause] = []
        for term in terms:
            should.append((_SHOULD, tantivy.Query.boost_query(self._term(TITLE_FIELD, term.term), term.weight)))
            context = tantivy.Query.boost_query(self._term(CONTEXT_FIELD, term.term), term.weight * CONTEXT_BOOST)
            should.append((_SHOULD, context))
        query = tantivy.Query.boolean_query(should)
        tags = self._tags(narrowed)
        if tags:
            query = tantivy.Query.boolean_query([(_MUST, query), *tags])
        addresses = [address for _, address in self._searcher.search(query, limit, count=False).hits]
        standings = self._searcher.fast_field_values("standing", addresses)
        return [ROW_BITS - (int(standing or 0) & ROW_BITS) for standing in standings]

    def _group(self, group: Group) -> tantivy.Query:
        found: list[_Clause] = []
        for term in group.terms:
            found.append((_SHOULD, self._term(TITLE_FIELD, term)))
            found.append((_SHOULD, self._term(CONTEXT_FIELD, term)))
        if group.start:
            found.append((_SHOULD, self._term(START_FIELD, group.start)))
        return tantivy.Query.boolean_query(found)

    def _tags(self, narrowed: Narrowed) -> list[_Clause]:
        groups = ([(_SHOULD, self._term(TAG_FIELD, tag)) for tag in tags] for tags in narrowed.tags())
        return [(_MUST, tantivy.Query.const_score_query(tantivy.Query.boolean_query(group), 0.0)) for group in groups]

    def _term(self, field: str, term: str) -> tantivy.Query:
        found = self._queries.get((field, term))
        if found is None:
            if len(self._queries) > 100_000:
                self._queries.clear()
            self._queries[field, term] = found = tantivy.Query.term_query(self._schema, field, term, "basic")
        return found

    async def build(self, generation: str, documents: Iterable[Document]) -> None:
        """Index documents into a folder of their own."""
        await asyncio.to_thread(self._build, generation, documents)

    def _build(self, generation: str, documents: Iterable[Document]) -> None:
        folder = self._folder / generation
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        writer = tantivy.Index(self._schema, path=str(folder)).writer(heap_size=MEMORY, num_threads=1)
        for document in documents:
            writer.add_document(_of(document))
        writer.commit()
        writer.wait_merging_threads()

    async def swap(self, generation: str) -> None:
        """Name the generation in the file, by one rename, and open it."""
        new = self._folder / f"{CURRENT}.new"
        new.write_text(generation)
        new.replace(self._folder / CURRENT)
        self._open(generation)
        for folder in self._folder.iterdir():
            if folder.is_dir() and folder.name != generation:
                shutil.rmtree(folder, ignore_errors=True)

    async def update(self, documents: Sequence[Document], gone: Sequence[Key]) -> None:
        """Change documents and commit."""
        await asyncio.to_thread(self._update, documents, gone)
        if self._index is not None:
            self._index.reload()
            self._searcher = self._index.searcher()

    def _update(self, documents: Sequence[Document], gone: Sequence[Key]) -> None:
        if self._index is None:
            return
        if self._writer is None:
            self._writer = self._index.writer(heap_size=MEMORY, num_threads=1)
        for key in (*gone, *(document.key for document in documents)):
            self._writer.delete_documents_by_term("key", "/".join(key))
        for document in documents:
            self._writer.add_document(_of(document))
        self._writer.commit()

    def _open(self, generation: str) -> None:
        self._writer = None
        self._index = tantivy.Index.open(str(self._folder / generation))
        self._searcher = self._index.searcher()
        self._generation = generation


def _of(document: Document) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text("key", "/".join(document.key))
    made.add_unsigned("standing", document.standing)
    made.add_text(TITLE_FIELD, document.words)
    made.add_text(CONTEXT_FIELD, document.context)
    made.add_text(START_FIELD, document.starts)
    made.add_text(TAG_FIELD, document.tags)
    return made
