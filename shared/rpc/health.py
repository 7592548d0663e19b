"""The standard health service. Its watches end when the server drains; the library's would hold a drain for long."""

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc


class Health(health_pb2_grpc.HealthServicer):
    """Every service of a server serves until the server drains."""

    def __init__(self, draining: asyncio.Event) -> None:
        """Take the event that is set when the drain begins."""
        self._draining = draining
        self.services: Collection[str] = ("",)
        """The services asked about, by full name; the empty name is the server as a whole."""

    async def Check(  # noqa: N802 - the name in the contract
        self, request: health_pb2.HealthCheckRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> health_pb2.HealthCheckResponse:
        """Tell the status; NOT_FOUND for a service that is not here."""
        if request.service not in self.services:
            await context.abort(grpc.StatusCode.NOT_FOUND, "This server has no such service.")
        return self._answer(request.service)

    async def Watch(  # noqa: N802
        self,
        request: health_pb2.HealthCheckRequest,
        context: "grpc.aio.ServicerContext[Any, Any]",  # noqa: ARG002
    ) -> AsyncIterator[health_pb2.HealthCheckResponse]:
        """Tell the status, and at the drain NOT_SERVING as the last word."""
        yield self._answer(request.service)
        await self._draining.wait()
        yield self._answer(request.service)

    def _answer(self, service: str) -> health_pb2.HealthCheckResponse:
        answer = health_pb2.HealthCheckResponse
        if service not in self.services:
            return answer(status=answer.SERVICE_UNKNOWN)
        return answer(status=answer.NOT_SERVING if self._draining.is_set() else answer.SERVING)
