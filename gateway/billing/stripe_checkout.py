"""The checkout at Stripe. Loaded only by a site that sells: its library is among the largest imports."""

import hashlib

import stripe
import structlog

from shared.errors import Unavailable

TIMEOUT_SECONDS = 10.0
"""For one try; there are two."""

_log = structlog.get_logger(__name__)


class StripeCheckout:
    """Stripe's hosted checkout (https://docs.stripe.com/api/checkout/sessions/create)."""

    def __init__(self, secret_key: str, price: str, public_url: str, *, api_url: str) -> None:
        """Take the secret key, the price of the plan pro, our own address and that of Stripe's API."""
        self._price = price
        self._public_url = public_url
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_url},
            http_client=stripe.HTTPXClient(timeout=TIMEOUT_SECONDS),
            max_network_retries=1,
        )

    async def address(self, account: str, email: str, once: str) -> str:
        """Open a session for the account and give its page; a form that is sent twice opens one session."""
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
            session = await self._client.v1.checkout.sessions.create_async(
                params, {"idempotency_key": hashlib.sha256(f"checkout {account} {once}".encode()).hexdigest()}
            )
        except stripe.StripeError as error:
            raise _failed(error) from None
        if not session.url:
            _log.error("a checkout session has no page", session=session.id)
            raise _refused()
        return session.url

    async def end(self, subscription: str) -> None:
        """Cancel a subscription (https://docs.stripe.com/api/subscriptions/cancel)."""
        try:
            await self._client.v1.subscriptions.cancel_async(subscription)
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":  # it was canceled before
                raise _failed(error) from None
        except stripe.StripeError as error:
            raise _failed(error) from None


def _failed(error: stripe.StripeError) -> Unavailable:
    """What went wrong, for the reader; what the operator has to put right, a wrong key or price say, is logged."""
    if isinstance(error, stripe.APIConnectionError | stripe.RateLimitError) or (error.http_status or 500) >= 500:
        _log.warning("the payment provider does not answer", error=type(error).__name__, status=error.http_status)
        return Unavailable(
            "CHECKOUT_AWAY",
            "The payment provider does not answer right now, and nothing was paid: try again in some minutes.",
        )
    _log.error(
        "the payment provider refuses a request", error=type(error).__name__, status=error.http_status, code=error.code
    )
    return _refused()


def _refused() -> Unavailable:
    return Unavailable(
        "CHECKOUT_REFUSED",
        "The payment provider refused this site's request, and nothing was paid: tell the operator of this site.",
    )
