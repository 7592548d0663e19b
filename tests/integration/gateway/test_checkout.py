"""The hosted checkout: what the payment provider is asked, once for a wish, and what a reader sees when it fails."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from gateway.billing import stripe_checkout
from gateway.billing.stripe_checkout import StripeCheckout
from shared.errors import Unavailable
from tests.integration.gateway.people import SignInRooms, browser, form_fields, own, register, sign_in_rooms
from tests.integration.gateway.test_payments import SECRET, event, signed
from tests.servers.stripe import SECRET_KEY, StripeServer, refusal

EMAIL, PRICE = "payer@example.org", "price_pro"


@pytest.fixture
async def provider(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StripeServer]:
    """A payment provider, with little patience on our side."""
    monkeypatch.setattr(stripe_checkout, "TIMEOUT_SECONDS", 0.5)
    server = StripeServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def site(
    new_database: Callable[[str], str], events_url: str, provider: StripeServer
) -> AsyncIterator[SignInRooms]:
    """Everything, with sign-in and plans that are sold."""
    with tempfile.TemporaryDirectory(prefix="ch-") as name:
        key, webhook = Path(name) / "stripe", Path(name) / "webhook"
        key.write_text(f"{SECRET_KEY}\n")
        webhook.write_text(SECRET)
        async with sign_in_rooms(
            Path(name), new_database, events_url, stripe_secret_key_file=key, stripe_price=PRICE,
            stripe_webhook_secret_file=webhook, stripe_api_url=provider.url,
        ) as rooms:  # fmt: skip
            yield rooms


async def test_a_checkout_is_asked_for_in_the_providers_form_and_once_for_a_form_that_is_sent_twice(
    site: SignInRooms, provider: StripeServer
) -> None:
    async with browser(site) as payer:
        await register(payer, EMAIL)
        account = (await payer.get("/account/export")).json()["account"]["id"]
        address, form = form_fields((await payer.get("/plans")).text, "/plans/checkout")
        pages = [await payer.post(address, data=form, headers=own(payer)) for _ in range(2)]
        another = form_fields((await payer.get("/plans")).text, "/plans/checkout")[1]
        later = await payer.post(address, data=another, headers=own(payer))
    assert [page.status_code for page in (*pages, later)] == [200, 200, 200]
    assert all('href="https://pay.example/c/cs_test_1"' in page.text for page in pages)
    assert 'href="https://pay.example/c/cs_test_2"' in later.text
    first, second, third = provider.calls
    assert (first.method, first.path) == ("POST", "/v1/checkout/sessions")
    assert first.form == {
        "mode": "subscription",
        "line_items[0][price]": PRICE,
        "line_items[0][quantity]": "1",
        "client_reference_id": account,
        "subscription_data[metadata][account]": account,
        "success_url": f"{site.url}/plans?paid=1",
        "cancel_url": f"{site.url}/plans",
        "customer_email": EMAIL,
    }
    assert first.headers["content-type"] == "application/x-www-form-urlencoded"
    assert first.headers["authorization"] == f"Bearer {SECRET_KEY}"
    keys = [call.headers["idempotency-key"] for call in (first, second, third)]
    assert keys[0] == keys[1] != keys[2]
    assert account not in keys[0]


async def test_what_is_paid_opens_the_next_page_and_nobody_pays_twice(
    site: SignInRooms, provider: StripeServer
) -> None:
    async with browser(site) as payer:
        await register(payer, EMAIL)
        address, form = form_fields((await payer.get("/plans")).text, "/plans/checkout")
        await payer.post(address, data=form, headers=own(payer))
        asked = provider.calls[-1].form
        paid = {
            "mode": "subscription", "payment_status": "paid", "subscription": "sub_live",
            "client_reference_id": asked["client_reference_id"],
        }  # fmt: skip
        body = event("evt_paid", "checkout.session.completed", 1000, paid)
        async with httpx.AsyncClient(base_url=site.url) as teller:
            await teller.post("/webhooks/stripe", content=body, headers=signed(body, SECRET))
        plans = await payer.get("/plans")
        again = await payer.post(address, data=form, headers=own(payer))
    assert "You read as: <strong>Pro</strong>" in plans.text
    assert "Upgrade to Pro" not in plans.text
    assert (again.status_code, "has a paid plan already" in again.text) == (409, True)
    assert len(provider.calls) == 1


async def test_a_provider_that_fails_gets_a_page_that_says_so_and_a_key_for_its_second_try(
    site: SignInRooms, provider: StripeServer
) -> None:
    async with browser(site) as payer:
        await register(payer, EMAIL)
        address, form = form_fields((await payer.get("/plans")).text, "/plans/checkout")

        async def press() -> httpx.Response:
            provider.calls.clear()
            answer = await payer.post(address, data=form, headers=own(payer))
            assert "Traceback" not in answer.text
            assert SECRET_KEY not in answer.text
            return answer

        away = "does not answer right now, and nothing was paid"
        for failure in (refusal(500, "api_error"), refusal(503, "api_error"), refusal(429, "invalid_request_error")):
            provider.next = [failure, failure]
            answer = await press()
            assert (answer.status_code, away in answer.text) == (503, True)
            provider.next = []
        provider.next = [refusal(500, "api_error")]
        answer = await press()
        assert (answer.status_code, len(provider.calls)) == (200, 2), "one failure is tried again"
        assert len({call.headers["idempotency-key"] for call in provider.calls}) == 1
        for failure in (
            refusal(400, "invalid_request_error", "resource_missing", f"No such price: {PRICE}"),
            refusal(401, "invalid_request_error", message=f"Invalid API Key provided: {SECRET_KEY}"),
            refusal(402, "card_error", "card_declined"),
            refusal(403, "invalid_request_error"),
        ):
            provider.next = [failure]
            answer = await press()
            assert (answer.status_code, "refused this site" in answer.text) == (503, True)
            assert (PRICE in answer.text, len(provider.calls)) == (False, 1)
        provider.silent = True
        answer = await press()
        assert (answer.status_code, away in answer.text) == (503, True)
        await provider.stop()
        answer = await press()
        assert (answer.status_code, away in answer.text) == (503, True)
        await provider.start()
        assert (await payer.get("/account")).status_code == 200


async def test_a_subscription_ends_at_the_provider_once_and_ended_before_is_fine(provider: StripeServer) -> None:
    stripe = StripeCheckout(SECRET_KEY, PRICE, "https://site.example", api_url=provider.url)
    for _ in range(2):
        await stripe.end("sub_live")
    assert [(call.method, call.path) for call in provider.calls] == [("DELETE", "/v1/subscriptions/sub_live")] * 2
    assert provider.subscriptions == set()
    provider.next = [refusal(500, "api_error")] * 2
    with pytest.raises(Unavailable, match="does not answer right now"):
        await stripe.end("sub_live")
    stranger = StripeCheckout("sk_wrong", PRICE, "https://site.example", api_url=provider.url)
    with pytest.raises(Unavailable, match="refused"):
        await stranger.end("sub_live")
