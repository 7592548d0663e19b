"""The closed set of errors that cross a boundary of the platform.

Rules raise them, the RPC kit and the gateway map them; nothing else may reach a caller. `reason` is stable and part of
the contract, `message` is a sentence for a person.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar


class DomainError(Exception):
    """An outcome that the caller can act on."""

    rpc_code: ClassVar[str] = "UNKNOWN"
    """Name of the gRPC status code."""
    http_status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, reason: str, message: str, *, metadata: Mapping[str, str] | None = None) -> None:
        """Take the stable reason (UPPER_SNAKE), a sentence, and values that a program may want."""
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata or {})

    def __repr__(self) -> str:
        """Name the reason and the sentence."""
        return f"{type(self).__name__}({self.reason!r}, {self.message!r})"


class InvalidInput(DomainError):
    """Something in the request is wrong, whatever the state of the platform."""

    rpc_code = "INVALID_ARGUMENT"
    http_status = HTTPStatus.BAD_REQUEST


class NotFound(DomainError):
    """What the request names does not exist."""

    rpc_code = "NOT_FOUND"
    http_status = HTTPStatus.NOT_FOUND


class AlreadyExists(DomainError):
    """What the request would make exists already."""

    rpc_code = "ALREADY_EXISTS"
    http_status = HTTPStatus.CONFLICT


class Conflict(DomainError):
    """The request collides with another one, or with an earlier one of the same id."""

    rpc_code = "ABORTED"
    http_status = HTTPStatus.CONFLICT


class FailedPrecondition(DomainError):
    """The request is right, but not in the present state; repeating it changes nothing."""

    rpc_code = "FAILED_PRECONDITION"
    http_status = HTTPStatus.CONFLICT


class Unauthenticated(DomainError):
    """Nobody vouches for the caller."""

    rpc_code = "UNAUTHENTICATED"
    http_status = HTTPStatus.UNAUTHORIZED


class Denied(DomainError):
    """The caller is known and may not do this."""

    rpc_code = "PERMISSION_DENIED"
    http_status = HTTPStatus.FORBIDDEN


class QuotaExceeded(DomainError):
    """The caller has used up what it may have for now."""

    rpc_code = "RESOURCE_EXHAUSTED"
    http_status = HTTPStatus.TOO_MANY_REQUESTS


class Unavailable(DomainError):
    """A part of the platform is away; the same request may succeed later."""

    rpc_code = "UNAVAILABLE"
    http_status = HTTPStatus.SERVICE_UNAVAILABLE


class DeadlineExceeded(DomainError):
    """The caller's time ran out; whether the request took effect is not known."""

    rpc_code = "DEADLINE_EXCEEDED"
    http_status = HTTPStatus.GATEWAY_TIMEOUT


class CannotStart(Exception):
    """A part cannot start as it is set up; the text says in a sentence what to change. It never crosses a boundary."""


KINDS: Mapping[str, type[DomainError]] = {
    kind.rpc_code: kind
    for kind in (
        InvalidInput,
        NotFound,
        AlreadyExists,
        Conflict,
        FailedPrecondition,
        Unauthenticated,
        Denied,
        QuotaExceeded,
        Unavailable,
        DeadlineExceeded,
    )
}
"""Every kind of error by its gRPC code."""
