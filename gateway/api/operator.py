"""The API of operators: plans, credits and the audit. Only a sign-in with a second factor carries their right."""

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import Field

from gateway.api.paging import Cursor, NextCursor
from gateway.api.schema import ApiModel
from gateway.audit import Performed, WrittenAct
from gateway.cursors import from_cursor, to_cursor
from gateway.idempotency import needed
from gateway.operators import LARGEST_NUMBER, LONGEST_REASON, Why, credit, set_plan
from gateway.platform import gateway_of, reader_of

router = APIRouter(prefix="/api/v1/operator", tags=["Operators"])

PRINCIPAL = Field(min_length=1, max_length=200, description='Whose, e.g. "account:4711" or "partner:ehr-vendor".')
REASON = Field(min_length=1, max_length=LONGEST_REASON, description="Why, for the audit; write no names of people.")


class PlanWanted(ApiModel):
    """A plan to be set."""

    principal: str = PRINCIPAL
    plan: Literal["free", "pro", "partner"]
    monthly_quota: int | None = Field(
        default=None, ge=0, le=LARGEST_NUMBER, description="Pages a calendar month, for a partner."
    )
    reason: str = REASON


class CreditWanted(ApiModel):
    """Pages to be credited."""

    principal: str = PRINCIPAL
    pages: int = Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER, description="Less than 0 takes unread pages away.")
    reason: str = REASON


class PlanStanding(ApiModel):
    """Where somebody stands."""

    plan: str
    limit: int | None = Field(description="Pages the window allows; null when unlimited.")
    used: int
    remaining: int | None = Field(description="Pages left; null when unlimited.")


class Done(ApiModel):
    """An act that is done."""

    principal: str
    standing: PlanStanding = Field(description="Where the principal stands after it.")


class AuditedAct(ApiModel):
    """An act as it stands in the audit."""

    id: int
    at: datetime
    operator: str
    act: str
    principal: str = Field(description='Whose, or the kind of releases, e.g. "ncci-ptp/practitioner".')
    reason: str
    request_id: str
    before: dict[str, str | int | None] = Field(description="Where the principal, or the releases, stood before it.")
    after: dict[str, str | int | None] | None = Field(
        description="Null when it was refused, or when its outcome is not known yet."
    )
    refused: str = Field(description="The reason of its refusal as a word; empty when it was not refused.")


class AuditPage(ApiModel):
    """Acts, the newest first."""

    acts: list[AuditedAct]
    next_cursor: NextCursor


async def request_id(request: Request, idempotency_key: Annotated[str, Header()] = "") -> str:
    """Give the id of the act that the Idempotency-Key of this operator stands for."""
    operator = reader_of(request).principal.name
    return hashlib.sha256(f"{operator} {request.url.path} {idempotency_key}".encode()).hexdigest()[:32]


RequestId = Annotated[str, Depends(request_id)]
NEEDED = [Depends(needed)]


@router.post("/plans", response_model=Done, summary="Set the plan of an account or partner", dependencies=NEEDED)
async def set_plan_of(request: Request, wanted: PlanWanted, act: RequestId) -> dict[str, Any]:
    """Put an account or partner under a plan, from its next request on. The act is audited before it is done."""
    why = Why(wanted.principal, wanted.reason, act)
    return _done(wanted.principal, await set_plan(request, why, wanted.plan, wanted.monthly_quota))


@router.post("/credits", response_model=Done, summary="Credit pages to an account or partner", dependencies=NEEDED)
async def credit_pages(request: Request, wanted: CreditWanted, act: RequestId) -> dict[str, Any]:
    """Add pages to the window that runs, or take unread ones away. The act is audited before it is done."""
    return _done(wanted.principal, await credit(request, Why(wanted.principal, wanted.reason, act), wanted.pages))


@router.head("/acts", response_model=AuditPage, include_in_schema=False)
@router.get("/acts", response_model=AuditPage, summary="What operators did")
async def list_acts(
    request: Request,
    response: Response,
    principal: Annotated[str, Query(max_length=200, description="About whom; empty for everybody.")] = "",
    limit: Annotated[int, Query(ge=1, le=200, description="Most acts in the answer.")] = 50,
    cursor: Cursor = "",
) -> dict[str, Any]:
    """List acts of operators with the standing before and after each."""
    response.headers["Cache-Control"] = "no-store"
    before = int(from_cursor(cursor, int)[0]) if cursor else None
    acts = await gateway_of(request).audit.acts(whom=principal, before_id=before, size=limit + 1)
    more = len(acts) > limit
    return {
        "acts": [_shown(act) for act in acts[:limit]],
        "next_cursor": to_cursor(acts[limit - 1].id) if more else "",
    }


def _done(principal: str, performed: Performed) -> dict[str, Any]:
    return {"principal": principal, "standing": performed.after}


def _shown(written: WrittenAct) -> dict[str, Any]:
    act = written.act
    return {
        "id": written.id,
        "at": written.at,
        "operator": act.operator,
        "act": act.act,
        "principal": act.whom,
        "reason": act.reason,
        "request_id": act.request_id,
        "before": written.before,
        "after": written.after,
        "refused": written.refused,
    }
