"""The operators' pages: an account's standing, its plan and credits, and the audit of what operators did."""

import secrets

from codingahead.metering.v1 import metering_pb2 as pb
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.audit import Act, Standing
from gateway.meter.decision import TIERS
from gateway.platform import Gateway, gateway_of, reader_of
from gateway.web.answers import page
from shared.errors import InvalidInput
from shared.rpc.client import invoke

router = APIRouter()
PATIENCE_SECONDS = 5.0
LONGEST_REASON, LARGEST_NUMBER = 500, 1_000_000
PLANS = {"free": pb.TIER_FREE, "pro": pb.TIER_PRO, "partner": pb.TIER_PARTNER}


@router.api_route("/operator/accounts", methods=["GET", "HEAD"])
async def accounts(request: Request, principal: str = "") -> Response:
    """Find one account, and show where it stands."""
    token = _operator_token(request)
    whom = principal.strip()
    standing = await _standing(gateway_of(request), whom, token) if whom else None
    values = {
        "title": "Accounts | Coding Ahead",
        "noindex": True,
        "principal": whom,
        "standing": standing,
        "request_id": secrets.token_hex(16),
        "acts": await gateway_of(request).audit.acts(whom=whom) if whom else [],
    }
    return page(request, "pages/operator_accounts.html", values)


@router.post("/operator/accounts/plan")
async def set_plan(request: Request) -> Response:
    """Put an account under another plan."""
    token, gateway = _operator_token(request), gateway_of(request)
    async with request.form() as sent:
        given = {name: str(value).strip() for name, value in sent.items()}
    plan = given.get("plan", "")
    if plan not in PLANS:
        raise InvalidInput("PLAN_UNKNOWN", f"plan: {plan[:20]!r} is none; choose {', '.join(PLANS)}.")
    quota = _number(given["monthly_quota"], "monthly_quota") if given.get("monthly_quota") else None
    act = _act(request, given, f"set the plan {plan}" + (f" with {quota} pages a month" if quota is not None else ""))
    asked = pb.SetPlanRequest(
        request_id=f"operator-{act.request_id}",
        principal=act.whom,
        tier=PLANS[plan],
        monthly_quota=quota,
        note=f"{act.operator}: {act.reason}",
    )

    async def work() -> Standing:
        answer = await invoke(gateway.metering.SetPlan, asked, timeout=PATIENCE_SECONDS, token=token)
        return _words(answer.quota)

    await gateway.audit.perform(act, await _standing(gateway, act.whom, token), work)
    return _back(act.whom)


@router.post("/operator/accounts/credit")
async def credit(request: Request) -> Response:
    """Add pages to an account, or take unread ones away."""
    token, gateway = _operator_token(request), gateway_of(request)
    async with request.form() as sent:
        given = {name: str(value).strip() for name, value in sent.items()}
    pages = _number(given.get("pages", ""), "pages")
    act = _act(request, given, f"credit {pages} pages")
    asked = pb.CreditRequest(
        request_id=f"operator-{act.request_id}",
        principal=act.whom,
        pages=pages,
        note=f"{act.operator}: {act.reason}",
    )

    async def work() -> Standing:
        answer = await invoke(gateway.metering.Credit, asked, timeout=PATIENCE_SECONDS, token=token)
        return _words(answer.quota)

    await gateway.audit.perform(act, await _standing(gateway, act.whom, token), work)
    return _back(act.whom)


@router.api_route("/operator/audit", methods=["GET", "HEAD"])
async def audit(request: Request, before: int | None = None) -> Response:
    """What operators did, newest first."""
    _operator_token(request)
    acts = await gateway_of(request).audit.acts(before_id=before)
    values = {"title": "Audit | Coding Ahead", "noindex": True, "acts": acts, "older": acts[-1].id if acts else 0}
    return page(request, "pages/operator_audit.html", values)


async def _standing(gateway: Gateway, whom: str, token: str) -> Standing:
    asked = pb.GetUsageRequest(principal=whom, page_size=1)
    return _words((await invoke(gateway.metering.GetUsage, asked, timeout=PATIENCE_SECONDS, token=token)).quota)


def _words(quota: pb.Quota) -> Standing:
    return {
        "plan": TIERS[quota.tier].value,
        "limit": quota.limit if quota.HasField("limit") else None,
        "used": quota.used,
        "remaining": quota.remaining if quota.HasField("remaining") else None,
    }


def _act(request: Request, given: dict[str, str], what: str) -> Act:
    reason, request_id = given.get("reason", ""), given.get("request_id", "")
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InvalidInput("REASON_NEEDED", f"reason: say why, in up to {LONGEST_REASON} characters.")
    if not 8 <= len(request_id) <= 64 or not request_id.isalnum():
        raise InvalidInput("REQUEST_ID_INVALID", "request_id: 8 to 64 letters and digits are needed.")
    return Act(reader_of(request).principal.name, what, given.get("principal", ""), reason, request_id)


def _number(text: str, field: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = LARGEST_NUMBER + 1
    if abs(number) > LARGEST_NUMBER:
        raise InvalidInput("NUMBER_WRONG", f"{field}: a whole number up to {LARGEST_NUMBER:,} is needed.")
    return number


def _back(whom: str) -> Response:
    return RedirectResponse(f"/operator/accounts?principal={whom}", status_code=303)


def _operator_token(request: Request) -> str:
    return gateway_of(request).readers.token(reader_of(request))
