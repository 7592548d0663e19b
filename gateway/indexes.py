"""The gateway's side of the indexes of ICD-10-CM: walking them, and where their references lead."""

from __future__ import annotations

from collections.abc import Callable

import grpc
from codingahead.catalog.v1 import index_pb2 as pb
from codingahead.catalog.v1 import index_pb2_grpc

from shared.rpc.client import invoke

PATIENCE_SECONDS = 5.0


class Indexes:
    """Asks catalog. Raises the DomainErrors that it raises, and Unavailable when it is away."""

    def __init__(self, channel: grpc.aio.Channel, own_token: Callable[[], str]) -> None:
        """Take the channel to catalog and the gateway's own internal token."""
        self._stub: index_pb2_grpc.IndexServiceAsyncStub = index_pb2_grpc.IndexServiceStub(channel)
        self._own_token = own_token

    async def loaded(self) -> pb.ListIndexesResponse:
        """Give the indexes that are loaded."""
        request = pb.ListIndexesRequest()
        return await invoke(self._stub.ListIndexes, request, timeout=PATIENCE_SECONDS, token=self._own_token())

    async def main_terms(self, name: str, begins: str, page_size: int, after: int) -> pb.ListMainTermsResponse:
        """Give a page of main terms."""
        request = pb.ListMainTermsRequest(index_name=name, begins=begins, page_size=page_size, after=after)
        return await invoke(self._stub.ListMainTerms, request, timeout=PATIENCE_SECONDS, token=self._own_token())

    async def term(self, name: str, ordinal: int) -> pb.GetIndexTermResponse:
        """Give a term with what is around it."""
        request = pb.GetIndexTermRequest(index_name=name, ordinal=ordinal)
        return await invoke(self._stub.GetIndexTerm, request, timeout=PATIENCE_SECONDS, token=self._own_token())

    async def find(self, name: str, text: str) -> pb.GetReferencedTermResponse:
        """Give the term that a reference names."""
        request = pb.GetReferencedTermRequest(index_name=name, text=text)
        return await invoke(self._stub.GetReferencedTerm, request, timeout=PATIENCE_SECONDS, token=self._own_token())
