"""Calls to other services: retries, round-robin, deadlines that follow the caller's, and errors that are ours."""

import json
from collections.abc import Callable
from typing import TypeVar

import grpc
from google.protobuf.message import Message

from shared.errors import DeadlineExceeded
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
}
OPTIONS = (
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    ("grpc.enable_retries", 1),
    ("grpc.max_receive_message_length", LARGEST_MESSAGE),
    ("grpc.max_send_message_length", LARGEST_MESSAGE),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
)
SLACK_SECONDS = 0.01
"""An onward call ends a little before its caller's deadline, so that the answer still gets back."""

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)


def open_channel(target: str) -> grpc.aio.Channel:
    """Open a channel to host:port, dns:///name:port or unix:/path; it connects when it is used first."""
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
    try:
        return await method(request, timeout=limit, metadata=call_metadata(token))
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error) from None
