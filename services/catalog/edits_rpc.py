"""The gRPC servicer of claim edits: messages in, one call of the domain, messages out."""
# ruff: noqa: N802, ARG002 - names and arguments are the contract's

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
from codingahead.catalog.v1 import edits_pb2 as pb
from codingahead.catalog.v1 import edits_pb2_grpc

from services.catalog.claim_messages import answer_of, claims_of
from services.catalog.edits.checker import Checker
from shared.clock import Clock
from shared.rpc.context import current_principal

if TYPE_CHECKING:
    Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

SERVICE = "codingahead.catalog.v1.EditsService"


class EditsServicer(edits_pb2_grpc.EditsServiceServicer):
    """Serves the contract; every call names its principal by an internal token."""

    def __init__(self, checker: Checker, clock: Clock) -> None:
        """Take what checks, and the clock that says which day it is for claims that do not."""
        self._checker = checker
        self._clock = clock

    async def CheckEdits(self, request: pb.CheckEditsRequest, context: Context) -> pb.CheckEditsResponse:
        """Check claims."""
        current_principal()
        claims = claims_of(request.claims, self._clock.now().date())
        answers = await self._checker.check(claims)
        return pb.CheckEditsResponse(claims=[answer_of(answer) for answer in answers])
