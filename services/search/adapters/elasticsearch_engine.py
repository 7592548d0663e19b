"""The engine beyond one machine: Elasticsearch 9, with one index a generation and an alias for the one that answers.

Entries are named by key here: processes that share the servers have tables of their own, whose rows differ.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

from elasticsearch import ApiError, AsyncElasticsearch, ConnectionTimeout, NotFoundError, TransportError
from elasticsearch.helpers import BulkIndexError, async_bulk

from services.search.adapters.elasticsearch_address import Address
from services.search.engine import (
    ANY_FIELD,
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
from shared.errors import Unavailable

ASK_SECONDS = 2.0
"""Who types does not wait longer."""
SILENT_SECONDS = 1.0
"""After a question that was not answered in time, nor any other meanwhile, the next ones, which may be the same one
tried again, are refused at once for so long, and do not wait as well."""
WORK_SECONDS = 120.0
AT_ONCE = 2_000
_DOCS = {"type": "keyword", "doc_values": False}
_WORDS = {
    "type": "text",
    "analyzer": "whitespace",
    "index_options": "docs",
    "norms": False,
    "similarity": "boolean",
}
"""Words weigh what the question says and nothing else."""
_MAPPINGS = {
    "dynamic": "strict",
    "_source": {"enabled": False},
    "properties": {
        "key": {"type": "keyword"},
        "standing": {"type": "long", "index": False},
        "number": {"type": "long", "index": False},
        TITLE_FIELD: _WORDS,
        CONTEXT_FIELD: _WORDS,
        ANY_FIELD: _WORDS,
        START_FIELD: _DOCS,
        TAG_FIELD: _DOCS,
    },
}
_SETTINGS = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "refresh_interval": -1,
    "sort.field": "standing",
    "sort.order": "desc",
}
"""Sorted as they stand, the first that fit are the highest, and the search ends with them."""
_ANSWER = "hits.hits.fields"
_NAME_TAKEN = "There is an index {0} where an alias of that name is needed: remove it, or name another alias."


class ElasticsearchEngine:
    """Generations of one alias."""

    name = "elasticsearch"

    def __init__(self, address: Address) -> None:
        """Take the address; it is connected to when it is used first."""
        self._address, self._alias = address, address.alias
        self._client: AsyncElasticsearch | None = None
        self._answered = self._silent_until = 0.0

    async def start(self) -> None:
        """Servers that are away do not keep the service from starting."""

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - what is under way is cut off
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def generation(self) -> str:
        """The generation that the alias names."""
        async with self._asking() as client:
            named = await self._named(client)
        return max((name for name in named if self._is_ours(name)), default="").rpartition(".")[2]

    async def shared(self, made_of: str) -> str:
        """The generation that the alias names, when the same was put into it."""
        generation = await self.generation()
        if not generation:
            return ""
        index = self._index(generation)
        async with self._asking() as client:
            found = await client.indices.get_mapping(index=index)
        said = found.body.get(index, {}).get("mappings", {}).get("_meta", {})
        return generation if said.get("made_of") == made_of else ""

    async def _named(self, client: AsyncElasticsearch) -> set[str]:
        """The indices that the alias names, whoever let it."""
        try:
            return set((await client.indices.get_alias(name=self._alias)).body)
        except NotFoundError:
            return set()

    async def answers(self) -> bool:
        """Whether there is an index behind the alias."""
        try:
            return bool(await self.generation())
        except Unavailable:
            return False

    async def all_of(self, groups: Sequence[Group], narrowed: Narrowed, limit: int) -> Sequence[Key]:
        """Those that stand highest of the entries that have a term of every group."""
        query: dict[str, Any] = {"bool": {"filter": [*map(_group, groups), *_tags(narrowed)]}}
        return await self._found(query, limit, sort=[{"standing": "desc"}])

    async def some_of(self, terms: Sequence[Weighted], narrowed: Narrowed, limit: int) -> Sequence[Key]:
        """Those with some of the terms, by what they weigh."""
        if not terms:
            return ()
        should = [
            {"term": {field: {"value": term.term, "boost": weight}}}
            for term in terms
            for field, weight in ((TITLE_FIELD, term.weight), (CONTEXT_FIELD, term.above))
            if weight
        ]
        telling = {
            TITLE_FIELD: [term.term for term in terms if term.telling],
            CONTEXT_FIELD: [term.term for term in terms if term.above],
        }
        needed = {"bool": {"should": [{"terms": {field: named}} for field, named in telling.items() if named]}}
        query = {"bool": {"should": should, "filter": [needed, *_tags(narrowed)]}}
        return await self._found(query, limit, sort=[{"_score": "desc"}, {"number": "asc"}])

    async def _found(self, query: dict[str, Any], limit: int, sort: Sequence[dict[str, str]]) -> list[Key]:
        async with self._asking() as client:
            answer = await client.search(
                index=self._alias,
                query=query,
                size=limit,
                sort=sort,
                track_total_hits=False,
                stored_fields="_none_",
                docvalue_fields=[{"field": "key"}],
                filter_path=_ANSWER,
            )
        hits = answer.body.get("hits", {}).get("hits", ())
        return [_key(hit["fields"]["key"][0]) for hit in hits]

    async def build(self, generation: str, documents: Iterable[Document], made_of: str = "") -> None:
        """Index documents into an index of their own, through an alias that goes with it: none is made by accident."""
        index = self._index(generation)
        loading = f"{index}-loading"
        mappings = {**_MAPPINGS, "_meta": {"made_of": made_of}}
        async with self._asking(WORK_SECONDS) as client:
            if await client.indices.exists(index=self._alias) and not await self._named(client):
                raise Unavailable("ENGINE_AWAY", _NAME_TAKEN.format(self._alias))
            await self._remove_left(client, index)
            await client.options(ignore_status=404).indices.delete(index=index)
            aliases: dict[str, dict[str, Any]] = {loading: {}}
            await client.indices.create(index=index, settings=_SETTINGS, mappings=mappings, aliases=aliases)
            actions = ({"_op_type": "index", **_of(document)} for document in documents)
            await async_bulk(client, actions, index=loading, chunk_size=AT_ONCE, max_retries=3, require_alias=True)
            await client.indices.forcemerge(index=index, max_num_segments=1)
            await client.indices.refresh(index=index)
            await client.cluster.health(index=index, wait_for_status="yellow", timeout="60s")

    async def swap(self, generation: str) -> None:
        """Let the alias name a generation, in one step, and remove older ones.

        What is newer is another process's: when the alias names it already, there is nothing to put in its place.
        """
        index = self._index(generation)
        async with self._asking(WORK_SECONDS) as client:
            named = await self._named(client)
            index = max([index, *filter(self._is_ours, named)])
            actions = [{"remove": {"index": name, "alias": self._alias}} for name in sorted(named - {index})]
            await client.indices.update_aliases(actions=[*actions, {"add": {"index": index, "alias": self._alias}}])
            await self._remove_left(client, index)

    async def tidy(self) -> None:
        """Remove older indices; what is newer may be in the making."""
        async with self._asking(WORK_SECONDS) as client:
            if ours := [name for name in await self._named(client) if self._is_ours(name)]:
                await self._remove_left(client, max(ours))

    async def _remove_left(self, client: AsyncElasticsearch, index: str) -> None:
        """Remove what is older than an index and answers no more, or never did as its build was interrupted."""
        found = await client.indices.get_alias(index=self._index("*"))
        left = [name for name, held in found.body.items() if name < index and self._alias not in held["aliases"]]
        for name in left:
            await client.options(ignore_status=404).indices.delete(index=name)

    def _is_ours(self, index: str) -> bool:
        return index.startswith(self._index(""))

    def _index(self, generation: str) -> str:
        """The index of a generation; an alias has no full stop, so that none is taken for another alias's."""
        return f"{self._alias}.{generation}"

    async def update(self, documents: Sequence[Document], gone: Sequence[Key]) -> None:
        """Change documents and have them found."""
        actions: list[dict[str, Any]] = [{"_op_type": "delete", "_id": "/".join(key)} for key in gone]
        actions += [{"_op_type": "index", **_of(document)} for document in documents]
        async with self._asking(WORK_SECONDS) as client:
            await client.indices.put_mapping(index=self._alias, meta={})  # it is not what was put into it any more
            _, errors = await async_bulk(
                client,
                actions,
                index=self._alias,
                refresh=True,
                require_alias=True,
                chunk_size=AT_ONCE,
                raise_on_error=False,
            )
        wrong = [each for each in errors if not _was_gone(each)] if isinstance(errors, list) else []
        if wrong:
            raise Unavailable("ENGINE_AWAY", f"Elasticsearch refused {len(wrong)} documents: {_reason(wrong)}.")

    @contextlib.asynccontextmanager
    async def _asking(self, seconds: float = ASK_SECONDS) -> AsyncIterator[AsyncElasticsearch]:
        """The client; what it meets is told in a sentence."""
        now = asyncio.get_running_loop().time
        began = now()
        if seconds == ASK_SECONDS and began < self._silent_until:
            raise Unavailable("ENGINE_AWAY", "Elasticsearch did not answer a moment ago.")
        if self._client is None:
            self._client = self._address.client()
        try:
            yield self._client.options(request_timeout=seconds)
            self._answered = now()
        except (ApiError, TransportError, BulkIndexError) as error:
            if isinstance(error, ConnectionTimeout) and self._answered < began:
                self._silent_until = now() + SILENT_SECONDS
            raise Unavailable("ENGINE_AWAY", f"Elasticsearch does not answer as it should: {_said(error)}.") from error


