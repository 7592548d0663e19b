"""Pages that say what the site is: home, accounts, data and rights, terms, privacy, not billing advice."""

from codingahead.metering.v1 import metering_pb2
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.platform import Gateway, gateway_of
from gateway.web.answers import local_path, page
from shared.errors import Unavailable

router = APIRouter()


@router.api_route("/", methods=["GET", "HEAD"])
async def home(request: Request) -> Response:
    """What the site is, the look-up box and the code systems."""
    systems = await gateway_of(request).catalog.systems()
    values = {
        "title": "Coding Ahead: medical codes, explained and sourced",
        "description": "ICD-10-CM, HCPCS Level II and CPT codes on one page each: plain language, rules, edits and "
        "relative values, every statement with its source and edition.",
        "own_search": True,
        "systems": systems,
    }
    return page(request, "pages/home.html", values, canonical="/")


@router.api_route("/accounts", methods=["GET", "HEAD"])
async def accounts(request: Request) -> Response:
    """What accounts unlock, and how they open."""
    return await accounts_page(request)


async def accounts_page(request: Request) -> Response:
    """The page of accounts; also where somebody wants to sign in on a site that has not set it up."""
    gateway = gateway_of(request)
    rules = await _tier_rules(gateway)
    values = {
        "title": "Accounts | Coding Ahead",
        "back": local_path(request.query_params.get("next", "")),
        "guest": rules.get(metering_pb2.TIER_GUEST),
        "free": rules.get(metering_pb2.TIER_FREE),
        "open": gateway.sign_in is not None,
    }
    return page(request, "pages/register.html", values, canonical="/accounts")


async def _tier_rules(gateway: Gateway) -> dict[int, metering_pb2.TierRule]:
    """What each tier may read, by the policy in force; nothing while metering is away and was never heard."""
    try:
        policy = await gateway.policies.version(0)
    except Unavailable:
        return {}
    return {rule.tier: rule for rule in policy.tiers}


@router.api_route("/data", methods=["GET", "HEAD"])
async def data(request: Request) -> Response:
    """The releases that pages draw on, and whose they are."""
    gateway = gateway_of(request)
    releases = [release for release in await gateway.catalog.releases() if release.in_force]
    values = {
        "title": "Data and rights | Coding Ahead",
        "systems": await gateway.catalog.systems(),
        "releases": releases,
    }
    return page(request, "pages/data.html", values, canonical="/data")


@router.api_route("/terms", methods=["GET", "HEAD"])
async def terms(request: Request) -> Response:
    """The terms of use."""
    return page(request, "pages/terms.html", {"title": "Terms of use | Coding Ahead"}, canonical="/terms")


@router.api_route("/privacy", methods=["GET", "HEAD"])
async def privacy(request: Request) -> Response:
    """What is kept of a reader."""
    return page(request, "pages/privacy.html", {"title": "Privacy | Coding Ahead"}, canonical="/privacy")


@router.api_route("/not-billing-advice", methods=["GET", "HEAD"])
async def not_billing_advice(request: Request) -> Response:
    """What the pages are not."""
    values = {"title": "Not billing advice | Coding Ahead"}
    return page(request, "pages/not_billing_advice.html", values, canonical="/not-billing-advice")
