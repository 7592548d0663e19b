"""A gRPC server as a part of a service: health, reflection, and a drain that keeps calls in flight."""

import asyncio
from collections.abc import Callable

import grpc
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from shared.errors import CannotStart
from shared.identity import InternalTokenVerifier
from shared.listening import require_free
from shared.rpc.health import Health
from shared.rpc.interceptor import KitInterceptor

LARGEST_MESSAGE = 16 * 1024 * 1024
OPTIONS = (
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", LARGEST_MESSAGE),
    ("grpc.max_send_message_length", LARGEST_MESSAGE),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # A client keeps its connection for five minutes and then looks who else serves: new processes get their share.
    # Calls and streams on the old connection go on.
    ("grpc.max_connection_age_ms", 300_000),
)
SETTLE_SECONDS = 1.0
"""How long an idle server waits for its last answers to be sent before it cuts what is still open."""


class RpcServer:
    """Serves the registered services on one address."""

    name = "rpc"

    def __init__(self, listen: str, verifier: InternalTokenVerifier) -> None:
        """Take the address (host:port or unix:/path) and the verifier of internal tokens."""
        self._listen = listen
        self._interceptor = KitInterceptor(verifier)
        self._registrations: list[tuple[Callable[[grpc.aio.Server], None], str]] = []
        self._server: grpc.aio.Server | None = None
        self.draining = asyncio.Event()
        """Set when the server begins to drain: long streams end themselves on it."""
        self._health = Health(self.draining)
        self.port = 0
        """The port that was bound, for an address with port 0."""

    def register(self, add: Callable[[grpc.aio.Server], None], service: str) -> None:
        """Add a servicer before the start; `service` is its full name, e.g. "codingahead.catalog.v1.CatalogService"."""
        self._registrations.append((add, service))

    async def start(self) -> None:
        """Bind and serve; CannotStart says in a sentence why the address cannot be had."""
        require_free(self._listen)
        self._server = grpc.aio.server(interceptors=(self._interceptor,), options=OPTIONS)
        names = [service for _, service in self._registrations]
        for add, _ in self._registrations:
            add(self._server)
        self._health.services = ("", *names)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection([*names, health.SERVICE_NAME, reflection.SERVICE_NAME], self._server)
        try:
            self.port = self._server.add_insecure_port(self._listen)
        except RuntimeError as error:
            raise CannotStart(f"Nothing can listen on {self._listen}.") from error
        await self._server.start()

    async def drain(self, grace: float) -> None:
        """Tell health checks and streams, take no new call, and let those in flight finish within `grace` seconds.

        What is still open then is cut, so that a stream that does not end on `draining` costs the whole grace. A call
        that arrives in the very moment of the stop can be lost inside gRPC, neither answered nor refused: once nothing
        is being answered here any more, such a call is cut instead of waiting for its deadline.
        """
        if self._server is None:
            return
        self.draining.set()
        async with asyncio.TaskGroup() as group:
            cutting = group.create_task(self._cut_when_idle(self._server))
            await self._server.stop(grace)
            cutting.cancel()

    async def _cut_when_idle(self, server: grpc.aio.Server) -> None:
        while True:
            await self._interceptor.idle.wait()
            await asyncio.sleep(SETTLE_SECONDS)
            if self._interceptor.idle.is_set():
                await server.stop(None)
                return
