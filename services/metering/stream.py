"""One stream of decisions: many readers' page views, answered in whatever order they are decided."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

from codingahead.metering.v1 import metering_pb2 as pb

from services.metering import messages, rights
from services.metering.meter import Answer, Asked, Meter
from shared.errors import DeadlineExceeded, DomainError, InvalidInput, Unavailable
from shared.identity import InternalTokenVerifier

MOST_DECISIONS = 1024
"""In one message, either way."""
MOST_HELD = 16 * MOST_DECISIONS
"""Decisions that a stream may wait for; more are read when some were answered."""


class DecisionStream:
    """Answers one stream until its caller closes it or the server drains."""

    def __init__(self, meter: Meter, verifier: InternalTokenVerifier, draining: asyncio.Event) -> None:
        """Take the meter, what verifies the readers' tokens, and the server's sign to end."""
        self._meter = meter
        self._verifier = verifier
        self._draining = draining
        self._results: list[tuple[str, bool, Answer]] = []
        """Answers with the id of their request and whether it was a look."""
        self._held = 0
        self._stir = asyncio.Event()
        self._room = asyncio.Event()

    async def answer(self, requests: AsyncIterator[pb.ConsumeStreamRequest]) -> AsyncIterator[pb.ConsumeStreamResponse]:
        """Give results as they come. On a drain: say so, read no more, answer what is held, end."""
        reading = asyncio.create_task(self._read(requests))
        draining = asyncio.create_task(self._draining.wait())
        for task in (reading, draining):
            task.add_done_callback(lambda _: self._stir.set())
        said = False
        try:
            while not (reading.done() and not self._held and not self._results):
                await self._stir.wait()
                self._stir.clear()
                if draining.done() and not said:
                    said = True
                    reading.cancel()
                    yield pb.ConsumeStreamResponse(draining=True)
                while self._results:
                    results, self._results = self._results[:MOST_DECISIONS], self._results[MOST_DECISIONS:]
                    yield _message(results)
            if not reading.cancelled():
                reading.result()
        finally:
            reading.cancel()
            draining.cancel()

    async def _read(self, requests: AsyncIterator[pb.ConsumeStreamRequest]) -> None:
        async for message in requests:
            if len(message.decisions) > MOST_DECISIONS:
                raise InvalidInput("TOO_MANY_DECISIONS", f"decisions: at most {MOST_DECISIONS} fit in a message.")
            now = asyncio.get_running_loop().time()
            asked = [one for one in (self._asked(decision, now) for decision in message.decisions) if one]
            self._meter.submit(asked)
            while self._held > MOST_HELD:
                self._room.clear()
                await self._room.wait()

    def _asked(self, decision: pb.StreamedDecision, now: float) -> Asked | None:
        self._held += 1
        request, peek, deadline_ms = decision.request, decision.peek, decision.deadline_ms
        answer = partial(self._take, request.request_id, peek)
        try:
            if deadline_ms <= 0:
                raise DeadlineExceeded("DEADLINE_EXCEEDED", "deadline_ms: the caller's time ran out.")
            name = rights.reader(self._verifier.verify(decision.principal_token))
            view = messages.page_view(request, name)
        except DomainError as error:
            answer(error)
            return None
        return Asked(view, answer, now + deadline_ms / 1000, peek)

    def _take(self, request_id: str, peek: bool, answer: Answer) -> None:
        self._results.append((request_id, peek, answer))
        self._held -= 1
        self._stir.set()
        self._room.set()


def _message(results: list[tuple[str, bool, Answer]]) -> pb.ConsumeStreamResponse:
    message = pb.ConsumeStreamResponse()
    add = message.results.add
    for request_id, peek, answer in results:
        result = add()
        result.request_id = request_id
        if isinstance(answer, Exception):
            result.failure.MergeFrom(failure(answer))
        else:
            messages.write_answer(result.response, answer, peek=peek)
    return message


def failure(error: Exception) -> pb.DecisionFailure:
    """Give the failure of one decision; an error that nobody foresaw says nothing of itself."""
    if not isinstance(error, DomainError):
        return pb.DecisionFailure(reason="INTERNAL", message="Metering failed; its log tells operators why.")
    retryable = isinstance(error, Unavailable | DeadlineExceeded)
    return pb.DecisionFailure(reason=error.reason, message=error.message, retryable=retryable)
