"""Calls to other services: retries, round-robin, deadlines that follow the caller's, and errors that are ours."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import grpc
from google.protobuf.message import Message

from shared.errors import DeadlineExceeded, Unavailable
from shared.rpc.context import remaining_time
from shared.rpc.server import LARGEST_MESSAGE
from shared.rpc.status import from_rpc_error
from shared.telemetry import new_request_id, request_id, traceparent

SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    # Every method may be repeated: those that change something carry a request_id. No "timeout" here: it fires early.
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.05s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
    # While most calls fail, retries stop: they would only keep a struggling service down.
    "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1},
}
OPTIONS = (
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    ("grpc.service_config_disable_resolution", 1),
    ("grpc.enable_retries", 1),
    ("grpc.enable_http_proxy", 0),  # services are near; a proxy of the environment is for the world outside
    ("grpc.max_receive_message_length", LARGEST_MESSAGE),
    ("grpc.max_send_message_length", LARGEST_MESSAGE),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
)
SLACK_SECONDS = 0.01
"""An onward call ends a little before its caller's deadline, so that the answer still gets back."""

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)


def open_channel(target: str) -> grpc.aio.Channel:
    """Open a channel to host:port, dns:///name:port or unix:/path; it connects when it is used first.

    Calls go round all addresses of the name. While none answers, a call fails after its retries (under half a second)
    and does not wait for its whole deadline.
    """
    return grpc.aio.insecure_channel(target, options=OPTIONS)


def call_metadata(token: str | None) -> tuple[tuple[str, str], ...]:
    """Give what a call carries besides its request: the internal token, the request id, the trace."""
    pairs = [("x-request-id", request_id.get() or new_request_id())]
    if token is not None:
        pairs.append(("authorization", f"Bearer {token}"))
    parent = traceparent()
    if parent is not None:
        pairs.append(("traceparent", parent))
    return tuple(pairs)


async def invoke(
    method: Callable[..., "grpc.aio.UnaryUnaryCall[Request, Response]"],
    request: Request,
    *,
    timeout: float,  # noqa: ASYNC109 - gRPC carries it to the peer as a deadline
    token: str | None = None,
) -> Response:
    """Call a unary method of a stub within `timeout` seconds, or what is left of the caller's own deadline.

    Raises the DomainError that the peer raised, Unavailable when it cannot be reached, DeadlineExceeded when it is
    late.
    """
    left = remaining_time()
    limit = timeout if left is None else min(timeout, left - SLACK_SECONDS)
    if limit <= 0:
        raise DeadlineExceeded("DEADLINE_EXCEEDED", "The caller's time ran out.")
    return await _answer(lambda: method(request, timeout=limit, metadata=call_metadata(token)))


async def send_all(
    method: Callable[..., "grpc.aio.StreamUnaryCall[Request, Response]"],
    requests: AsyncIterator[Request],
    *,
    timeout: float,  # noqa: ASYNC109 - gRPC carries it to the peer as a deadline
    token: str | None = None,
) -> Response:
    """Call a method with a stream of requests; raises as `invoke` does, or what making the requests raises.

    The peer hears of a stream that ended early: the call is cancelled then.
    """
    call = method(timeout=timeout, metadata=call_metadata(token))
    try:
        async for request in requests:
            try:
                await call.write(request)
            except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
                break  # it has answered already: with an error, or because it wants no more
        else:
            await call.done_writing()
        return await _answer(lambda: call)
    finally:
        call.cancel()


async def responses(call: "grpc.aio.UnaryStreamCall[Request, Response]") -> AsyncIterator[Response]:
    """Give the messages of a server's stream; raises as `invoke` does."""
    messages = aiter(call)
    while True:
        try:
            yield await _answer(lambda: anext(messages))
        except StopAsyncIteration:
            return


async def _answer(ask: Callable[[], Awaitable[Response]]) -> Response:
    try:
        return await ask()
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error) from None
    except grpc.aio.UsageError:
        raise _closed() from None
    except asyncio.CancelledError:
        # gRPC says the same when this task is cancelled and when the channel is closed under the call.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise _closed() from None


def _closed() -> Unavailable:
    return Unavailable("PEER_AWAY", "The connection to a part of the platform is closed.")
