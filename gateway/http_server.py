"""Serves HTTP with uvicorn as a part of the gateway; signals stay with the process."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from functools import partial

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gateway.whole_answers import OFFER, Body, RawHeaders
from shared.listening import hear_no_more, require_free

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 30
LARGEST_HEAD = 65_536
"""Bytes of request line and header that are read at all; the door refuses smaller ones in a full sentence."""
REQUEST_SECONDS = 20.0
"""How long a client may take to send a request, from its connection or its first byte to its last."""
HANDSHAKE_SECONDS = 0.1
"""How long connections that had begun have to stand, once no other can begin."""
LEAVING_SECONDS = 1.0
"""How long a drain waits for clients of idle connections to send one more request, which tells them to close."""


def _refusal(status: bytes, sentence: bytes) -> bytes:
    """An answer to a client whose request is not read to its end."""
    return (
        b"HTTP/1.1 %s\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"
        % (status, len(sentence), sentence)
    )


MORE_TIME = "codingahead.more_time"
"""In a scope's extensions: what a route that takes in a long body calls with every piece, which then has as long to
come as a whole request otherwise."""
_HEAD_TOO_LARGE = _refusal(
    b"431 Request Header Fields Too Large",
    b"The request's header is too large: send fewer cookies or headers.\n",
)
_TOO_SLOW = _refusal(b"408 Request Timeout", b"The request did not arrive whole in time: send it again.\n")


class HttpServer:
    """Listens, serves, and drains: accepts nothing new, finishes the requests under way."""

    name = "http"

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        """Take the application and the address; port 0 is any free one."""
        self._host = host
        self._config = uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="none",
            http=_Connection,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.port = port

    async def start(self) -> None:
        """Listen; CannotStart says in a sentence why the address cannot be had."""
        require_free(f"[{self._host}]:{self.port}" if ":" in self._host else f"{self._host}:{self.port}")
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self._host, self.port))
        self.port = listener.getsockname()[1]
        self._server = _Server(self._config, listener)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]), name="http")
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise OSError(f"The HTTP server on {self._host}:{self.port} ended at once.")
            await asyncio.sleep(0.005)

    async def drain(self, grace: float) -> None:
        """Accept nothing new and finish what is under way within `grace` seconds."""
        if self._server is None or self._task is None:
            return
        await self._server.leave(min(LEAVING_SECONDS, grace / 2))
        self._server.should_exit = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._task), max(grace, 0.1))
        if not self._task.done():
            self._server.force_exit = True
            await self._task


class _State(ServerState):
    """What the server's connections share."""

    leaving = False


class _Connection(HttpToolsProtocol):
    """One connection: requests are bounded in time, heads in size; while the server leaves, each answer is its last."""

    server_state: _State
    _head = 0
    _arriving = False
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._expect_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, up to the bound of a head."""
        if self._head >= 0:
            self._head += len(data)
            if self._head > LARGEST_HEAD + len(data):
                self.transport.write(_HEAD_TOO_LARGE)
                self.transport.close()
                return
        super().data_received(data)
        # Bytes end the wait between two requests, also those that begin none.
        if self._late is None and (self._arriving or (self.timeout_keep_alive_task is None and not self._answering())):
            self._expect()

    def on_message_begin(self) -> None:
        """Begin to count the bytes of a head."""
        self._head = 0
        self._arriving = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Count no more; the body has a bound of its own."""
        self._head = -1
        super().on_headers_complete()
        cycle = self.cycle
        if self.server_state.leaving:
            cycle.keep_alive = False
        own = {OFFER: partial(_write_whole, cycle), MORE_TIME: self._more_time}
        self.scope["extensions"] = own  # type: ignore[typeddict-item]  # not of uvicorn's own

    def on_message_complete(self) -> None:
        """Wait no more: the request is whole."""
        self._arriving = False
        self._expect_no_more()
        super().on_message_complete()

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _expect(self) -> None:
        self._late = self.loop.call_later(REQUEST_SECONDS, self._give_up)

    def _expect_no_more(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _more_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._expect()

    def _give_up(self) -> None:
        """Close; in silence when nothing was asked, as browsers connect in advance, or when an answer is under way."""
        self._late = None
        if self._arriving and (not self._answering() or not self.cycle.response_started):
            self.transport.write(_TOO_SLOW)
        self.transport.close()

    def leave(self) -> None:
        """Close after the answer under way, if there is one; otherwise after the next."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False


async def _write_whole(cycle: RequestResponseCycle, status: int, headers: RawHeaders, body: Body) -> None:
    """Write an answer at once, as the cycle writes one in parts; who sends it vouches for its headers."""
    if cycle.flow.write_paused and not cycle.disconnected:
        await cycle.flow.drain()
    if cycle.disconnected:
        return
    cycle.response_started = True
    cycle.waiting_for_100_continue = False
    head = [STATUS_LINE[status]]
    for name, value in (*cycle.default_headers, *headers):
        head += (name, b": ", value, b"\r\n")
    head.append(b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
    # The kernel gathers the parts: putting them together here would read and write the whole page once more.
    cycle.transport.writelines((b"".join(head), *body))
    cycle.response_complete = True
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handlers, which leaves without cutting off a client that is about to ask."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        """Take the configuration and the bound socket."""
        super().__init__(config)
        self.server_state: _State = _State()
        self._listener = listener

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the process."""
        yield

    async def leave(self, seconds: float) -> None:
        """Accept no connection any more; let those there are have one more answer, which says Connection: close.

        Closing an idle connection at once would cut off the client whose next request is already on its way.
        """
        waiting: list[socket.socket] = []
        if not self.server_state.leaving:
            if hear_no_more(self._listener):
                await asyncio.sleep(min(HANDSHAKE_SECONDS, seconds / 2))
            waiting = self._stop_listening()
        self.server_state.leaving = True
        for connection in list(self.server_state.connections):
            if isinstance(connection, _Connection):
                connection.leave()
        loop = asyncio.get_running_loop()
        for accepted in waiting:
            await loop.connect_accepted_socket(self._new_connection, accepted)
        ends = loop.time() + seconds
        # uvicorn tells nobody when a connection closes, so this asks
        while self.server_state.connections and loop.time() < ends:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    def _stop_listening(self) -> list[socket.socket]:
        """Refuse connections from now on; gives those that the kernel has accepted already, with what they sent.

        Closing the last descriptor of the listening socket would reset them, and one that began meanwhile.
        """
        waiting: list[socket.socket] = []
        with self._listener.dup() as listener:
            listener.setblocking(False)
            for listening in self.servers:
                listening.close()
            with contextlib.suppress(BlockingIOError):
                while True:
                    waiting.append(listener.accept()[0])
        return waiting

    def _new_connection(self) -> _Connection:
        return _Connection(self.config, self.server_state, self.lifespan.state)
