"""The plans: what each gives, as metering's policy says, how to get one, and the page that stands for paying here."""

import secrets

from codingahead.metering.v1 import metering_pb2 as pb
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.billing.checkout import LOCAL_PATH, LocalCheckout
from gateway.meter.decision import TIERS
from gateway.platform import Gateway, gateway_of, reader_of
from gateway.view import PLAN_NAMES, Tier
from gateway.web.answers import page
from shared.errors import DeadlineExceeded, FailedPrecondition, NotFound, Unauthenticated, Unavailable
from shared.identity import Kind

router = APIRouter()
DAY_SECONDS = 86_400
ORDER = (Tier.GUEST, Tier.FREE, Tier.PRO, Tier.PARTNER)


@router.api_route("/plans", methods=["GET", "HEAD"])
async def plans(request: Request) -> Response:
    """What each plan gives, and which one the reader has."""
    gateway = gateway_of(request)
    try:
        rules = (await gateway.policies.version(0)).tiers
        standing = await gateway.room.standing(reader_of(request))
    except (Unavailable, DeadlineExceeded):
        raise Unavailable("METERING_AWAY", "What the plans give cannot be read right now: try again soon.") from None
    by_tier = {TIERS[rule.tier]: rule for rule in rules}
    values = {
        "title": "Plans | Coding Ahead",
        "plans": [_words(by_tier[tier], tier, gateway) for tier in ORDER if tier in by_tier],
        "own": PLAN_NAMES[standing.tier],
        "own_tier": standing.tier.value,
        "signed_in": reader_of(request).signed_in,
        "can_buy": _buyer(request) and standing.tier is Tier.FREE and gateway.billing.checkout is not None,
        "once": secrets.token_hex(16),
        "portal_url": gateway.billing.portal_url,
        "paid": request.query_params.get("paid") == "1",
    }
    return page(request, "pages/plans.html", values, canonical="/plans")


@router.post("/plans/checkout")
async def check_out(request: Request) -> Response:
    """Open the checkout, and give the way there as a link: a form may not lead to another site."""
    gateway, account = gateway_of(request), _account(request)
    if gateway.billing.checkout is None:
        raise NotFound("NO_CHECKOUT", "Plans are not sold on this site: ask its operator.")
    if (await gateway.room.standing(reader_of(request))).tier is not Tier.FREE:
        raise FailedPrecondition("PLAN_HELD", "Your account has a paid plan already: nothing was paid.")
    once = await _once(request)
    address = await gateway.billing.checkout.address(account, reader_of(request).email, once)
    if address.startswith("/"):
        return RedirectResponse(address, status_code=303)
    return page(request, "pages/checkout.html", {"title": "Pay | Coding Ahead", "noindex": True, "address": address})


@router.api_route(LOCAL_PATH, methods=["GET", "HEAD"])
async def local_checkout(request: Request) -> Response:
    """The page that stands for a payment provider on one machine."""
    _require_local(request)
    _account(request)
    values = {"title": "Checkout of this machine | Coding Ahead", "noindex": True, "once": secrets.token_hex(16)}
    return page(request, "pages/local_checkout.html", values)


@router.post(LOCAL_PATH)
async def pay_locally(request: Request) -> Response:
    """Put the account on the plan pro at once."""
    _require_local(request)
    account = _account(request)
    once = await _once(request)
    await gateway_of(request).billing.subscriptions.pay_here(account, f"local-{account}-{once}"[:200])
    return RedirectResponse("/plans?paid=1", status_code=303)


async def _once(request: Request) -> str:
    """What tells one wish from another: a form that is sent twice is one."""
    async with request.form() as sent:
        return str(sent.get("once", ""))[:64] or secrets.token_hex(16)


def _words(rule: pb.TierRule, tier: Tier, gateway: Gateway) -> dict[str, str]:
    """One plan in the words of a page."""
    if not rule.HasField("pages"):
        pages = "Every code page, without a limit"
    else:
        window = "a calendar month" if not rule.window_seconds else f"{rule.window_seconds // DAY_SECONDS} days"
        more = f", and up to {rule.carried_pages} carried from your time as a guest" if rule.carried_pages else ""
        pages = f"{rule.pages:,} code page{'' if rule.pages == 1 else 's'} in {window}{more}"
    sections = rule.granted.sections
    full = sum(section.visibility == pb.VISIBILITY_FULL for section in sections)
    whole = "every section" if full == len(sections) else f"{full} of {len(sections)} sections in full"
    price = gateway.billing.prices.get(tier.value, "")
    return {
        "tier": tier.value,
        "name": PLAN_NAMES[tier],
        "pages": pages,
        "sections": f"Each with {whole}",
        "price": price,
    }


def _buyer(request: Request) -> bool:
    return reader_of(request).principal.kind is Kind.ACCOUNT


def _account(request: Request) -> str:
    if not _buyer(request):
        raise Unauthenticated("SIGN_IN_NEEDED", "Sign in first: a plan belongs to an account.")
    return reader_of(request).principal.id


def _require_local(request: Request) -> None:
    if not isinstance(gateway_of(request).billing.checkout, LocalCheckout):
        raise NotFound("PAGE_UNKNOWN", "There is no such page.")
