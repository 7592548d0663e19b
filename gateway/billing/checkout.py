"""The checkout: where a reader pays. Stripe's hosted page, or on one machine a page that says what it is."""

from dataclasses import dataclass
from typing import Protocol

import stripe

from shared.errors import Unavailable

LOCAL_PATH = "/local/checkout"


class Checkout(Protocol):
    """Opens the page on which an account pays for the plan pro."""

    async def address(self, account: str, email: str) -> str:
        """Give the address of the page; Unavailable when the provider does not answer."""
        ...

    async def end(self, subscription: str) -> None:
        """End a subscription at once; ended before is fine. Unavailable when the provider does not answer."""
        ...


@dataclass(frozen=True, slots=True)
class LocalCheckout:
    """One machine: our own page, on which nobody pays."""

    async def address(self, account: str, email: str) -> str:  # noqa: ARG002 - the page knows its reader
        """Give the page's path."""
        return LOCAL_PATH

    async def end(self, subscription: str) -> None:
        """Do nothing: nobody pays."""


class StripeCheckout:
    """Stripe's hosted checkout (https://docs.stripe.com/api/checkout/sessions/create)."""

    def __init__(self, secret_key: str, price: str, public_url: str, *, api_url: str) -> None:
        """Take the secret key, the price of the plan pro, our own address and that of Stripe's API."""
        self._price = price
        self._public_url = public_url
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_url},
            http_client=stripe.HTTPXClient(timeout=10),
            max_network_retries=1,
        )

    async def address(self, account: str, email: str) -> str:
        """Open a session for the account and give its page."""
        params: stripe.params.checkout.SessionCreateParams = {
            "mode": "subscription",
            "line_items": [{"price": self._price, "quantity": 1}],
            "client_reference_id": account,
            "subscription_data": {"metadata": {"account": account}},
            "success_url": f"{self._public_url}/plans?paid=1",
            "cancel_url": f"{self._public_url}/plans",
        }
        if email:
            params["customer_email"] = email
        try:
            session = await self._client.v1.checkout.sessions.create_async(params)
        except stripe.StripeError as error:
            raise _away(error) from None
        return session.url or f"{self._public_url}/plans"

    async def end(self, subscription: str) -> None:
        """Cancel a subscription (https://docs.stripe.com/api/subscriptions/cancel)."""
        try:
            await self._client.v1.subscriptions.cancel_async(subscription)
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":  # it was canceled before
                raise _away(error) from None
        except stripe.StripeError as error:
            raise _away(error) from None


def _away(error: stripe.StripeError) -> Unavailable:
    return Unavailable(
        "CHECKOUT_AWAY", f"The payment provider does not answer right now ({type(error).__name__}): try later."
    )