def _said(error: ApiError | TransportError | BulkIndexError) -> str:
    if isinstance(error, BulkIndexError):
        return f"{len(error.errors)} documents were refused: {_reason(error.errors)}"
    return str(error.message)[:200]


def _reason(errors: Sequence[dict[str, Any]]) -> str:
    """Why the first of some documents was refused."""
    answer: dict[str, Any] = next(iter(errors[0].values()), {}) if errors else {}
    cause = answer.get("error", {})
    return str(cause.get("reason", cause) if isinstance(cause, dict) else cause)[:200]


def _was_gone(error: dict[str, Any]) -> bool:
    """Whether a document was to be removed that is not there."""
    return bool(error.get("delete", {}).get("result") == "not_found")


def _key(name: str) -> Key:
    system, _, code = name.partition("/")
    return system, code


def _group(group: Group) -> dict[str, Any]:
    should: list[dict[str, Any]] = []
    if group.terms:
        should.append({"terms": {group.field: list(group.terms)}})
    if group.start:
        should.append({"term": {START_FIELD: group.start}})
    return {"bool": {"should": should, "minimum_should_match": 1}}


def _tags(narrowed: Narrowed) -> Iterator[dict[str, Any]]:
    for tags in narrowed.tags():
        yield {"terms": {TAG_FIELD: list(tags)}}


def _of(document: Document) -> dict[str, Any]:
    key = "/".join(document.key)
    return {
        "_id": key,
        "key": key,
        "standing": document.standing,
        "number": document.number,
        TITLE_FIELD: document.words,
        CONTEXT_FIELD: document.context,
        ANY_FIELD: document.any,
        START_FIELD: document.starts.split(),
        TAG_FIELD: document.tags.split(),
    }
