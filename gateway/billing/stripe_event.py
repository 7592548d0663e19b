"""Stripe's events: their signature, and what of them says who has paid.

Sources: https://docs.stripe.com/webhooks (signatures) and
https://docs.stripe.com/billing/subscriptions/overview (statuses).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.errors import InvalidInput

TOLERANCE_SECONDS = 300
PAID_STATUSES = frozenset({"active", "trialing", "past_due"})
"""While a payment is tried again (past_due) the plan goes on; Stripe ends it as unpaid or canceled."""
ENDED_STATUSES = frozenset({"canceled", "incomplete_expired"})
"""Final: such a subscription never comes back."""


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """What one event says about a subscription; `paid` is None when it says nothing about being paid."""

    id: str
    kind: str
    created_at: datetime
    subscription: str = ""
    account: str = ""
    """The account's id, which the checkout gave along; empty when the event names none."""
    paid: bool | None = None
    ended: bool = False


def verified(body: bytes, signature: str, secrets: Sequence[str]) -> PaymentEvent:
    """Check the signature by any of the secrets, and read the event; InvalidInput says which check failed."""
    import stripe  # noqa: PLC0415 - loaded with the checkout already where a site sells

    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(body.decode("utf-8"), signature, secret, TOLERANCE_SECONDS)
        except (stripe.SignatureVerificationError, ValueError):
            continue
        return read_event(body)
    raise InvalidInput(
        "SIGNATURE_WRONG",
        "Stripe-Signature: no signature in it is ours for this body, or its time is more than"
        f" {TOLERANCE_SECONDS} seconds ago.",
    )


def read_event(body: bytes) -> PaymentEvent:
    """Read an event whose signature holds."""
    try:
        event = json.loads(body)
        kind, subject = str(event["type"]), event["data"]["object"]
        base = PaymentEvent(str(event["id"]), kind, datetime.fromtimestamp(int(event["created"]), UTC))
    except (ValueError, KeyError, TypeError):
        raise InvalidInput(
            "EVENT_WRONG", "The body is no event: id, type, created and data.object are needed."
        ) from None
    if not isinstance(subject, dict) or not base.id:
        raise InvalidInput("EVENT_WRONG", "The body is no event: data.object is no object.")
    return _meaning(base, subject)


def _meaning(base: PaymentEvent, subject: Mapping[str, Any]) -> PaymentEvent:
    if base.kind == "checkout.session.completed" and subject.get("mode") == "subscription":
        paid = subject.get("payment_status") in ("paid", "no_payment_required")
        return _about(base, subject.get("subscription"), subject.get("client_reference_id"), True if paid else None)
    if base.kind in ("customer.subscription.updated", "customer.subscription.deleted"):
        status = "canceled" if base.kind.endswith("deleted") else str(subject.get("status"))
        account = (subject.get("metadata") or {}).get("account")
        return _about(base, subject.get("id"), account, status in PAID_STATUSES, ended=status in ENDED_STATUSES)
    if base.kind == "invoice.payment_failed":  # the subscription's own event follows and decides
        parent = ((subject.get("parent") or {}).get("subscription_details") or {}).get("subscription")
        return _about(base, subject.get("subscription") or parent, None, None)
    return base


def _about(
    base: PaymentEvent, subscription: object, account: object, paid: bool | None, *, ended: bool = False
) -> PaymentEvent:
    return PaymentEvent(base.id, base.kind, base.created_at, str(subscription or ""), str(account or ""), paid, ended)
