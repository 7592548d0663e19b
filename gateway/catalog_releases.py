"""The gateway's side of catalog's releases: comparing them, and what operators do to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import grpc
from codingahead.catalog.v1 import releases_pb2 as pb
from codingahead.catalog.v1 import releases_pb2_grpc

from shared.identity import Principal
from shared.rpc.client import invoke

COMPARING_SECONDS = 60.0
"""The first comparison of two large tables looks at millions of rows; later ones are kept."""
CHANGING_SECONDS = 120.0
ON_A_PART = 1_000
OPERATOR = "operator"


class Releases:
    """Asks catalog about releases. Raises the DomainErrors that it raises, and Unavailable when it is away."""

    def __init__(
        self, channel: grpc.aio.Channel, own_token: Callable[[], str], sign: Callable[[Principal], str]
    ) -> None:
        """Take the channel, the gateway's own internal token, and what signs one for a principal."""
        self._stub: releases_pb2_grpc.ReleasesServiceAsyncStub = releases_pb2_grpc.ReleasesServiceStub(channel)
        self._own_token = own_token
        self._sign = sign

    async def compare(self, request: pb.CompareReleasesRequest, principal: Principal) -> pb.CompareReleasesResponse:
        """Give a page of what two releases differ in; operators see licensed texts as well."""
        token = self._sign(principal) if OPERATOR in principal.roles else self._own_token()
        return await invoke(self._stub.CompareReleases, request, timeout=COMPARING_SECONDS, token=token)

    async def differences(
        self, old: str, new: str, change: str, principal: Principal
    ) -> AsyncIterator[pb.CompareReleasesResponse]:
        """Give all that two releases differ in, in parts."""
        token = ""
        while True:
            part = await self.compare(
                pb.CompareReleasesRequest(
                    old_release_id=old, new_release_id=new, change=change, page_size=ON_A_PART, page_token=token
                ),
                principal,
            )
            yield part
            token = part.next_page_token
            if not token:
                return

    async def revert(self, request: pb.RevertReleaseRequest, principal: Principal) -> pb.RevertReleaseResponse:
        """Put a kind and setting back to one of its releases."""
        return await invoke(self._stub.RevertRelease, request, timeout=CHANGING_SECONDS, token=self._sign(principal))
