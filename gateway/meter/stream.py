"""Decisions that travel together: one stream to the meter, on which every reader's decisions go as they come.

While one message is being written the next decisions gather, so a busy gateway pays less than one RPC a page. A
decision that a broken or draining stream left unanswered is sent again on the next one; its id makes that harmless.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections import deque
from collections.abc import AsyncIterable, Callable
from contextlib import suppress
from dataclasses import dataclass

import grpc
import structlog
from codingahead.metering.v1 import metering_pb2 as pb
from codingahead.metering.v1 import metering_pb2_grpc
from prometheus_client import Counter, Gauge

from shared.errors import DeadlineExceeded, DomainError, InvalidInput, Unavailable
from shared.rpc.client import call_metadata
from shared.tasks import end

LARGEST_MESSAGE = 1024
"""Decisions in one message, as the contract says."""
GATHER_SECONDS = 0.0007
"""How long decisions gather while an earlier message is unanswered; without one they go at once."""
BUSY_SECONDS = 0.004
"""From one message of a busy stream to the next: each costs both ends and the database its own work."""
CROWD = 6
"""Decisions in the last message from which a stream is busy."""
ENOUGH = 32
"""Decisions that wait for no more of them."""
CONNECT_SECONDS = 2.0
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0

OPENED = Counter("gateway_meter_streams_total", "Decision streams opened to metering.")
WAITING = Gauge("gateway_meter_decisions_waiting", "Decisions that wait for metering's answer.")

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Waiting:
    request_id: str
    system: str
    code: str
    token: str
    network: str
    peek: bool
    answer: asyncio.Future[pb.ConsumeResponse]
    until: float


class DecisionStream:
    """Keeps one stream open and sends decisions on it; a part of the gateway."""

    name = "decision stream"

    def __init__(
        self,
        stub: metering_pb2_grpc.MeteringServiceAsyncStub,
        token: Callable[[], str],
        *,
        patience: float,
        max_age: float,
    ) -> None:
        """Take the stub, the gateway's own internal token, the longest wait and a stream's largest age, in seconds."""
        self._stub = stub
        self._token = token
        self._patience = patience
        self._deadline_ms = int(patience * 1000)
        self._max_age = max_age
        self._ids = map("{}-{}".format, itertools.repeat(secrets.token_hex(8)), itertools.count())
        self._queue: deque[_Waiting] = deque()
        self._sent: dict[str, _Waiting] = {}
        self._wake = asyncio.Event()
        self._heard = asyncio.Event()
        """Set while the newest message's first decision is answered, or nothing was sent yet."""
        self._newest: _Waiting | None = None
        self._crowded_at = 0.0
        """When the last message was sent, by the event loop's clock, if it carried a crowd."""
        self._connected = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def away(self) -> bool:
        """Whether metering cannot be reached at the moment."""
        return not self._connected.is_set()

    async def decide(
        self, system: str, code: str, principal_token: str, network: str, *, peek: bool
    ) -> pb.ConsumeResponse:
        """Have one view of the page of a code decided, for the reader whom the token names.

        Raises Unavailable or DeadlineExceeded when metering is away, and what metering raised for this decision.
        """
        if self.away:
            raise Unavailable("METERING_AWAY", "Page views cannot be counted at the moment.")
        loop = asyncio.get_running_loop()
        until = loop.time() + self._patience
        waiting = _Waiting(next(self._ids), system, code, principal_token, network, peek, loop.create_future(), until)
        self._queue.append(waiting)
        self._wake.set()
        return await waiting.answer

    async def start(self) -> None:
        """Open the stream in the background; the gateway serves without it until metering answers."""
        self._tasks = [
            asyncio.create_task(self._keep_open(), name="decision stream"),
            asyncio.create_task(self._sweep(), name="decision deadlines"),
        ]

    async def drain(self, grace: float) -> None:
        """Wait for the decisions under way, then close."""
        under_way = [waiting.answer for waiting in (*self._queue, *self._sent.values())]
        if under_way:
            await asyncio.wait(under_way, timeout=min(grace, self._patience))
        await end(*self._tasks)
        self._fail_all()

    async def _keep_open(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._one_stream()
                pause = FIRST_PAUSE_SECONDS
            except (grpc.aio.AioRpcError, TimeoutError, asyncio.InvalidStateError) as error:
                if self._connected.is_set():
                    pause = FIRST_PAUSE_SECONDS
                self._connected.clear()
                _log.warning("metering is away", error=type(error).__name__)
            self._send_again()
            if self.away:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _one_stream(self) -> None:
        call = self._stub.ConsumeStream(metadata=call_metadata(self._token()), wait_for_ready=False)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await call.wait_for_connection()
            OPENED.inc()
            self._connected.set()
            await self._exchange(call)
        finally:
            call.cancel()

    async def _exchange(
        self, call: grpc.aio.StreamStreamCall[pb.ConsumeStreamRequest, pb.ConsumeStreamResponse]
    ) -> None:
        """Write and read until the stream is old, the meter drains, or it breaks."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._max_age
        reading = asyncio.create_task(self._receive(call))
        reading.add_done_callback(lambda _: self._wake.set())
        old = loop.call_at(ends, self._wake.set)
        try:
            while not reading.done() and loop.time() < ends:
                if not self._queue:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                await self._gather()
                await call.write(self._take())
            if not reading.done():
                await call.done_writing()
                await asyncio.wait((reading,), timeout=self._patience)
            if reading.done():
                reading.result()
        finally:
            old.cancel()
            reading.cancel()

    async def _gather(self) -> None:
        """Let more decisions come while the meter works on earlier ones: a busy stream has fewer, larger messages."""
        if len(self._queue) >= ENOUGH:
            return
        pause = self._crowded_at + BUSY_SECONDS - asyncio.get_running_loop().time()
        if pause > 0:
            await asyncio.sleep(pause)
        elif self._sent and not self._heard.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER_SECONDS):
                    await self._heard.wait()

    def _take(self) -> pb.ConsumeStreamRequest:
        message = pb.ConsumeStreamRequest()
        decisions = message.decisions
        self._newest = None
        while self._queue and len(decisions) < LARGEST_MESSAGE:
            waiting = self._queue.popleft()
            if not waiting.answer.done():
                self._sent[waiting.request_id] = waiting
                self._newest = self._newest or waiting
                _write(waiting, decisions.add(), self._deadline_ms)
        WAITING.set(len(self._sent))
        self._heard.clear()
        self._crowded_at = asyncio.get_running_loop().time() if len(decisions) >= CROWD else 0.0
        return message

    async def _receive(self, responses: AsyncIterable[pb.ConsumeStreamResponse]) -> None:
        """Read until the stream ends or the meter says that it drains."""
        async for message in responses:
            for result in message.results:
                waiting = self._sent.pop(result.request_id, None)
                if waiting is self._newest:
                    self._heard.set()
                if waiting is not None and not waiting.answer.done():
                    _settle(waiting.answer, result)
            if message.draining and not self._sent:
                return

    def _send_again(self) -> None:
        """Put what a stream left unanswered before everything else, or give it up while metering is away."""
        left = sorted(self._sent.values(), key=lambda waiting: waiting.until)
        self._sent.clear()
        self._queue.extendleft(reversed(left))
        if self.away:
            self._fail_all()

    def _fail_all(self) -> None:
        for waiting in (*self._queue, *self._sent.values()):
            if not waiting.answer.done():
                waiting.answer.set_exception(
                    Unavailable("METERING_AWAY", "Page views cannot be counted at the moment.")
                )
        self._queue.clear()
        self._sent.clear()

    async def _sweep(self) -> None:
        """End the wait of decisions whose time is up."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._patience / 8)
            now = loop.time()
            for waiting in (*self._queue, *self._sent.values()):
                if waiting.until <= now and not waiting.answer.done():
                    waiting.answer.set_exception(
                        DeadlineExceeded("METERING_LATE", "Page views cannot be counted at the moment.")
                    )
            for request_id in [i for i, waiting in self._sent.items() if waiting.answer.done()]:
                del self._sent[request_id]


def _write(waiting: _Waiting, decision: pb.StreamedDecision, deadline_ms: int) -> None:
    """Write a decision in place: composing messages out of messages copies each of them, at several times the cost."""
    decision.principal_token = waiting.token
    decision.deadline_ms = deadline_ms
    if waiting.peek:
        decision.peek = True
    request = decision.request
    request.request_id = waiting.request_id
    request.network = waiting.network
    content = request.content
    content.system = waiting.system
    content.code = waiting.code


def _settle(answer: asyncio.Future[pb.ConsumeResponse], result: pb.StreamedResult) -> None:
    if result.WhichOneof("result") == "response":
        answer.set_result(result.response)
        return
    failure = result.failure
    kind: type[DomainError] = Unavailable if failure.retryable else InvalidInput
    answer.set_exception(kind(failure.reason, failure.message))
