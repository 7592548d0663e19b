"""The door of the payment provider: its signed events."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.billing.stripe_event import verified
from gateway.platform import gateway_of
from shared.errors import NotFound

router = APIRouter()


@router.post("/webhooks/stripe")
async def stripe_webhook(request: Request) -> Response:
    """Hear one event: 200 when it is written down, 400 for a wrong signature, 503 to be told again."""
    billing = gateway_of(request).billing
    if not billing.webhook_secrets:
        raise NotFound("NO_WEBHOOK", "This site takes no payments: STRIPE_WEBHOOK_SECRET_FILE is not set.")
    event = verified(await request.body(), request.headers.get("stripe-signature", ""), billing.webhook_secrets)
    return JSONResponse({"outcome": await billing.subscriptions.hear(event)})
