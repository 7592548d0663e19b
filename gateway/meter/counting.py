"""Counters that are not page views, gathered for a moment and sent together."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter as Tally
from collections.abc import Callable

import structlog
from codingahead.metering.v1 import metering_pb2 as pb
from codingahead.metering.v1 import metering_pb2_grpc

from shared.errors import DomainError
from shared.rpc.client import invoke
from shared.tasks import end

PAUSE_SECONDS = 1.0
PATIENCE_SECONDS = 5.0
MOST_READERS = 10_000

_log = structlog.get_logger(__name__)


class Counting:
    """Adds to readers' counters; a part of the gateway. What is not sent yet is lost with the process."""

    name = "counting"

    def __init__(self, stub: metering_pb2_grpc.MeteringServiceAsyncStub) -> None:
        """Take the meter."""
        self._stub = stub
        self._tallies: dict[str, Tally[str]] = {}
        self._tokens: dict[str, Callable[[], str]] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, principal: str, token: Callable[[], str], counter: str) -> None:
        """Count one for a reader, whose internal token is made when the count is sent."""
        if principal in self._tallies or len(self._tallies) < MOST_READERS:
            self._tallies.setdefault(principal, Tally())[counter] += 1
            self._tokens[principal] = token

    async def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self._send_for_ever(), name="counting")

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - one last sending has a limit of its own
        """Send what is left and stop."""
        await end(self._task)
        await self._send()

    async def _send_for_ever(self) -> None:
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            await self._send()

    async def _send(self) -> None:
        tallies, self._tallies = self._tallies, {}
        tokens, self._tokens = self._tokens, {}
        for principal, tally in tallies.items():
            request = pb.CountRequest(
                request_id=secrets.token_hex(16), counters=[pb.Counter(name=n, value=v) for n, v in tally.items()]
            )
            try:
                await invoke(self._stub.Count, request, timeout=PATIENCE_SECONDS, token=tokens[principal]())
            except DomainError as error:
                _log.warning("counts were not recorded", reason=error.reason)
