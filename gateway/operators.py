"""What operators do to an account, by the page and by the API alike: the plan, and credits of pages, each audited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from codingahead.metering.v1 import metering_pb2 as pb
from starlette.requests import Request

from gateway.audit import Act, Performed, Standing
from gateway.meter.decision import TIERS
from gateway.platform import gateway_of, reader_of
from shared.errors import InvalidInput
from shared.rpc.client import invoke

PATIENCE_SECONDS = 5.0
LONGEST_REASON = 500
LARGEST_NUMBER = 1_000_000
PLANS = {"free": pb.TIER_FREE, "pro": pb.TIER_PRO, "partner": pb.TIER_PARTNER}


@dataclass(frozen=True, slots=True)
class Why:
    """About whom an operator acts, why, and by which request: the same one is done once."""

    principal: str
    reason: str
    request_id: str

    def __post_init__(self) -> None:
        """Refuse what the audit could not tell of; InvalidInput names the field."""
        if not 1 <= len(self.reason) <= LONGEST_REASON:
            raise InvalidInput("REASON_NEEDED", f"reason: say why, in up to {LONGEST_REASON} characters.")
        if not 8 <= len(self.request_id) <= 64 or not self.request_id.isalnum():
            raise InvalidInput("REQUEST_ID_INVALID", "request_id: 8 to 64 letters and digits are needed.")


async def standing_of(request: Request, principal: str) -> Standing:
    """Give where somebody stands, in the words of pages and answers."""
    asked = pb.GetUsageRequest(principal=principal, page_size=1)
    metering = gateway_of(request).metering
    return _words((await invoke(metering.GetUsage, asked, timeout=PATIENCE_SECONDS, token=_token(request))).quota)


async def set_plan(request: Request, why: Why, plan: str, monthly_quota: int | None) -> Performed:
    """Put an account or partner under another plan, from its next request on."""
    if plan not in PLANS:
        raise InvalidInput("PLAN_UNKNOWN", f"plan: {plan[:20]!r} is none; choose {', '.join(PLANS)}.")
    asked = pb.SetPlanRequest(
        request_id=f"operator-{why.request_id}",
        principal=why.principal,
        tier=PLANS[plan],
        monthly_quota=monthly_quota,
        note=why.reason,
    )

    async def work() -> Standing:
        metering = gateway_of(request).metering
        return _words((await invoke(metering.SetPlan, asked, timeout=PATIENCE_SECONDS, token=_token(request))).quota)

    words = f"set the plan {plan}" + (f" with {monthly_quota} pages a month" if monthly_quota is not None else "")
    fields = {"plan": plan} | ({"monthly_quota": str(monthly_quota)} if monthly_quota is not None else {})
    return await _perform(request, why, words, fields, work)


async def credit(request: Request, why: Why, pages: int) -> Performed:
    """Add pages to an account, or take unread ones away."""
    asked = pb.CreditRequest(
        request_id=f"operator-{why.request_id}", principal=why.principal, pages=pages, note=why.reason
    )

    async def work() -> Standing:
        metering = gateway_of(request).metering
        return _words((await invoke(metering.Credit, asked, timeout=PATIENCE_SECONDS, token=_token(request))).quota)

    return await _perform(request, why, f"credit {pages} pages", {"pages": str(pages)}, work)


async def _perform(
    request: Request, why: Why, words: str, fields: dict[str, str], work: Callable[[], Awaitable[Standing]]
) -> Performed:
    operator = reader_of(request).principal.name
    act = Act(operator, words, why.principal, why.reason, why.request_id, fields)
    return await gateway_of(request).audit.perform(act, await standing_of(request, why.principal), work)


def _words(quota: pb.Quota) -> Standing:
    return {
        "plan": TIERS[quota.tier].value,
        "limit": quota.limit if quota.HasField("limit") else None,
        "used": quota.used,
        "remaining": quota.remaining if quota.HasField("remaining") else None,
    }


def _token(request: Request) -> str:
    return gateway_of(request).readers.token(reader_of(request))
