"""The gRPC servicer of releases: messages in, one call of the domain, messages out."""
# ruff: noqa: N802, ARG002 - names and arguments are the contract's

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
from codingahead.catalog.v1 import releases_pb2 as pb
from codingahead.catalog.v1 import releases_pb2_grpc

from services.catalog.comparing import Comparing, Comparison
from services.catalog.events import CHANGE_KINDS
from services.catalog.imports.landing import revert
from services.catalog.messages import message_of
from services.catalog.pages.parts import data_release
from services.catalog.releases import ReleaseStore
from services.catalog.systems import dotted
from shared.clock import Clock
from shared.errors import InvalidInput
from shared.rpc.context import current_principal, require_role

if TYPE_CHECKING:
    Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

SERVICE = "codingahead.catalog.v1.ReleasesService"
OPERATOR = "operator"


class ReleasesServicer(releases_pb2_grpc.ReleasesServiceServicer):
    """Serves the contract; every call names its principal by an internal token."""

    def __init__(self, comparing: Comparing, store: ReleaseStore, clock: Clock) -> None:
        """Take what answers, where releases are kept, and the time."""
        self._comparing = comparing
        self._store = store
        self._clock = clock

    async def CompareReleases(self, request: pb.CompareReleasesRequest, context: Context) -> pb.CompareReleasesResponse:
        """What two releases differ in."""
        texts = OPERATOR in current_principal().roles
        return _compared(
            await self._comparing.compare(
                request.old_release_id,
                request.new_release_id,
                request.change,
                request.page_size,
                request.page_token,
                licensed_texts=texts,
            )
        )

    async def RevertRelease(self, request: pb.RevertReleaseRequest, context: Context) -> pb.RevertReleaseResponse:
        """Put a kind and setting back to one of its releases."""
        require_role(OPERATOR)
        if not request.request_id:
            raise InvalidInput("REQUEST_ID_INVALID", "request_id: 1 to 200 characters are needed.")
        release, changed = await revert(
            self._store,
            request.kind,
            setting=request.setting,
            release_id=request.release_id,
            request_id=request.request_id,
            clock=self._clock,
        )
        return pb.RevertReleaseResponse(
            release=message_of(data_release(await self._comparing.release(release.id), self._clock.now().date())),
            changed=changed,
        )


def _compared(found: Comparison) -> pb.CompareReleasesResponse:
    return pb.CompareReleasesResponse(
        old_release=message_of(data_release(found.old, found.today)),
        new_release=message_of(data_release(found.new, found.today)),
        added=found.counts.added,
        deleted=found.counts.deleted,
        revised=found.counts.revised,
        differences=[
            pb.CodeDifference(
                system=each.system,
                code=each.code,
                display_code=dotted(each.system, each.code),
                change=CHANGE_KINDS[each.change],
                old_text=each.old_text,
                new_text=each.new_text,
            )
            for each in found.differences
        ],
        next_page_token=found.next_page_token,
    )
