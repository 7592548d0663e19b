"""Answers in one piece: on the wire they are what two messages would have been."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http_server import HttpServer
from gateway.whole_answers import OFFER, RawHeaders, send_whole, whole, without_offer

BODY = b"x" * 200_000
REQUEST = b"%s /page HTTP/1.1\r\nhost: test\r\n%s\r\n"


def _headers() -> RawHeaders:
    return [(b"etag", b'"a"'), (b"content-length", b"%d" % len(BODY))]


async def _at_once(scope: Scope, receive: Receive, send: Send) -> None:
    body = (BODY[:50], b"", BODY[50:]) if scope["method"] == "GET" else ()
    await send_whole(scope, whole(200, _headers(), body), send)


async def _in_parts(scope: Scope, receive: Receive, send: Send) -> None:
    await _at_once(without_offer(scope), receive, send)


@asynccontextmanager
async def _serving(app: ASGIApp) -> AsyncIterator[HttpServer]:
    server = HttpServer(app, "127.0.0.1", 0)
    await server.start()
    try:
        yield server
    finally:
        await server.drain(0.1)


async def _exchange(app: ASGIApp, *requests: bytes) -> bytes:
    """Send requests together on one connection, and give all that comes back but the time of day."""
    async with _serving(app) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"".join(requests))
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
    return b"\r\n".join(line for line in answer.split(b"\r\n") if not line.startswith(b"date: "))


CLOSE = b"connection: close\r\n"


@pytest.mark.parametrize(
    "requests",
    [
        (REQUEST % (b"GET", CLOSE),),
        (REQUEST % (b"HEAD", CLOSE),),
        (REQUEST % (b"GET", b""), REQUEST % (b"HEAD", b""), REQUEST % (b"GET", CLOSE)),
        (b"GET /page HTTP/1.0\r\n\r\n",),
    ],
    ids=["get", "head", "pipelined", "http 1.0"],
)
async def test_the_bytes_are_those_of_an_answer_in_parts(requests: tuple[bytes, ...]) -> None:
    at_once = await _exchange(_at_once, *requests)
    assert at_once == await _exchange(_in_parts, *requests)
    assert at_once.startswith(b"HTTP/1.1 200 OK\r\netag: ")


async def test_the_server_offers_it_and_a_layer_may_take_the_offer_away() -> None:
    offers: list[bool] = []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        offers.extend((OFFER in scope["extensions"], OFFER in without_offer(scope)["extensions"]))
        await _at_once(scope, receive, send)

    await _exchange(noting, REQUEST % (b"GET", CLOSE))
    assert offers == [True, False]


async def test_a_layer_without_the_offer_sees_both_messages() -> None:
    seen: list[Message] = []

    async def send(message: Message) -> None:
        seen.append(message)

    await send_whole({"type": "http"}, whole(200, _headers(), (BODY[:-1], b"x")), send)
    assert [message["type"] for message in seen] == ["http.response.start", "http.response.body"]
    assert (seen[0]["status"], seen[1]["body"]) == (200, BODY)


async def test_a_client_that_does_not_read_holds_up_its_own_next_answer_alone() -> None:
    answered = 0

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal answered
        await _at_once(scope, receive, send)
        answered += 1

    async with _serving(counting) as server:
        _, idle = await asyncio.open_connection("127.0.0.1", server.port, limit=1)
        idle.write((REQUEST % (b"GET", b"")) * 400)  # 80 MB, more than sockets hold
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(REQUEST % (b"GET", CLOSE))
        assert (await asyncio.wait_for(reader.read(), 10)).endswith(BODY)
        assert answered < 400
        idle.close()
        writer.close()


async def test_an_answer_for_a_client_that_has_left_is_nothing() -> None:
    left = asyncio.Event()
    done = asyncio.Event()

    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        assert (await receive())["type"] == "http.disconnect"
        left.set()
        await _at_once(scope, receive, send)
        done.set()

    async with _serving(late) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(REQUEST % (b"GET", b""))
        await writer.drain()
        writer.close()
        await asyncio.wait_for(left.wait(), 5)
        await asyncio.wait_for(done.wait(), 5)
