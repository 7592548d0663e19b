"""What the kit does around every RPC: deadline, principal, request id, metrics, and errors that leak nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

import grpc
import structlog
from prometheus_client import Counter, Gauge, Histogram

from shared.errors import DomainError, InvalidInput
from shared.identity import InternalTokenVerifier
from shared.rpc import context as call
from shared.rpc.status import DETAILS_KEY, to_status
from shared.telemetry import new_request_id, request_id, trace_context, tracer

CALLS = Counter("rpc_calls_total", "RPCs answered, by method and status code.", ["method", "code"])
SECONDS = Histogram("rpc_seconds", "Time to answer a unary RPC, in seconds, by method.", ["method"])
IN_FLIGHT = Gauge("rpc_in_flight", "RPCs being answered, by method.", ["method"])

OPEN_SERVICES = (
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
)
"""Services that need neither a principal nor a deadline."""

_log = structlog.get_logger(__name__)
_tracer = tracer(__name__)

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]
    Details = grpc.HandlerCallDetails
    Handler = grpc.RpcMethodHandler[Any, Any]


class KitInterceptor(grpc.aio.ServerInterceptor):
    """Stands before every method of a server. Streaming methods must be asynchronous generators."""

    def __init__(self, verifier: InternalTokenVerifier) -> None:
        """Take the verifier of the internal tokens that calls carry."""
        self._verifier = verifier

    async def intercept_service(
        self, continuation: Callable[[Details], Awaitable[Handler | None]], handler_call_details: Details
    ) -> Handler | None:
        """Wrap the method's handler."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or method.split("/")[1] in OPEN_SERVICES:
            return handler
        metadata = dict(handler_call_details.invocation_metadata or ())
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(
                self._unary(handler.unary_unary, method, metadata),
                handler.request_deserializer,
                handler.response_serializer,
            )
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(
                self._streaming(handler.unary_stream, method, metadata),
                handler.request_deserializer,
                handler.response_serializer,
            )
        if handler.stream_stream is not None:
            return grpc.stream_stream_rpc_method_handler(
                self._streaming(handler.stream_stream, method, metadata),
                handler.request_deserializer,
                handler.response_serializer,
            )
        raise TypeError(f"{method} is of a kind that the kit does not serve")

    def _unary(self, answer: Callable[..., Any], method: str, metadata: dict[str, Any]) -> Callable[..., Any]:
        async def answered(request: Any, context: Context) -> Any:
            begun = time.perf_counter()
            with IN_FLIGHT.labels(method).track_inprogress():
                try:
                    self._enter(metadata, context, deadline_needed=True)
                    with _tracer.start_as_current_span(method, context=trace_context(metadata.get("traceparent"))):  # type: ignore[arg-type]
                        response = await answer(request, context)
                except Exception as error:  # noqa: BLE001 - every failure is turned into a status here
                    await _fail(context, method, error)
                else:
                    CALLS.labels(method, "OK").inc()
                    return response
                finally:
                    SECONDS.labels(method).observe(time.perf_counter() - begun)

        return answered

    def _streaming(self, answer: Callable[..., Any], method: str, metadata: dict[str, Any]) -> Callable[..., Any]:
        async def answered(request: Any, context: Context) -> AsyncIterator[Any]:
            with IN_FLIGHT.labels(method).track_inprogress():
                try:
                    self._enter(metadata, context, deadline_needed=False)
                    async for response in answer(request, context):
                        yield response
                except Exception as error:  # noqa: BLE001 - every failure is turned into a status here
                    await _fail(context, method, error)
                else:
                    CALLS.labels(method, "OK").inc()

        return answered

    def _enter(self, metadata: dict[str, Any], context: Context, *, deadline_needed: bool) -> None:
        request_id.set(str(metadata.get("x-request-id") or new_request_id()))
        remaining: float | None = context.time_remaining()
        if remaining is not None:
            call.deadline.set(asyncio.get_running_loop().time() + remaining)
        elif deadline_needed:
            raise InvalidInput("DEADLINE_MISSING", "The call has no deadline: set one, a few seconds at most.")
        scheme, _, token = str(metadata.get("authorization", "")).partition(" ")
        call.principal.set(self._verifier.verify(token) if scheme.lower() == "bearer" else None)


async def _fail(context: Context, method: str, error: Exception) -> None:
    """End the call with the error's status; an error that nobody foresaw says nothing but the request id."""
    if isinstance(error, grpc.aio.AbortError):
        raise error
    if isinstance(error, DomainError) and error.rpc_code in {code.name for code in grpc.StatusCode} - {"UNKNOWN"}:
        code, status = to_status(error)
        CALLS.labels(method, code.name).inc()
        await context.abort(code, error.message, ((DETAILS_KEY, status.SerializeToString()),))
    _log.error("unforeseen failure", method=method, exc_info=error)
    CALLS.labels(method, "INTERNAL").inc()
    await context.abort(
        grpc.StatusCode.INTERNAL, f"The service failed on request {request_id.get()}; its log tells operators why."
    )
