"""Errors as a caller of the API sees them: problem details (RFC 9457) with stable types and reasons."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

from gateway.problem_types import type_of
from shared.errors import DomainError

MEDIA_TYPE = "application/problem+json"

TITLES = {
    HTTPStatus.BAD_REQUEST: "The request is not right",
    HTTPStatus.UNAUTHORIZED: "The credential is not valid",
    HTTPStatus.FORBIDDEN: "This is not allowed",
    HTTPStatus.NOT_FOUND: "Not found",
    HTTPStatus.METHOD_NOT_ALLOWED: "The method is not allowed here",
    HTTPStatus.CONFLICT: "The request collides with another",
    HTTPStatus.PRECONDITION_FAILED: "It was changed meanwhile",
    HTTPStatus.PRECONDITION_REQUIRED: "The call must say what it has read",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is too large",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The header is too large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A value in the request is not right",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something failed here",
    HTTPStatus.SERVICE_UNAVAILABLE: "Part of this site is away for the moment",
    HTTPStatus.GATEWAY_TIMEOUT: "Part of this site took too long",
}


def problem(
    status: HTTPStatus,
    reason: str,
    detail: str,
    *,
    title: str = "",
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, object] | None = None,
) -> Response:
    """Give a problem; `reason` (UPPER_SNAKE) names its type, `members` are further fields."""
    body = {
        "type": type_of(reason),
        "title": title or TITLES.get(status, status.phrase),
        "status": int(status),
        "detail": detail,
        "reason": reason,
        **(members or {}),
    }
    all_headers = {"Cache-Control": "no-store", **(headers or {})}
    return Response(json.dumps(body), status_code=int(status), media_type=MEDIA_TYPE, headers=all_headers)


def problem_of(error: DomainError) -> Response:
    """Give a domain error as a problem."""
    headers = {}
    if error.http_status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    if error.http_status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "5"
    return problem(error.http_status, error.reason, error.message, headers=headers, members=_members(error))


def _members(error: DomainError) -> dict[str, object]:
    """The values of an error; nearest codes and defects, which travel as JSON, as what they are."""
    members: dict[str, object] = dict(error.metadata)
    for name in ("near", "defects"):
        if name in error.metadata:
            members[name] = json.loads(error.metadata[name])
    return members


def prefetch_refused() -> Response:
    """Refuse a prefetch of a page that is not granted yet: it would cost a page view nobody asked for."""
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "PREFETCH_REFUSED",
        "A page that is not granted yet is not prefetched; open it.",
        title="This page is not prefetched",
    )
