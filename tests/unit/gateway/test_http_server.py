"""The HTTP server as a part: a drain under load cuts no request, and a head without end is refused."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http_server import LARGEST_HEAD, MORE_TIME, HttpServer
from shared.errors import CannotStart

REQUEST = b"GET /codes/cpt/99213 HTTP/1.1\r\nhost: test\r\n\r\n"
CLIENTS = 32
BODY = b"x" * 5000


async def _slow_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer after a moment, as a page that waits for the meter does."""
    await asyncio.sleep(0.002)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5000")]})
    await send({"type": "http.response.body", "body": BODY})


async def _reading_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer when the body is whole, as a form does."""
    message = await receive()
    while message.get("more_body"):
        message = await receive()
    if message["type"] == "http.request":
        await _slow_app(scope, receive, send)


async def _patient_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer when the body is whole, and give each piece of it as long as a request, as an upload does."""
    message = await receive()
    while message.get("more_body"):
        scope["extensions"][MORE_TIME]()
        message = await receive()
    if message["type"] == "http.request":
        await _slow_app(scope, receive, send)


@asynccontextmanager
async def _serving(app: ASGIApp = _slow_app) -> AsyncIterator[HttpServer]:
    server = HttpServer(app, "127.0.0.1", 0)
    await server.start()
    try:
        yield server
    finally:
        await server.drain(0.1)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Send one request and read its answer whole; gives the head."""
    writer.write(REQUEST)
    head = await reader.readuntil(b"\r\n\r\n")
    assert await reader.readexactly(len(BODY)) == BODY
    return head


async def _client(port: int, answered: list[bytes], cut: list[Exception]) -> None:
    """Ask again and again on one connection, until an answer says that it is the last."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            head = await _ask(reader, writer)
            answered.append(head)
            if b"connection: close" in head.lower():
                return
    except (ConnectionError, asyncio.IncompleteReadError) as error:
        cut.append(error)
    finally:
        writer.close()


async def test_a_drain_under_load_cuts_no_request_that_was_accepted() -> None:
    async with _serving() as server:
        answered: list[bytes] = []
        cut: list[Exception] = []
        clients = [asyncio.create_task(_client(server.port, answered, cut)) for _ in range(CLIENTS)]
        async with asyncio.timeout(10):
            while len(answered) < 10 * CLIENTS:  # noqa: ASYNC110 - a poll, until the load is under way
                await asyncio.sleep(0.001)
        await server.drain(5)
        await asyncio.gather(*clients)
        assert cut == []
        assert sum(b"connection: close" in head.lower() for head in answered) == CLIENTS
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", server.port)


async def test_a_drain_answers_whoever_the_kernel_has_accepted_and_nobody_else_has_yet() -> None:
    async with _serving() as server:
        waiting = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(CLIENTS)]
        for client in waiting:  # the event loop is held here, so that none of them is accepted before the drain
            client.sendall(REQUEST)
        await server.drain(5)
        for client in waiting:
            with client, client.makefile("rb") as answer:
                assert answer.read().endswith(b"\r\n\r\n" + BODY)


async def test_an_idle_connection_does_not_hold_up_the_drain() -> None:
    async with _serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await _ask(reader, writer)
        async with asyncio.timeout(4):
            await server.drain(20)
        assert await reader.read() == b""
        writer.close()


async def _send_without_end(writer: asyncio.StreamWriter, most: int) -> None:
    """Send header bytes until the server has closed; ends by itself after `most` bytes."""
    for _ in range(most // 8192):
        writer.write(b"a" * 8192)
        await writer.drain()


async def test_a_head_without_end_is_cut_off_while_it_is_sent() -> None:
    async with _serving() as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\nhost: test\r\nx-endless: ")
        with pytest.raises(ConnectionError):
            await _send_without_end(writer, 1000 * LARGEST_HEAD)
        writer.close()


async def test_a_body_does_not_count_as_a_head() -> None:
    async with _serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        length = 3 * LARGEST_HEAD
        writer.write(b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: %d\r\n\r\n" % length + b"b" * length)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        assert head.startswith(b"HTTP/1.1 200 ")
        writer.close()


SLOW = {
    "nothing": b"",
    "a line end": b"\r\n",
    "half a request line": b"GET / HT",
    "half a head": b"GET / HTTP/1.1\r\nhost: te",
    "half a body": b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 20\r\n\r\nhalf",
}


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW.keys())
async def test_a_request_that_does_not_arrive_is_not_waited_for(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.http_server.REQUEST_SECONDS", 0.2)
    async with _serving(_reading_app) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(sent)
        answer = await asyncio.wait_for(reader.read(), 10)
        assert answer.startswith(b"HTTP/1.1 408 ") if sent.strip() else answer == b""
        writer.close()


async def test_a_byte_now_and_then_does_not_lengthen_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.http_server.REQUEST_SECONDS", 0.5)
    async with _serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await _ask(reader, writer)  # the wait between two requests is another one; a second request is as bounded
        writer.write(b"GET / HTTP/1.1\r\nx-slow: ")
        answer = asyncio.create_task(reader.read())
        async with asyncio.timeout(10):
            while not answer.done():
                writer.write(b"a")
                await asyncio.sleep(0.05)  # the pace of the client, which is what is tested
        assert answer.result().startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_an_answer_may_take_longer_than_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.http_server.REQUEST_SECONDS", 0.3)

    async def slower(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.6)
        await _slow_app(scope, receive, send)

    async with _serving(slower) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await _ask(reader, writer)
        writer.close()


async def test_a_route_that_gives_more_time_takes_in_a_body_that_comes_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.http_server.REQUEST_SECONDS", 0.4)
    async with _serving(_patient_app) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 6\r\n\r\n")
        for _ in range(6):
            await asyncio.sleep(0.15)  # the pace of the client, which is what is tested
            writer.write(b"x")
        async with asyncio.timeout(10):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_a_taken_port_is_said_in_a_sentence() -> None:
    async with _serving() as server:
        with pytest.raises(CannotStart, match=f"Another process listens on 127.0.0.1:{server.port} already"):
            await HttpServer(_slow_app, "127.0.0.1", server.port).start()
