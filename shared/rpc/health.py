"""The standard health service, whose watches end when the server drains."""

import asyncio
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2


class DrainingHealth(health.aio.HealthServicer):
    """Health as the library has it; its open watches would hold a drain for the whole grace."""

    def __init__(self, draining: asyncio.Event) -> None:
        """Take the event that is set when the drain begins."""
        super().__init__()
        self._draining = draining

    async def Watch(  # noqa: N802 - the name in the contract
        self, request: health_pb2.HealthCheckRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> None:
        """Tell every change until the drain, whose NOT_SERVING is the last."""
        watching = asyncio.ensure_future(super().Watch(request, context))
        draining = asyncio.ensure_future(self._draining.wait())
        try:
            await asyncio.wait([watching, draining], return_when=asyncio.FIRST_COMPLETED)
        finally:
            watching.cancel()
            draining.cancel()
            await asyncio.wait([watching, draining])
        await context.write(health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.NOT_SERVING))
