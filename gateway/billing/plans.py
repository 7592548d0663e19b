"""What the gateway needs to sell a plan: the checkout, the webhook's secrets, the record of payments, and prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import yaml
from codingahead.metering.v1 import metering_pb2 as pb
from codingahead.metering.v1 import metering_pb2_grpc

from gateway.billing.checkout import Checkout, LocalCheckout
from gateway.billing.subscriptions import Subscriptions
from gateway.settings import Settings
from shared.database import Database
from shared.errors import CannotStart
from shared.identity import InternalTokenSigner, Kind, Principal
from shared.rpc.client import invoke
from shared.settings import read_setting_file

PATIENCE_SECONDS = 5.0
PLANS = ("free", "pro", "partner")
_SERVICE = Principal(Kind.SERVICE, "gateway", frozenset({"service"}))


@dataclass(frozen=True, slots=True)
class Billing:
    """The parts that plans stand on."""

    checkout: Checkout | None
    """None where nothing can be bought."""
    subscriptions: Subscriptions
    webhook_secrets: tuple[str, ...]
    prices: Mapping[str, str]
    """What a plan costs, in the operator's words, by the plan's name."""
    portal_url: str
    """Where a reader manages its payments at the provider; empty when there is none."""


def is_loopback(public_url: str) -> bool:
    """Whether a site's address is of this machine alone."""
    host = urlsplit(public_url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def open_billing(
    settings: Settings,
    database: Database,
    stub: metering_pb2_grpc.MeteringServiceAsyncStub,
    signer: InternalTokenSigner,
) -> Billing:
    """Join the parts as the settings say; CannotStart for settings that contradict each other."""

    async def set_paid(account: str, paid: bool, request_id: str) -> None:
        request = pb.SetPlanRequest(
            request_id=request_id,
            principal=f"{Kind.ACCOUNT.value}:{account}",
            tier=pb.TIER_PRO if paid else pb.TIER_FREE,
            note="told by the payment provider",
        )
        await invoke(stub.SetPlan, request, timeout=PATIENCE_SECONDS, token=signer.sign(_SERVICE))

    checkout = _checkout(settings)
    return Billing(
        checkout,
        Subscriptions(database, set_paid, checkout.end if checkout is not None else None),
        _secrets(settings),
        _prices(settings),
        settings.billing_portal_url,
    )


def _checkout(settings: Settings) -> Checkout | None:
    if settings.local_checkout:
        if not is_loopback(settings.public_url) or settings.stripe_secret_key_file:
            raise CannotStart(
                "LOCAL_CHECKOUT gives the plan pro away: it is for PUBLIC_URL on this machine alone, without Stripe."
            )
        return LocalCheckout()
    if settings.stripe_secret_key_file is None:
        return None
    if not settings.stripe_price:
        raise CannotStart("STRIPE_SECRET_KEY_FILE is set, and STRIPE_PRICE is not: name the price of the plan pro.")
    key = read_setting_file("STRIPE_SECRET_KEY_FILE", settings.stripe_secret_key_file).strip()
    from gateway.billing.stripe_checkout import StripeCheckout  # noqa: PLC0415 - a quarter of a second of every start

    return StripeCheckout(key, settings.stripe_price, settings.public_url, api_url=settings.stripe_api_url)


def _secrets(settings: Settings) -> tuple[str, ...]:
    if settings.stripe_webhook_secret_file is None:
        return ()
    lines = read_setting_file("STRIPE_WEBHOOK_SECRET_FILE", settings.stripe_webhook_secret_file).split()
    if not lines:
        raise CannotStart("The file of STRIPE_WEBHOOK_SECRET_FILE is empty: write the endpoint's secret into it.")
    return tuple(lines)


def _prices(settings: Settings) -> Mapping[str, str]:
    if settings.prices_file is None:
        return {}
    try:
        read = yaml.safe_load(read_setting_file("PRICES_FILE", settings.prices_file))
    except yaml.YAMLError:
        read = None
    if not isinstance(read, dict) or not all(plan in PLANS and isinstance(price, str) for plan, price in read.items()):
        raise CannotStart('The file of PRICES_FILE needs lines like `pro: "USD 29 a month"`, for free, pro or partner.')
    return read
