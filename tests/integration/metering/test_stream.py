"""Decisions that travel together: many readers on one stream, each decision for itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from codingahead.metering.v1 import metering_pb2 as pb

from shared.identity import Principal
from shared.rpc.client import call_metadata
from tests.integration.metering.conftest import NETWORK, SERVICE, Fleet, Metering, account, guest, key, new_id


class Stream:
    """The gateway's end of a stream."""

    def __init__(self, metering: Metering, who: Principal = SERVICE) -> None:
        self._metering = metering
        self._call = metering.stub.ConsumeStream(metadata=call_metadata(metering.token(who)))

    def decision(
        self, who: Principal, code: str, *, peek: bool = False, deadline_ms: int = 20_000, token: str = ""
    ) -> pb.StreamedDecision:
        request = pb.ConsumeRequest(request_id=new_id(), content=key(code), network=NETWORK)
        token = token or self._metering.token(who)
        return pb.StreamedDecision(request=request, principal_token=token, deadline_ms=deadline_ms, peek=peek)

    async def send(self, *decisions: pb.StreamedDecision) -> None:
        await self._call.write(pb.ConsumeStreamRequest(decisions=decisions))

    async def close(self) -> None:
        await self._call.done_writing()

    async def messages(self) -> AsyncIterator[pb.ConsumeStreamResponse]:
        while isinstance(message := await self.read(), pb.ConsumeStreamResponse):
            yield message

    async def read(self) -> object:
        return await asyncio.wait_for(asyncio.ensure_future(self._call.read()), 20)

    async def next(self) -> pb.ConsumeStreamResponse:
        message = await self.read()
        assert isinstance(message, pb.ConsumeStreamResponse), "the stream ended"
        return message

    async def results(self, number: int) -> dict[str, pb.StreamedResult]:
        results: dict[str, pb.StreamedResult] = {}
        while len(results) < number:
            results.update({result.request_id: result for result in (await self.next()).results})
        return results

    async def code(self) -> grpc.StatusCode:
        return await self._call.code()


async def test_one_bad_decision_in_a_message_fails_alone(metering: Metering) -> None:
    stream = Stream(metering)
    good = [stream.decision(account("a"), f"A{number:02}") for number in range(5)]
    bad = [
        stream.decision(account("a"), "no code"),
        stream.decision(account("a"), "A10", token="forged"),
        stream.decision(account("b"), "A10", deadline_ms=0),
        stream.decision(SERVICE, "A10"),
    ]
    await stream.send(good[0], *bad, *good[1:])
    results = await stream.results(9)
    assert [results[one.request.request_id].response.outcome for one in good] == [pb.OUTCOME_GRANTED] * 5
    reasons = [results[one.request.request_id].failure.reason for one in bad]
    assert reasons == ["CONTENT_INVALID", "INTERNAL_TOKEN_INVALID", "DEADLINE_EXCEEDED", "READER_NEEDED"]
    assert (await metering.peek(account("b"))).quota.used == 0
    await stream.close()
    assert await stream.code() is grpc.StatusCode.OK


async def test_decisions_of_one_message_see_each_other(metering: Metering) -> None:
    stream = Stream(metering)
    decisions = [stream.decision(guest("g"), f"A{number % 3:02}") for number in range(30)]
    await stream.send(*decisions)
    results = await stream.results(30)
    outcomes = [results[one.request.request_id].response.outcome for one in decisions]
    assert outcomes.count(pb.OUTCOME_GRANTED) == 1
    assert outcomes.count(pb.OUTCOME_ALREADY_GRANTED) == 9
    assert outcomes.count(pb.OUTCOME_QUOTA_EXCEEDED) == 20


async def test_a_streamed_peek_grants_nothing(metering: Metering) -> None:
    stream = Stream(metering)
    await stream.send(stream.decision(guest("g"), "A00", peek=True))
    (result,) = (await stream.results(1)).values()
    assert result.response.outcome == pb.OUTCOME_GRANTED
    assert (await metering.peek(guest("g"))).quota.used == 0


async def test_only_a_service_opens_a_stream(metering: Metering) -> None:
    stream = Stream(metering, account("a"))
    assert await stream.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_message_of_too_many_decisions_ends_the_stream_with_a_sentence(metering: Metering) -> None:
    stream = Stream(metering)
    await stream.send(*[stream.decision(account("a"), "A00")] * 1025)
    assert await stream.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_drain_is_said_and_what_is_held_is_answered_before_the_stream_ends(fleet: Fleet) -> None:
    metering = await fleet.start()
    stream = Stream(metering)
    decisions = [stream.decision(account(f"a{number}"), "A00") for number in range(500)]
    await stream.send(*decisions)
    first = await stream.next()
    draining = asyncio.create_task(metering.service.drain(20))
    answered = {result.request_id for result in first.results}
    said = first.draining
    async for message in stream.messages():
        said = said or message.draining
        answered |= {result.request_id for result in message.results}
    await asyncio.wait_for(draining, 20)
    assert said
    assert answered == {one.request.request_id for one in decisions}
    assert await stream.code() is grpc.StatusCode.OK


async def test_decisions_sent_again_on_another_backend_are_granted_once(fleet: Fleet) -> None:
    one, other = await fleet.start(), await fleet.start()
    first, second = Stream(one), Stream(other)
    decisions = [first.decision(account("a"), f"A{number:02}") for number in range(5)]
    await first.send(*decisions)
    before = await first.results(5)
    await second.send(*decisions)
    assert await second.results(5) == before
    usage = await one.usage(account("a"))
    assert len(usage.grants) == 5


@pytest.mark.parametrize("readers", [1, 40])
async def test_two_backends_deciding_for_the_same_readers_never_block_each_other_for_good(
    fleet: Fleet, readers: int
) -> None:
    one, other = await fleet.start(), await fleet.start()
    streams = [Stream(one), Stream(other)]
    for round_ in range(5):
        for number, stream in enumerate(streams):
            order = range(readers) if number == 0 else reversed(range(readers))
            await stream.send(*[stream.decision(account(f"a{reader}"), f"B{round_}{number}") for reader in order])
    for stream in streams:
        results = await stream.results(5 * readers)
        assert not [result for result in results.values() if result.HasField("failure")]
    report = await one.reconcile()
    assert not report.discrepancies
    assert report.ledger_entries == 5 * readers
