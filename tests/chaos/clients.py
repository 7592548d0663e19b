"""Clients that send request after request to a platform that is being stopped, and judge every answer.

A request is *accepted* when a connection took its bytes. A refused connection is no accepted request, and neither is
one that would have followed an answer with `Connection: close`.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httptools


@dataclass
class Outcome:
    """What became of the requests."""

    statuses: Counter[int] = field(default_factory=Counter)
    cut: list[str] = field(default_factory=list)
    """Requests whose bytes were accepted and that got no whole answer."""
    granted: set[tuple[str, str]] = field(default_factory=set)
    """Principal and code of every page that an answer said to be granted."""
    last: int = 0
    """Answers that said that they are the last of their connection."""


class _Answer:
    """One answer, as far as it has come."""

    def __init__(self) -> None:
        self.body = b""
        self.whole = False
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, part: bytes) -> None:
        self.body += part

    def on_message_complete(self) -> None:
        self.whole = True
        self.status = self._parser.get_status_code()
        self.keeps_open = self._parser.should_keep_alive()


@dataclass(frozen=True)
class Request:
    """One GET request."""

    path: str
    account: str
    token: str

    def bytes_for(self, host: str) -> bytes:
        """As it is sent."""
        return f"GET {self.path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode()


async def send(
    port: int, requests: Iterator[Request], outcome: Outcome, *, keep_open: bool, stop: Callable[[], bool]
) -> None:
    """Send requests one after the other until connections are refused, over one connection or each over a new one."""
    while not stop():
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if stop():
                return
            await asyncio.sleep(0.02)  # nobody accepts at this moment; an answer is what ends the wait
            continue
        try:
            open_ = True
            while open_ and not stop():
                open_ = await _one(reader, writer, next(requests), outcome) and keep_open
        finally:
            writer.close()


async def _one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request, outcome: Outcome) -> bool:
    """Send one request and read its answer; whether the connection stays open."""
    answer = _Answer()
    try:
        writer.write(request.bytes_for("localhost"))
        while not answer.whole:
            data = await reader.read(65536)
            if not data:
                raise ConnectionError("the connection ended")
            answer.feed(data)
    except OSError as error:
        outcome.cut.append(f"{request.path}: {error!r} after {len(answer.body)} bytes of the body")
        return False
    outcome.statuses[answer.status] += 1
    outcome.last += not answer.keeps_open
    if (
        answer.status == 200
        and request.path.startswith("/api/v1/codes/")
        and json.loads(answer.body)["standing"]["granted"]
    ):
        outcome.granted.add((f"account:{request.account}", request.path.rpartition("/")[2].replace(".", "")))
    return answer.keeps_open
