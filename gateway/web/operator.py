"""The operators' pages: an account's standing, its plan and credits, and the audit of what operators did."""

import secrets

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.audit import Performed
from gateway.operators import LARGEST_NUMBER, Why, credit, set_plan, standing_of
from gateway.platform import gateway_of
from gateway.web.answers import page
from shared.errors import AlreadyExists, InvalidInput

router = APIRouter()
NO_STORE = {"Cache-Control": "no-store"}


@router.api_route("/operator/accounts", methods=["GET", "HEAD"])
async def accounts(request: Request, principal: str = "") -> Response:
    """Find one account, and show where it stands."""
    whom = principal.strip()
    values = {
        "title": "Accounts | Coding Ahead",
        "noindex": True,
        "principal": whom,
        "standing": await standing_of(request, whom) if whom else None,
        "request_id": secrets.token_hex(16),
        "acts": await gateway_of(request).audit.acts(whom=whom) if whom else [],
    }
    return page(request, "pages/operator_accounts.html", values)


@router.post("/operator/accounts/plan")
async def plan_form(request: Request) -> Response:
    """Put an account under another plan."""
    given = await _given(request)
    quota = _number(given["monthly_quota"], "monthly_quota") if given.get("monthly_quota") else None
    return _back(given, await set_plan(request, _why(given), given.get("plan", ""), quota))


@router.post("/operator/accounts/credit")
async def credit_form(request: Request) -> Response:
    """Add pages to an account, or take unread ones away."""
    given = await _given(request)
    return _back(given, await credit(request, _why(given), _number(given.get("pages", ""), "pages")))


@router.api_route("/operator/audit", methods=["GET", "HEAD"])
async def audit(request: Request, before: int | None = None) -> Response:
    """What operators did, newest first."""
    acts = await gateway_of(request).audit.acts(before_id=before)
    values = {"title": "Audit | Coding Ahead", "noindex": True, "acts": acts, "older": acts[-1].id if acts else 0}
    return page(request, "pages/operator_audit.html", values)


async def _given(request: Request) -> dict[str, str]:
    async with request.form() as sent:
        return {name: str(value).strip() for name, value in sent.items()}


def _why(given: dict[str, str]) -> Why:
    return Why(given.get("principal", ""), given.get("reason", ""), given.get("request_id", ""))


def _number(text: str, field: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = LARGEST_NUMBER + 1
    if abs(number) > LARGEST_NUMBER:
        raise InvalidInput("NUMBER_WRONG", f"{field}: a whole number up to {LARGEST_NUMBER:,} is needed.")
    return number


def _back(given: dict[str, str], performed: Performed) -> Response:
    if performed.repeated:
        raise AlreadyExists("ACT_REPEATED", "request_id: this act was done before; nothing was changed a second time.")
    address = f"/operator/accounts?principal={given['principal']}"
    return RedirectResponse(address, status_code=303, headers=NO_STORE)
