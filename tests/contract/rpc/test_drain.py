"""A server that stops cuts no call that it accepted, and no idle stream keeps it from stopping."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

from shared.errors import CannotStart, Unavailable
from shared.identity import InternalTokenSigner
from shared.rpc.client import call_metadata, invoke, open_channel
from tests.contract.rpc.echo import CALLER, EchoServer, EchoStub
from tests.internal_keys import new_key_files

ROOT = Path(__file__).parents[3]
GRACE = 20.0
SOON = 5.0


async def test_the_call_in_flight_is_answered_and_the_next_is_refused(stub: EchoStub, server: EchoServer) -> None:
    go_on = asyncio.Event()

    async def wait(text: str) -> str:
        await go_on.wait()
        return text

    server.echo.work = wait
    calling = asyncio.create_task(invoke(stub.Say, StringValue(value="late"), timeout=GRACE, token=server.token))
    await server.echo.begun.wait()
    draining = asyncio.create_task(server.rpc.drain(GRACE))
    await server.rpc.draining.wait()
    with pytest.raises(Unavailable):
        await invoke(stub.Say, StringValue(value="too late"), timeout=GRACE, token=server.token)
    assert not calling.done()
    go_on.set()
    assert (await calling).value == "late"
    await asyncio.wait_for(draining, SOON)


async def test_an_open_stream_is_told_and_says_goodbye(stub: EchoStub, server: EchoServer) -> None:
    async def silence() -> AsyncIterator[StringValue]:
        await asyncio.Event().wait()
        yield StringValue()

    talking = stub.Talk(silence(), metadata=call_metadata(server.token))
    heard = [(await anext(aiter(talking))).value]
    await asyncio.wait_for(server.rpc.drain(GRACE), SOON)
    heard += [message.value async for message in talking]
    assert heard == ["hello", "goodbye"]


async def test_an_idle_health_watch_hears_of_the_drain_and_does_not_hold_it(
    server: EchoServer, channel: grpc.aio.Channel
) -> None:
    watch: grpc.aio.UnaryStreamMultiCallable[health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse] = (
        channel.unary_stream(
            "/grpc.health.v1.Health/Watch",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
    )
    watching = watch(health_pb2.HealthCheckRequest())
    first = await anext(aiter(watching))
    await asyncio.wait_for(server.rpc.drain(GRACE), SOON)
    rest = [answer.status async for answer in watching]
    assert first.status == health_pb2.HealthCheckResponse.SERVING
    assert rest[-1] == health_pb2.HealthCheckResponse.NOT_SERVING


async def test_what_no_handler_of_ours_answers_does_not_hold_the_drain(
    server: EchoServer, channel: grpc.aio.Channel
) -> None:
    """The stream of reflection stays open as long as its caller likes; a call lost inside gRPC looks the same."""
    ask: grpc.aio.StreamStreamMultiCallable[ServerReflectionRequest, ServerReflectionResponse] = channel.stream_stream(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        ServerReflectionRequest.SerializeToString,
        ServerReflectionResponse.FromString,
    )
    asking = ask()
    await asking.write(ServerReflectionRequest(list_services=""))
    assert isinstance(await asking.read(), ServerReflectionResponse)
    await asyncio.wait_for(server.rpc.drain(GRACE), SOON)
    with pytest.raises(grpc.aio.AioRpcError):
        await asking.read()


async def test_a_stream_that_does_not_end_is_cut_when_the_grace_is_over(stub: EchoStub, server: EchoServer) -> None:
    rambling = stub.Ramble(StringValue(), metadata=call_metadata(server.token))
    messages = aiter(rambling)
    await anext(messages)
    await asyncio.wait_for(server.rpc.drain(0.1), SOON)
    with pytest.raises(grpc.aio.AioRpcError):
        await anext(messages)


@pytest.mark.parametrize("listen", ["unix:{folder}/s.sock", "127.0.0.1:{port}"])
async def test_an_address_that_is_taken_is_said_in_a_sentence(folder: Path, listen: str) -> None:
    first = EchoServer(folder, listen.format(folder=folder, port=0))
    await first.rpc.start()
    try:
        with pytest.raises(CannotStart, match="Another process listens"):
            await EchoServer(folder, listen.format(folder=folder, port=first.rpc.port)).rpc.start()
    finally:
        await first.rpc.drain(0)


async def test_a_socket_file_of_a_killed_server_is_taken_over(folder: Path) -> None:
    process = await start_process(folder, 0)
    process.kill()
    await process.communicate()
    assert (folder / "s.sock").exists()
    await end(await start_process(folder, 0))


async def start_process(folder: Path, seconds: float) -> asyncio.subprocess.Process:
    """The echo service as a process of its own, serving."""
    if not (folder / "private").exists():
        new_key_files(folder / "private", folder / "public")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.contract.rpc.echo", str(folder), str(seconds),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 30) == b"ready\n"
    return process


async def end(
    process: asyncio.subprocess.Process, number: signal.Signals = signal.SIGTERM
) -> tuple[Sequence[str], str]:
    """Tell a process to stop and wait; gives the calls it accepted and what it wrote to standard error."""
    process.send_signal(number)
    out, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, err.decode()
    return out.decode().splitlines(), err.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_under_load_loses_no_accepted_call(folder: Path, number: signal.Signals) -> None:
    """Thirty callers call without pause; whatever the process accepted it answers, and the rest is told to go on."""
    process = await start_process(folder, 0.02)
    token = InternalTokenSigner.from_jwk_file(folder / "private").sign(CALLER)
    answered: set[str] = set()
    refused = 0
    stop = asyncio.Event()

    async def call_on(caller: int, stub: EchoStub) -> None:
        nonlocal refused
        for count in range(100_000):
            text = f"{caller}-{count}"
            try:
                answered.add((await invoke(stub.Say, StringValue(value=text), timeout=10, token=token)).value)
            except Unavailable:
                refused += 1
                return
            if len(answered) > 300:
                stop.set()

    async with open_channel(f"unix:{folder}/s.sock") as channel:
        callers = [asyncio.create_task(call_on(number, EchoStub(channel))) for number in range(30)]
        await asyncio.wait_for(stop.wait(), 30)
        accepted, errors = await end(process, number)
        await asyncio.wait_for(asyncio.gather(*callers), 30)
    assert refused == 30
    assert set(accepted) - answered == set()
    assert len(accepted) > 300
    assert "Traceback" not in errors


async def test_a_second_signal_ends_at_once(folder: Path) -> None:
    process = await start_process(folder, 60)
    token = InternalTokenSigner.from_jwk_file(folder / "private").sign(CALLER)
    assert process.stdout is not None
    async with open_channel(f"unix:{folder}/s.sock") as channel:
        calling = asyncio.create_task(invoke(EchoStub(channel).Say, StringValue(value="long"), timeout=60, token=token))
        assert await asyncio.wait_for(process.stdout.readline(), 30) == b"long\n"
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        await asyncio.wait_for(process.stderr.readuntil(b"draining"), 30)
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), SOON)
        assert process.returncode == 1
        with pytest.raises(Unavailable):
            await calling
