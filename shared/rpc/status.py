"""Domain errors as google.rpc.Status with ErrorInfo, and back."""

import grpc
from google.protobuf.any_pb2 import Any
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from shared.errors import KINDS, DeadlineExceeded, DomainError, Unavailable

DOMAIN = "codingahead"
DETAILS_KEY = "grpc-status-details-bin"
CODES = {code.name: code for code in grpc.StatusCode}

UNFORESEEN = DomainError.rpc_code
"""The code of an error that is of no kind: it does not cross a boundary as it is."""

AWAY = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN})


class RemoteFailure(DomainError):
    """The peer failed in a way that it did not foresee; its log has the request id."""


def to_status(error: DomainError) -> tuple[grpc.StatusCode, Status]:
    """Give the status code and details of an error."""
    code = CODES[error.rpc_code]
    detail = Any()
    detail.Pack(ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata))
    number: int = code.value[0]
    return code, Status(code=number, message=error.message, details=[detail])


def from_rpc_error(error: grpc.aio.AioRpcError) -> DomainError:
    """Rebuild the domain error that a peer raised; Unavailable when the peer itself could not be reached."""
    info = _error_info(error)
    kind = KINDS.get(error.code().name)
    if info is not None and kind is not None:
        return kind(info.reason, error.details() or info.reason, metadata=dict(info.metadata))
    if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
        return DeadlineExceeded("DEADLINE_EXCEEDED", "A part of the platform did not answer in time.")
    if error.code() in AWAY:
        return Unavailable("PEER_AWAY", "A part of the platform does not answer at the moment.")
    return RemoteFailure("PEER_FAILED", "A part of the platform failed.")


def _error_info(error: grpc.aio.AioRpcError) -> ErrorInfo | None:
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            for detail in Status.FromString(value).details:
                info = ErrorInfo()
                if detail.Unpack(info) and info.domain == DOMAIN:
                    return info
    return None
