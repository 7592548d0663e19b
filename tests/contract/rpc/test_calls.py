"""What every RPC of the platform promises: a principal, a deadline, ids that travel, errors that are ours alone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from prometheus_client import REGISTRY

from shared.errors import KINDS, DeadlineExceeded, Denied, DomainError, InvalidInput, NotFound, Unavailable
from shared.rpc.client import call_metadata, invoke, open_channel, responses
from shared.rpc.context import remaining_time, require_role
from shared.rpc.status import RemoteFailure
from shared.telemetry import request_id, traceparent
from tests.contract.rpc.echo import NAME, EchoServer, EchoStub
from tests.polling import eventually

HELLO = StringValue(value="hello")
SECRET = "Jane Doe"


async def say(stub: EchoStub, server: EchoServer, text: str = "hello", *, within: float = 5) -> str:
    answer = await invoke(stub.Say, StringValue(value=text), timeout=within, token=server.token)
    return answer.value


async def test_a_call_is_answered_for_its_principal(stub: EchoStub, server: EchoServer) -> None:
    assert await say(stub, server) == "account:4711 said hello"


async def test_a_call_without_a_deadline_is_refused_with_a_sentence(stub: EchoStub, server: EchoServer) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await stub.Say(HELLO, metadata=call_metadata(server.token))
    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert refusal.value.details() == "The call has no deadline: set one, a few seconds at most."


@pytest.mark.parametrize("token", [None, "", "forged"])
async def test_a_call_without_a_good_token_is_refused(stub: EchoStub, token: str | None) -> None:
    with pytest.raises(DomainError) as refusal:
        await invoke(stub.Say, HELLO, timeout=5, token=token)
    assert refusal.value.reason in ("INTERNAL_TOKEN_MISSING", "INTERNAL_TOKEN_INVALID")
    assert not (token and token in refusal.value.message)


async def test_a_stream_without_a_token_is_refused(stub: EchoStub) -> None:
    with pytest.raises(DomainError) as refusal:
        [message async for message in responses(stub.Recite(HELLO))]
    assert refusal.value.reason == "INTERNAL_TOKEN_MISSING"


async def health(channel: grpc.aio.Channel, service: str) -> health_pb2.HealthCheckResponse:
    check: grpc.aio.UnaryUnaryMultiCallable[health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse] = (
        channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
    )
    return await check(health_pb2.HealthCheckRequest(service=service))


async def test_health_needs_no_token(server: EchoServer, channel: grpc.aio.Channel) -> None:
    for service in ("", NAME):
        answer = await health(channel, service)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_reflection_names_the_services_without_a_token(server: EchoServer, channel: grpc.aio.Channel) -> None:
    async def questions() -> AsyncIterator[reflection_pb2.ServerReflectionRequest]:
        yield reflection_pb2.ServerReflectionRequest(list_services="")

    stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)  # type: ignore[arg-type]  # typed for the other API
    answers = [answer async for answer in stub.ServerReflectionInfo(questions())]
    names = {service.name for service in answers[0].list_services_response.service}
    assert {NAME, "grpc.health.v1.Health"} <= names


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
async def test_every_domain_error_arrives_as_it_was_raised(
    stub: EchoStub, server: EchoServer, kind: type[DomainError]
) -> None:
    async def refuse(_text: str) -> str:
        raise kind("A_REASON", "A sentence — with what to do.", metadata={"near": "99213, 99214"})

    server.echo.work = refuse
    with pytest.raises(kind) as arrived:
        await say(stub, server)
    assert type(arrived.value) is kind
    assert arrived.value.reason == "A_REASON"
    assert arrived.value.message == "A sentence — with what to do."
    assert arrived.value.metadata == {"near": "99213, 99214"}


async def test_a_domain_error_in_the_midst_of_a_stream_arrives_after_what_came_before(
    stub: EchoStub, server: EchoServer
) -> None:
    async def work(word: str) -> str:
        if word == "stop":
            raise NotFound("NO_WORD", "There is no such word.")
        return word

    server.echo.work = work
    words: list[str] = []
    call = stub.Recite(StringValue(value="one two stop"), metadata=call_metadata(server.token))

    async def listen() -> None:
        async for message in responses(call):
            words.append(message.value)  # noqa: PERF401 - the error comes in between

    with pytest.raises(NotFound):
        await listen()
    assert words == ["one", "two"]


async def test_an_unforeseen_exception_tells_the_caller_its_request_id_and_nothing_else(
    stub: EchoStub, server: EchoServer, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail(text: str) -> str:
        raise ValueError(f"cannot read {text}")

    server.echo.work = fail
    metadata = (("x-request-id", "request-7"), ("authorization", f"Bearer {server.token}"))
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await stub.Say(StringValue(value=SECRET), timeout=5, metadata=metadata)
    assert failure.value.code() is grpc.StatusCode.INTERNAL
    shown = f"{failure.value.details()} {failure.value.debug_error_string()} {failure.value.trailing_metadata()}"
    assert "request-7" in shown
    for hidden in ("cannot read", SECRET, "ValueError", "Traceback"):
        assert hidden not in shown
    logged = capsys.readouterr().err
    assert "request-7" in logged
    assert "ValueError at" in logged
    for hidden in ("cannot read", SECRET, server.token):
        assert hidden not in logged


async def test_an_unforeseen_exception_is_no_domain_error_of_the_caller(stub: EchoStub, server: EchoServer) -> None:
    async def fail(_text: str) -> str:
        raise RuntimeError

    server.echo.work = fail
    with pytest.raises(RemoteFailure):
        await say(stub, server)


async def test_the_request_id_and_the_trace_travel_along(stub: EchoStub, server: EchoServer) -> None:
    async def tell(_text: str) -> str:
        return f"{request_id.get()} {traceparent()}"

    server.echo.work = tell
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    metadata = (
        *call_metadata(server.token)[1:],
        ("x-request-id", "r-1"),
        ("traceparent", f"00-{trace}-00f067aa0ba902b7-01"),
    )
    answer = await stub.Say(HELLO, timeout=5, metadata=metadata)
    told_id, told_trace = answer.value.split()
    assert told_id == "r-1"
    assert trace in told_trace


@pytest.mark.parametrize("given", ["x" * 65, "a b", 'a"b', "%0a"])
async def test_a_request_id_that_is_unsafe_in_logs_is_replaced(stub: EchoStub, server: EchoServer, given: str) -> None:
    async def tell(_text: str) -> str:
        return request_id.get()

    server.echo.work = tell
    answer = await stub.Say(HELLO, timeout=5, metadata=(*call_metadata(server.token)[1:], ("x-request-id", given)))
    assert answer.value
    assert answer.value != given


async def test_an_onward_call_gets_no_more_time_than_its_caller_has_left(stub: EchoStub, server: EchoServer) -> None:
    async def onward(text: str) -> str:
        if text == "second":
            return str(remaining_time())
        return await say(stub, server, "second", within=60)

    server.echo.work = onward
    assert float(await say(stub, server, "first", within=2)) < 2.1  # gRPC rounds deadlines up a little on the wire


async def test_nothing_is_sent_when_the_callers_time_has_run_out(stub: EchoStub, server: EchoServer) -> None:
    outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def onward(_text: str) -> str:
        try:
            await asyncio.sleep(0.3)
        except asyncio.CancelledError:
            try:
                await say(stub, server)
            except DeadlineExceeded as error:
                outcome.set_result(error.reason)
            raise
        return ""

    server.echo.work = onward
    with pytest.raises(DeadlineExceeded):
        await say(stub, server, within=0.05)
    assert await asyncio.wait_for(outcome, 5) == "DEADLINE_EXCEEDED"


async def test_a_caller_that_goes_away_ends_the_work(stub: EchoStub, server: EchoServer) -> None:
    ended = asyncio.Event()

    async def wait(_text: str) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return ""

    server.echo.work = wait
    calling = asyncio.create_task(say(stub, server))
    await server.echo.begun.wait()
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    await asyncio.wait_for(ended.wait(), 5)


async def test_a_channel_that_is_closed_under_a_call_is_an_absent_peer(folder: Path, server: EchoServer) -> None:
    async def wait(_text: str) -> str:
        await asyncio.Event().wait()
        return ""

    server.echo.work = wait
    channel = open_channel(f"unix:{folder}/s.sock")
    stub = EchoStub(channel)
    calling = asyncio.create_task(say(stub, server))
    await server.echo.begun.wait()
    await channel.close()
    with pytest.raises(Unavailable):
        await calling
    with pytest.raises(Unavailable):
        await say(stub, server)


async def test_a_peer_that_is_not_there_is_known_soon(folder: Path, server: EchoServer) -> None:
    async with open_channel(f"unix:{folder}/nobody.sock") as channel:
        begun = asyncio.get_running_loop().time()
        with pytest.raises(Unavailable) as away:
            await say(EchoStub(channel), server, within=30)
        assert away.value.reason == "PEER_AWAY"
        assert asyncio.get_running_loop().time() - begun < 10


async def test_an_unavailable_answer_is_asked_for_again(stub: EchoStub, server: EchoServer) -> None:
    tries = []

    async def fail_twice(text: str) -> str:
        tries.append(text)
        if len(tries) < 3:
            raise Unavailable("DATABASE_AWAY", "The database does not answer at the moment.")
        return "at last"

    server.echo.work = fail_twice
    assert await say(stub, server) == "at last"


async def test_any_other_answer_is_not(stub: EchoStub, server: EchoServer) -> None:
    tries = []

    async def fail(text: str) -> str:
        tries.append(text)
        raise InvalidInput("NO_GOOD", "It is no good.")

    server.echo.work = fail
    with pytest.raises(InvalidInput):
        await say(stub, server)
    assert len(tries) == 1


async def test_calls_go_round_all_servers(folder: Path) -> None:
    servers = [EchoServer(folder, "127.0.0.1:0") for _ in range(3)]
    answered = [0, 0, 0]
    for index, server in enumerate(servers):

        async def note(_text: str, index: int = index) -> str:
            answered[index] += 1
            return ""

        server.echo.work = note
        await server.rpc.start()
    target = ",".join(f"127.0.0.1:{server.rpc.port}" for server in servers)
    try:
        async with open_channel(f"ipv4:{target}") as channel:
            async with asyncio.timeout(10):
                while not all(answered):
                    await say(EchoStub(channel), servers[0])
            before = answered[:]
            for _ in range(30):
                await say(EchoStub(channel), servers[0])
    finally:
        for server in servers:
            await server.rpc.drain(0)
    assert [after - seen for after, seen in zip(answered, before, strict=True)] == [10, 10, 10]


async def test_a_role_that_is_missing_is_named(stub: EchoStub, server: EchoServer) -> None:
    async def guarded(text: str) -> str:
        return require_role(text, "operator").name

    server.echo.work = guarded
    assert await say(stub, server, "editor") == "account:4711"
    with pytest.raises(Denied, match="auditor or operator"):
        await say(stub, server, "auditor")


async def test_calls_are_counted_by_method_and_code(stub: EchoStub, server: EchoServer) -> None:
    def count(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, {"method": f"/{NAME}/Say", **labels}) or 0

    in_flight: list[float] = []

    async def work(text: str) -> str:
        in_flight.append(count("rpc_in_flight"))
        if text == "bad":
            raise InvalidInput("NO_GOOD", "It is no good.")
        return text

    server.echo.work = work
    before = [count("rpc_calls_total", code=code) for code in ("OK", "INVALID_ARGUMENT")]
    await say(stub, server)
    with pytest.raises(InvalidInput):
        await say(stub, server, "bad")

    def more() -> list[float]:
        after = [count("rpc_calls_total", code=code) for code in ("OK", "INVALID_ARGUMENT")]
        return [new - old for new, old in zip(after, before, strict=True)]

    await eventually(lambda: more() == [1, 1], "each call is counted once its answer is out")
    assert in_flight == [1, 1]
    assert count("rpc_seconds_count", code="OK") >= 1
