"""What the kit does around every RPC: deadline, principal, request id, trace, metrics, and errors that leak nothing."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import grpc
import structlog

from shared.errors import DomainError, InvalidInput, Unauthenticated
from shared.identity import InternalTokenVerifier
from shared.rpc import context as call
from shared.rpc.metrics import CALLS, IN_FLIGHT, SECONDS
from shared.rpc.status import DETAILS_KEY, UNFORESEEN, to_status
from shared.telemetry import accepted_request_id, request_id, trace_context, tracer

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
        self._handlers: dict[str, Handler] = {}
        self._open = 0
        self.idle = asyncio.Event()
        """Set while no call is being answered."""
        self.idle.set()

    async def intercept_service(
        self, continuation: "Callable[[Details], Awaitable[Handler | None]]", handler_call_details: "Details"
    ) -> "Handler | None":
        """Give the method's handler with all of this around it; made once a method."""
        method = handler_call_details.method
        if method in self._handlers:
            return self._handlers[method]
        handler = await continuation(handler_call_details)
        if handler is None or method.split("/")[1] in OPEN_SERVICES:
            return handler
        self._handlers[method] = wrapped = self._wrap(handler, method)
        return wrapped

    def _wrap(self, handler: "Handler", method: str) -> "Handler":
        codecs = (handler.request_deserializer, handler.response_serializer)
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(self._unary(handler.unary_unary, method), *codecs)
        if handler.stream_unary is not None:
            return grpc.stream_unary_rpc_method_handler(self._unary(handler.stream_unary, method), *codecs)
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(self._streaming(handler.unary_stream, method), *codecs)
        if handler.stream_stream is not None:
            return grpc.stream_stream_rpc_method_handler(self._streaming(handler.stream_stream, method), *codecs)
        raise TypeError(f"{method} is of a kind that the kit does not serve")

    def _unary(self, answer: Callable[..., Any], method: str) -> Callable[..., Any]:
        async def answered(request: Any, context: "Context") -> Any:
            begun = time.perf_counter()
            with self._in_flight(method), _counted(method, begun) as outcome:
                try:
                    metadata = self._enter(context, deadline_needed=True)
                    with _tracer.start_as_current_span(method, context=trace_context(metadata.get("traceparent"))):
                        return await answer(request, context)
                except Exception as error:  # noqa: BLE001 - every failure is turned into a status here
                    await _fail(context, method, error, outcome)

        return answered

    def _streaming(self, answer: Callable[..., Any], method: str) -> Callable[..., Any]:
        async def answered(request: Any, context: "Context") -> AsyncIterator[Any]:
            with self._in_flight(method), _counted(method, None) as outcome:
                try:
                    self._enter(context, deadline_needed=False)
                    async for response in answer(request, context):
                        yield response
                except Exception as error:  # noqa: BLE001 - every failure is turned into a status here
                    await _fail(context, method, error, outcome)

        return answered

    @contextmanager
    def _in_flight(self, method: str) -> Iterator[None]:
        self._open += 1
        self.idle.clear()
        try:
            with IN_FLIGHT.labels(method).track_inprogress():
                yield
        finally:
            self._open -= 1
            if not self._open:
                self.idle.set()

    def _enter(self, context: "Context", *, deadline_needed: bool) -> Mapping[str, str]:
        """Read what the call carries; the task that answers it, and what it starts, see it from now on."""
        metadata = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        request_id.set(accepted_request_id(metadata.get("x-request-id")))
        remaining: float | None = context.time_remaining()
        if remaining is not None:
            call.deadline.set(asyncio.get_running_loop().time() + remaining)
        elif deadline_needed:
            raise InvalidInput("DEADLINE_MISSING", "The call has no deadline: set one, a few seconds at most.")
        scheme, _, token = metadata.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated(
                "INTERNAL_TOKEN_MISSING", "The call carries no internal token: send it as `authorization: Bearer ...`."
            )
        call.principal.set(self._verifier.verify(token))
        return metadata


@contextmanager
def _counted(method: str, begun: float | None) -> "Iterator[dict[str, str]]":
    """Count the call under the code that `outcome` holds at its end, and its time when it has a beginning."""
    outcome = {"code": "OK"}
    try:
        yield outcome
    except (asyncio.CancelledError, GeneratorExit):
        outcome["code"] = "CANCELLED"  # the caller went away, its deadline passed, or the drain's grace did
        raise
    finally:
        CALLS.labels(method, outcome["code"]).inc()
        if begun is not None:
            SECONDS.labels(method, outcome["code"]).observe(time.perf_counter() - begun)


async def _fail(context: "Context", method: str, error: Exception, outcome: dict[str, str]) -> NoReturn:
    """End the call with the error's status; an error that nobody foresaw says nothing but the request id."""
    if isinstance(error, grpc.aio.AbortError):
        outcome["code"] = context.code().name if isinstance(context.code(), grpc.StatusCode) else "UNKNOWN"
        raise error
    if not isinstance(error, DomainError) or error.rpc_code == UNFORESEEN:
        _log.error("unforeseen failure", method=method, exc_info=error)
        outcome["code"] = grpc.StatusCode.INTERNAL.name
        await context.abort(
            grpc.StatusCode.INTERNAL, f"The service failed on request {request_id.get()}; its log tells operators why."
        )
    code, status = to_status(error)
    outcome["code"] = code.name
    await context.abort(code, error.message, ((DETAILS_KEY, status.SerializeToString()),))
