"""The API of the meter: where the reader stands, and the terms a reader accepted."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import Field

from gateway.api.limits import quota_headers
from gateway.api.schema import ApiModel
from gateway.idempotency import honoured
from gateway.licences import terms_of
from gateway.platform import gateway_of, reader_of
from gateway.view import Tier
from gateway.web.licences import accept_terms

router = APIRouter(prefix="/api/v1", tags=["Meter"])
LicenceName = Annotated[str, Path(pattern=r"^[a-z0-9-]{2,40}$", description="The licence, e.g. ama-cpt.")]


class Meter(ApiModel):
    """Where the reader stands."""

    tier: Tier
    limit: int | None = Field(description="Pages the window allows; null when unlimited.")
    remaining: int | None = Field(description="Pages left; null when unlimited.")
    used: int = Field(description="Pages granted in the window.")
    window_end: datetime | None = Field(description="When the window ends, exclusive; null before the first grant.")
    window_seconds: int = Field(description="Length of the window; 0 for a calendar month (UTC).")
    policy_version: int
    accepted_licences: list[str] = Field(description="Licences whose terms the reader accepted.")


class Licence(ApiModel):
    """Terms that a reader accepts before official text of a licensed code set is shown."""

    licence: str
    title: str
    publisher: str = Field(description="Whose text it is.")
    edition: str = Field(description="The edition to name when the terms are accepted.")
    statements: tuple[str, ...] = Field(description="The terms, one sentence or two each.")


class Acceptance(ApiModel):
    """An acceptance of licence terms, as recorded."""

    licence: str
    accepted_at: datetime


class Terms(ApiModel):
    """The terms that were shown."""

    terms_edition: str = Field(min_length=1, max_length=100, description="Edition of the terms the reader has seen.")


@router.head("/meter", response_model=Meter, include_in_schema=False)
@router.get("/meter", response_model=Meter, summary="Where the reader stands")
async def meter(request: Request, response: Response) -> dict[str, Any]:
    """Give tier, quota and window of the reader. Not counted."""
    quota = await gateway_of(request).room.standing(reader_of(request))
    for name, value in quota_headers(quota, datetime.now(UTC)).items():
        response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    return {
        "tier": quota.tier,
        "limit": quota.limit,
        "remaining": quota.remaining,
        "used": quota.used,
        "window_end": quota.window_end,
        "window_seconds": quota.window_seconds,
        "policy_version": quota.policy_version,
        "accepted_licences": list(quota.accepted_licences),
    }


@router.head("/licences/{licence}", response_model=Licence, include_in_schema=False)
@router.get("/licences/{licence}", response_model=Licence, summary="The terms of a licence")
async def licence_terms(licence: LicenceName) -> dict[str, Any]:
    """Give the terms under which official text of a licensed code set is shown, e.g. "ama-cpt"."""
    return asdict(terms_of(licence))


@router.post(
    "/licences/{licence}/acceptance",
    response_model=Acceptance,
    summary="Accept the terms of a licence",
    dependencies=[Depends(honoured)],
)
async def accept_licence(request: Request, terms: Terms, licence: LicenceName) -> dict[str, Any]:
    """Record that the signed-in reader accepts the terms of a licensed code set, e.g. "ama-cpt"."""
    answer = await accept_terms(request, terms_of(licence), terms.terms_edition)
    return {"licence": licence, "accepted_at": answer.accepted_at.ToDatetime(tzinfo=UTC)}
