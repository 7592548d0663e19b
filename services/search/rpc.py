"""The gRPC servicer of search: messages in, one call of the domain, messages out."""
# ruff: noqa: N802, ARG002 - names and arguments are the contract's

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
import numpy as np
from codingahead.search.v1 import search_pb2 as pb
from codingahead.search.v1 import search_pb2_grpc
from google.protobuf.timestamp_pb2 import Timestamp

from services.search.adapters.zero_hits import KEPT_DAYS, PostgresZeroHits
from services.search.engine import Engine
from services.search.entry import SYSTEMS
from services.search.indexing import Indexing
from services.search.messages import answered, release_ref, searched, suggested, suggestions
from services.search.searching import Searching
from shared.dates import date_message
from shared.errors import InvalidInput
from shared.rpc.context import current_principal, require_role

if TYPE_CHECKING:
    Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

SERVICE = "codingahead.search.v1.SearchService"
READERS_OF_ZERO_HITS = ("editor", "operator")
MOST_ZERO_HITS = 500


class SearchServicer(search_pb2_grpc.SearchServiceServicer):
    """Serves the contract; every call names its principal by an internal token."""

    def __init__(self, searching: Searching, indexing: Indexing, engine: Engine, zero_hits: PostgresZeroHits) -> None:
        """Take what answers."""
        self._searching, self._indexing, self._engine, self._zero_hits = searching, indexing, engine, zero_hits

    async def Search(self, request: pb.SearchRequest, context: Context) -> pb.SearchResponse:
        """What fits a query."""
        current_principal()
        return answered(await self._searching.search(searched(request)))

    async def Suggest(self, request: pb.SuggestRequest, context: Context) -> pb.SuggestResponse:
        """The first results while typing."""
        current_principal()
        return suggestions(await self._searching.search(suggested(request)))

    async def GetIndexStatus(self, request: pb.GetIndexStatusRequest, context: Context) -> pb.GetIndexStatusResponse:
        """How the index stands."""
        current_principal()
        standing = self._indexing.current()
        answer = pb.GetIndexStatusResponse(
            engine=self._engine.name,
            engine_answers=await self._engine.answers(),
            building=self._indexing.building,
            lag_seconds=self._indexing.lag,
            progress=_progress(self._indexing),
            failed=0 if self._indexing.building else self._indexing.failed,
        )
        if standing is None:
            return answer
        shelf = standing.shelf
        built = Timestamp()
        built.FromNanoseconds(math.floor(shelf.built_at * 1e9))
        counts = np.bincount(shelf.columns.system[shelf.columns.alive], minlength=len(SYSTEMS))
        answer.generation = shelf.generation
        answer.built_at.CopyFrom(built)
        answer.words = len(shelf.vocabulary)
        answer.systems.extend(
            pb.SystemCount(system=system, entries=int(count))
            for system, count in zip(SYSTEMS, counts, strict=True)
            if count
        )
        answer.releases.extend(release_ref(release) for release in shelf.releases.values())
        return answer

    async def ListZeroHits(self, request: pb.ListZeroHitsRequest, context: Context) -> pb.ListZeroHitsResponse:
        """Queries that found nothing."""
        require_role(*READERS_OF_ZERO_HITS)
        if not 0 <= request.page_size <= MOST_ZERO_HITS:
            raise InvalidInput("PAGE_SIZE_WRONG", f"page_size: 0 to {MOST_ZERO_HITS} are possible.")
        found = await self._zero_hits.most_frequent(request.page_size or 100)
        return pb.ListZeroHitsResponse(
            zero_hits=[pb.ZeroHit(query=z.query, times=z.times, last_day=date_message(z.last_day)) for z in found],
            kept_days=KEPT_DAYS,
        )


def _progress(indexing: Indexing) -> pb.BuildProgress | None:
    if not indexing.building:
        return None
    progress = indexing.progress
    made = pb.BuildProgress(seconds=indexing.seconds)
    if progress is not None:
        made.stage, made.done, made.of = progress.stage.name.lower(), progress.done, progress.of
        made.words = str(progress)
    return made
