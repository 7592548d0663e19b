"""The gateway's side of claim edits: claims go to the catalog in batches, and their answers come back in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

import grpc
from codingahead.catalog.v1 import edits_pb2 as pb
from codingahead.catalog.v1 import edits_pb2_grpc

from shared.rpc.client import invoke

PATIENCE_SECONDS = 30.0
"""A batch waits this long: the first one after a start has to wait for the tables."""
BATCH_CLAIMS, BATCH_LINES = 100, 3_000
BATCHES_AT_ONCE = 3


class Edits:
    """Has claims checked. Raises the DomainErrors that catalog raises, and Unavailable when it is away."""

    def __init__(self, channel: grpc.aio.Channel, own_token: Callable[[], str]) -> None:
        """Take the channel to catalog and the gateway's own internal token."""
        self._stub: edits_pb2_grpc.EditsServiceAsyncStub = edits_pb2_grpc.EditsServiceStub(channel)
        self._own_token = own_token

    async def check(self, claims: Iterable[pb.Claim]) -> AsyncIterator[Sequence[pb.CheckedClaim]]:
        """Give the answers of one batch after the other; a few batches are under way at once."""
        under_way: deque[asyncio.Task[pb.CheckEditsResponse]] = deque()
        try:
            for batch in batches(claims):
                under_way.append(asyncio.create_task(self._ask(batch)))
                if len(under_way) >= BATCHES_AT_ONCE:
                    yield (await under_way.popleft()).claims
            while under_way:
                yield (await under_way.popleft()).claims
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def one(self, claim: pb.Claim) -> pb.CheckedClaim:
        """Give the answer on one claim."""
        return (await self._ask([claim])).claims[0]

    async def _ask(self, claims: Sequence[pb.Claim]) -> pb.CheckEditsResponse:
        request = pb.CheckEditsRequest(claims=claims)
        return await invoke(self._stub.CheckEdits, request, timeout=PATIENCE_SECONDS, token=self._own_token())


def batches(claims: Iterable[pb.Claim]) -> Iterator[list[pb.Claim]]:
    """Put claims together as far as one call takes them."""
    batch: list[pb.Claim] = []
    lines = 0
    for claim in claims:
        if batch and (len(batch) == BATCH_CLAIMS or lines + len(claim.lines) > BATCH_LINES):
            yield batch
            batch, lines = [], 0
        batch.append(claim)
        lines += len(claim.lines)
    if batch:
        yield batch
