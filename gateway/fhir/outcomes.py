"""Errors as FHIR tells them: an OperationOutcome with one issue and a sentence."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

from gateway.fhir.parameters import MEDIA_TYPE

PREFIX = "/fhir/"
_CODES = {
    HTTPStatus.BAD_REQUEST: "invalid",
    HTTPStatus.UNAUTHORIZED: "login",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "not-supported",
    HTTPStatus.NOT_ACCEPTABLE: "not-supported",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-long",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "not-supported",
    HTTPStatus.UNPROCESSABLE_ENTITY: "invalid",
    HTTPStatus.TOO_MANY_REQUESTS: "throttled",
    HTTPStatus.SERVICE_UNAVAILABLE: "transient",
    HTTPStatus.GATEWAY_TIMEOUT: "timeout",
}
"""Issue types (http://hl7.org/fhir/R4/valueset-issue-type.html) by status."""
_BY_REASON = {
    "FHIR_TOO_COSTLY": "too-costly",
    "FHIR_NOT_SUPPORTED": "not-supported",
    "FHIR_PARAMETER_MISSING": "required",
}
_STATUS = {"FHIR_TOO_COSTLY": HTTPStatus.UNPROCESSABLE_ENTITY}
"""Reasons for which servers of terminology answer with another status than for what is wrong."""


def outcome(status: HTTPStatus, reason: str, sentence: str, *, headers: Mapping[str, str] | None = None) -> Response:
    """Give an error; `reason` is the stable one of the platform."""
    status = _STATUS.get(reason, status)
    issue = {
        "severity": "error",
        "code": _BY_REASON.get(reason) or _CODES.get(status, "exception"),
        "details": {"text": reason},
        "diagnostics": sentence,
    }
    body = json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}, ensure_ascii=False)
    all_headers = {"Cache-Control": "no-store", **(headers or {})}
    return Response(body, status_code=int(status), media_type=MEDIA_TYPE, headers=all_headers)
