"""The API of the meter: where the reader stands, and the terms a reader accepted."""

import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

from codingahead.metering.v1 import metering_pb2 as pb
from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from gateway.api.limits import quota_headers
from gateway.api.schema import ApiModel
from gateway.platform import gateway_of, reader_of
from gateway.view import Tier
from shared.errors import Unauthenticated
from shared.rpc.client import invoke

router = APIRouter(prefix="/api/v1", tags=["Meter"])
PATIENCE_SECONDS = 5.0


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


@router.post("/licences/{licence}/acceptance", response_model=Acceptance, summary="Accept the terms of a licence")
async def accept(
    request: Request, terms: Terms, licence: Annotated[str, Path(pattern=r"^[a-z0-9-]{2,40}$")]
) -> dict[str, Any]:
    """Record that the signed-in reader accepts the terms of a licensed code set, e.g. "ama-cpt"."""
    gateway, reader = gateway_of(request), reader_of(request)
    if not reader.signed_in:
        raise Unauthenticated("SIGN_IN_NEEDED", "Sign in first: terms are accepted by an account, not by a guest.")
    message = pb.AcceptLicenceRequest(
        request_id=secrets.token_hex(16), licence=licence, terms_edition=terms.terms_edition
    )
    answer = await invoke(
        gateway.metering.AcceptLicence, message, timeout=PATIENCE_SECONDS, token=gateway.readers.token(reader)
    )
    return {"licence": licence, "accepted_at": answer.accepted_at.ToDatetime(tzinfo=UTC)}
