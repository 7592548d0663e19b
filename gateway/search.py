"""The gateway's side of search: queries go out, results come back in the order of search."""

from __future__ import annotations

from collections.abc import Callable

import grpc
from codingahead.search.v1 import search_pb2 as pb
from codingahead.search.v1 import search_pb2_grpc

from shared.rpc.client import invoke

PATIENCE_SECONDS = 5.0
FARTHEST = 1_000
"""So many results can be passed over at most; search itself refuses more."""


class Search:
    """Asks search. Every method raises the DomainErrors that search raises, and Unavailable when it is away."""

    def __init__(self, channel: grpc.aio.Channel, own_token: Callable[[], str]) -> None:
        """Take the channel and the gateway's own internal token: what is found is the same for everybody."""
        self._stub: search_pb2_grpc.SearchServiceAsyncStub = search_pb2_grpc.SearchServiceStub(channel)
        self._own_token = own_token

    async def search(self, request: pb.SearchRequest) -> pb.SearchResponse:
        """Give what fits a query."""
        return await invoke(self._stub.Search, request, timeout=PATIENCE_SECONDS, token=self._own_token())

    async def suggest(self, request: pb.SuggestRequest) -> pb.SuggestResponse:
        """Give the first results while a query is being typed."""
        return await invoke(self._stub.Suggest, request, timeout=PATIENCE_SECONDS, token=self._own_token())

    async def status(self) -> pb.GetIndexStatusResponse:
        """Give how the index stands."""
        request = pb.GetIndexStatusRequest()
        return await invoke(self._stub.GetIndexStatus, request, timeout=PATIENCE_SECONDS, token=self._own_token())

    async def zero_hits(self, request: pb.ListZeroHitsRequest, token: str) -> pb.ListZeroHitsResponse:
        """Give queries that found nothing, to an editor or operator."""
        return await invoke(self._stub.ListZeroHits, request, timeout=PATIENCE_SECONDS, token=token)
