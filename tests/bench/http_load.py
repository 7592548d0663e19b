"""A load generator for HTTP/1.1 on loopback: keep-alive connections that send prepared requests and count answers.

It is small on purpose: on a machine of two cores it shares them with what it measures.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import httptools


@dataclass
class Tally:
    """What came back."""

    answers: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    def percentile(self, share: float) -> float:
        """The latency in seconds below which a share of the answers came."""
        return sorted(self.latencies)[int(len(self.latencies) * share)]


class _Connection(asyncio.Protocol):
    """One keep-alive connection: sends the next request as soon as an answer is whole."""

    def __init__(self, requests: Iterator[bytes], tally: Tally, ended: "asyncio.Future[None]") -> None:
        self._requests = requests
        self._tally = tally
        self._ended = ended

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._parser = httptools.HttpResponseParser(self)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        self._tally.answers += 1
        self._tally.statuses[status] = self._tally.statuses.get(status, 0) + 1
        self._tally.latencies.append(time.perf_counter() - self._sent)
        self._parser = httptools.HttpResponseParser(self)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_exception(exc or ConnectionError("the server closed the connection"))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            if not self._ended.done():
                self._ended.set_result(None)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)  # type: ignore[attr-defined]  # a TCP transport can


async def load(host: str, port: int, streams: list[Iterator[bytes]]) -> Tally:
    """Send each stream of requests over a connection of its own, all at once, and wait until they have ended."""
    tally = Tally()
    loop = asyncio.get_running_loop()
    ends = [loop.create_future() for _ in streams]
    begun = time.perf_counter()
    for requests, ended in zip(streams, ends, strict=True):
        await loop.create_connection(lambda r=requests, e=ended: _Connection(r, tally, e), host, port)  # type: ignore[misc]
    await asyncio.gather(*ends)
    tally.seconds = time.perf_counter() - begun
    return tally


def until(seconds: float, requests: Iterator[bytes]) -> Iterator[bytes]:
    """Give requests for a time."""
    ends = time.perf_counter() + seconds
    for request in requests:
        if time.perf_counter() >= ends:
            return
        yield request


def get(path: str, host: str, token: str = "") -> bytes:
    """A GET request, ready to be sent."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{authorization}\r\n".encode()
