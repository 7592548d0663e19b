"""Decisions that a draining meter left unanswered are sent again on the next stream, under the same ids; a busy stream
sends its decisions in fewer messages."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from codingahead.metering.v1 import metering_pb2 as pb
from codingahead.metering.v1 import metering_pb2_grpc

from gateway.meter import stream as decisions
from gateway.meter.stream import CROWD, DecisionStream
from shared.rpc.client import open_channel
from tests.polling import eventually

READERS = 5
SERVICE = "codingahead.metering.v1.MeteringService"
Requests = AsyncIterator[pb.ConsumeStreamRequest]


class LeavingMeter:
    """A meter whose first stream leaves without an answer; the next ones grant everything."""

    def __init__(self, way: str) -> None:
        self._way = way
        self.streams: list[list[str]] = []
        """The ids that each stream was asked."""
        self.sizes: list[int] = []
        """How many decisions each message carried."""

    async def answer(self, requests: Requests, context: Any) -> None:
        """Serve one stream."""
        asked: list[str] = []
        self.streams.append(asked)
        first = len(self.streams) == 1 and self._way != "it stays"
        async for message in requests:
            self.sizes.append(len(message.decisions))
            asked += [decision.request.request_id for decision in message.decisions]
            if not first:
                await context.write(_granted(message))
            elif len(asked) == READERS:
                await self._leave(context, asked)
                return

    async def _leave(self, context: Any, asked: list[str]) -> None:
        await context.write(pb.ConsumeStreamResponse(draining=True))
        if self._way == "it drained with one answer":
            result = pb.StreamedResult(request_id=asked[0], response=pb.ConsumeResponse(outcome=pb.OUTCOME_GRANTED))
            await context.write(pb.ConsumeStreamResponse(results=[result]))


def _granted(message: pb.ConsumeStreamRequest) -> pb.ConsumeStreamResponse:
    return pb.ConsumeStreamResponse(
        results=[
            pb.StreamedResult(
                request_id=decision.request.request_id, response=pb.ConsumeResponse(outcome=pb.OUTCOME_GRANTED)
            )
            for decision in message.decisions
        ]
    )


@asynccontextmanager
async def _stream_to(meter: LeavingMeter) -> AsyncIterator[DecisionStream]:
    with tempfile.TemporaryDirectory(prefix="ds-") as folder:
        address = f"unix:{Path(folder) / 'meter'}"
        server = grpc.aio.server()
        handler = grpc.stream_stream_rpc_method_handler(
            meter.answer,
            request_deserializer=pb.ConsumeStreamRequest.FromString,
            response_serializer=pb.ConsumeStreamResponse.SerializeToString,
        )
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, {"ConsumeStream": handler})])
        server.add_insecure_port(address)
        await server.start()
        channel = open_channel(address)
        stub = metering_pb2_grpc.MeteringServiceStub(channel)
        stream = DecisionStream(stub, lambda: "token", patience=10, max_age=60)
        await stream.start()
        await eventually(lambda: not stream.away, "the stream is open")
        yield stream
        await stream.drain(1)
        await channel.close()
        await server.stop(1)


@pytest.mark.parametrize(("way", "sent_again"), [("it drained", READERS), ("it drained with one answer", READERS - 1)])
async def test_what_a_draining_meter_left_unanswered_is_asked_again_under_its_id(way: str, sent_again: int) -> None:
    meter = LeavingMeter(way)
    async with _stream_to(meter) as stream, asyncio.timeout(10):
        answers = await asyncio.gather(
            *(stream.decide("icd10cm", f"A0{n}", "reader", "net", peek=False) for n in range(READERS))
        )
    assert [answer.outcome for answer in answers] == [pb.OUTCOME_GRANTED] * READERS
    first, second = meter.streams[:2]
    assert len(set(first)) == READERS
    assert second == first[-sent_again:]


async def test_behind_a_crowd_decisions_gather(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "BUSY_SECONDS", 0.2)
    meter = LeavingMeter("it stays")
    async with _stream_to(meter) as stream, asyncio.timeout(10):
        await asyncio.gather(*(stream.decide("icd10cm", f"A0{n}", "reader", "net", peek=False) for n in range(CROWD)))
        one = asyncio.create_task(stream.decide("icd10cm", "B00", "reader", "net", peek=False))
        await asyncio.sleep(0.02)
        await asyncio.gather(one, stream.decide("icd10cm", "B01", "reader", "net", peek=False))
        await stream.decide("icd10cm", "B02", "reader", "net", peek=False)
    assert meter.sizes == [CROWD, 2, 1]
