"""Errors as answers: a problem for a caller of the API, a page with one sentence and a way on for a person."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.fhir.outcomes import PREFIX as FHIR_PREFIX
from gateway.fhir.outcomes import outcome
from gateway.problems import TITLES, problem, problem_of
from gateway.web.account_part import account_values
from gateway.web.errors import NearCode, near_codes, render_error
from shared.errors import DomainError
from shared.telemetry import request_id

MACHINES = ("/api/", "/webhooks/", "/sign-out/back-channel")
"""Where programs call: partners', the payment provider's, the issuer's."""
MOST_DEFECTS = 20


def answer_error(request: Request, error: DomainError) -> Response:
    """Answer a domain error."""
    if _is_fhir(request):
        away = {"Retry-After": "5"} if error.http_status is HTTPStatus.SERVICE_UNAVAILABLE else {}
        return outcome(error.http_status, error.reason, error.message, headers=away)
    if _of_machine(request):
        return problem_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if error.http_status is HTTPStatus.UNAUTHORIZED else {}
    if error.http_status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "5"
    near = near_codes(error.metadata.get("near", ""))
    return _page(request, error.http_status, error.message, headers=headers, near=near)


def answer_failure(request: Request, identity: str) -> Response:
    """Answer a failure that nobody foresaw: a sentence and the id under which operators find it."""
    sentence = f"Something failed on our side; operators find it under request {identity}. Please try again."
    return answer_status(request, HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL", sentence)


def answer_status(
    request: Request, status: HTTPStatus, reason: str, sentence: str, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer a status with a sentence."""
    if _is_fhir(request):
        return outcome(status, reason, sentence, headers=headers)
    if _of_machine(request):
        return problem(status, reason, sentence, headers=headers)
    return _page(request, status, sentence, headers=headers or {})


async def on_domain_error(request: Request, error: Exception) -> Response:
    """Answer a domain error that a route raised."""
    assert isinstance(error, DomainError)  # noqa: S101 - registered for nothing else
    return answer_error(request, error)


async def on_failure(request: Request, _error: Exception) -> Response:
    """Answer a failure that nobody foresaw inside a route; the door logs it."""
    return answer_failure(request, request_id.get())


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses by itself: an unknown path, a wrong method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    status = HTTPStatus(error.status_code)
    sentences = {
        HTTPStatus.NOT_FOUND: f"There is nothing at {request.url.path}.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not possible at {request.url.path}.",
    }
    sentence = sentences.get(status, str(error.detail))
    headers = dict(error.headers or {})
    if headers.get("Allow") == "GET" and _of_machine(request):
        headers["Allow"] = "GET, HEAD"  # two routes at one path, of which the framework names the first
    return answer_status(request, status, status.name, sentence, headers=headers)


async def on_invalid_request(request: Request, error: Exception) -> Response:
    """Answer a request whose values are of the wrong form; every defect is named with its place."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    defects = [
        {"where": ".".join(str(part) for part in defect["loc"]), "what": defect["msg"]}
        for defect in error.errors()[:MOST_DEFECTS]
    ]
    detail = "; ".join(f"{defect['where']}: {defect['what']}" for defect in defects)
    if _of_machine(request):
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "REQUEST_INVALID", detail, members={"defects": defects})
    return _page(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, headers={})


def _of_machine(request: Request) -> bool:
    return str(request.scope["path"]).startswith(MACHINES)


def _is_fhir(request: Request) -> bool:
    return f"{request.scope['path']}/".startswith(FHIR_PREFIX)


def _page(
    request: Request,
    status: HTTPStatus,
    sentence: str,
    *,
    headers: Mapping[str, str],
    near: tuple[NearCode, ...] = (),
) -> Response:
    title = TITLES.get(status, status.phrase)
    body = render_error(status, title, sentence, near, account_values(request.scope))
    all_headers = {"Cache-Control": "no-store", **headers}
    return Response(body, status_code=int(status), media_type="text/html", headers=all_headers)
