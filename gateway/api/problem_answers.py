"""The problems that API calls may be answered with, for the OpenAPI document."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from gateway.problems import MEDIA_TYPE, TITLES


class Problem(BaseModel):
    """What went wrong (RFC 9457). Some types have further members, e.g. `near`: codes that were perhaps meant."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str = Field(
        description="Address of the kind of problem, on this site; stable. about:blank: the status says it."
    )
    title: str = Field(description="The kind of problem in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="A sentence that says what was wrong and what would be right.")
    reason: str = Field(description="The reason as a word in capitals; stable.")


STATUSES = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)


EXAMPLE = {
    "type": "/problems/code-unknown",
    "title": "Not found",
    "status": 404,
    "detail": "There is no ICD-10-CM code E11.99 in the release in force.",
    "reason": "CODE_UNKNOWN",
}


def problem_answers() -> dict[int | str, dict[str, Any]]:
    """Give the answers in the form that FastAPI documents them."""
    return {code: answer for status in STATUSES for code, answer in problem_answer(status).items()}


def problem_answer(status: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Give the answer of one status, for routes that have it beside the common ones."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": EXAMPLE}}
    return {int(status): {"description": TITLES[status], "content": content}}
