"""Serves HTTP with uvicorn as a part of the gateway; signals stay with the process."""

import asyncio
import contextlib
import socket

import uvicorn
from starlette.types import ASGIApp

BACKLOG = 2048


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
            http="httptools",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=30,
        )
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.port = port

    async def start(self) -> None:
        """Listen; OSError when the address is taken."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self._host, self.port))
        self.port = listener.getsockname()[1]
        self._server = _Server(self._config)
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
        self._server.should_exit = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._task), max(grace, 0.1))
        if not self._task.done():
            self._server.force_exit = True
            await self._task


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handlers."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # as the base class has it
        """Leave the signals to the process."""
        yield
