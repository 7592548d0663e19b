"""HTTP for operators beside a service: /metrics for Prometheus, /healthz and /readyz for what keeps it running.

It answers from threads of its own, so that a blocked event loop shows as unhealthy and not as silence.
"""

import asyncio
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import TimeoutError as NotInTime
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from shared.listening import host_and_port, require_free
from shared.service import Service

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

LOOP_ANSWERS_WITHIN_SECONDS = 2.0


class MetricsListener:
    """Serves the three addresses for the services of this process."""

    name = "metrics"

    def __init__(self, listen: str, services: Sequence[Service]) -> None:
        """Take host:port and the services whose readiness is told."""
        self._listen = listen
        self._services = services
        self._metrics = make_wsgi_app()
        self._server: WSGIServer | None = None
        self.port = 0
        """The port that was bound, for an address with port 0."""

    async def start(self) -> None:
        """Listen; CannotStart says in a sentence why the address cannot be had."""
        require_free(self._listen)
        self._loop = asyncio.get_running_loop()
        host, port = host_and_port(self._listen)
        server = make_server(host, port, self._answer, server_class=_Server, handler_class=_SilentHandler)
        self._server, self.port = server, server.server_port
        threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - its answers take no time
        """Stop listening."""
        if self._server is not None:
            await asyncio.to_thread(self._server.shutdown)
            self._server.server_close()

    def _answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/metrics":
            metrics: Iterable[bytes] = self._metrics(environ, start_response)
            return metrics
        if path == "/healthz":
            return _tell(start_response, self._loop_answers(), "alive", "the event loop does not answer")
        if path == "/readyz":
            waiting = [service.name for service in self._services if not service.ready()]
            told = "".join(f"\n{line}" for service in self._services for line in service.told())
            return _tell(start_response, not waiting, f"ready{told}", f"not ready: {', '.join(waiting)}{told}")
        start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"/metrics, /healthz and /readyz are here.\n"]

    def _loop_answers(self) -> bool:
        answer = asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop)
        try:
            answer.result(LOOP_ANSWERS_WITHIN_SECONDS)
        except NotInTime:
            answer.cancel()
            return False
        return True


def _tell(start_response: "StartResponse", good: bool, yes: str, no: str) -> Iterable[bytes]:
    start_response("200 OK" if good else "503 Service Unavailable", [("Content-Type", "text/plain; charset=utf-8")])
    return [f"{yes if good else no}\n".encode()]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _SilentHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that is overridden
        """Say nothing: probes come every few seconds."""
