"""Payments: signed events alone change a plan, once, whatever their order, and the change holds on the next request."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from shared.database import Database
from tests.integration.gateway.rooms import Rooms
from tests.polling import eventually

SECRET, OLD_SECRET = "whsec_test", "whsec_rolled"
CODES = ("S09.0", "A00.0", "A00.1", "A00.9", "A01.00", "A01.01", "A01.02")


def event(identity: str, kind: str, created: int, subject: dict[str, Any]) -> bytes:
    """An event in Stripe's form."""
    return json.dumps({"id": identity, "type": kind, "created": created, "data": {"object": subject}}).encode()


def signed(body: bytes, *secrets: str, at: float | None = None) -> dict[str, str]:
    """The header that Stripe sends with a body, one v1 signature a secret."""
    moment = int(time.time() if at is None else at)
    signatures = [hmac.new(key.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest() for key in secrets]
    return {"Stripe-Signature": ",".join([f"t={moment}", *(f"v1={one}" for one in signatures)])}


def updated(identity: str, created: int, status: str, account: str = "payer") -> bytes:
    """A subscription's new status."""
    subject = {"id": "sub_1", "status": status, "metadata": {"account": account}}
    return event(identity, "customer.subscription.updated", created, subject)


CHECKED_OUT = event(
    "evt_paid",
    "checkout.session.completed",
    1000,
    {"mode": "subscription", "payment_status": "paid", "subscription": "sub_1", "client_reference_id": "payer"},
)
DELETED = event("evt_end", "customer.subscription.deleted", 2000, {"id": "sub_1", "status": "canceled", "metadata": {}})


@pytest.fixture
async def paid(rooms: Rooms) -> Rooms:
    """The platform with two secrets of the webhook, as while one is rolled."""
    secrets = Path(rooms.folder) / "webhook"
    secrets.write_text(f"{SECRET}\n{OLD_SECRET}\n")
    await rooms.stop("gateway")
    await rooms.start_gateway(stripe_webhook_secret_file=secrets)
    return rooms


async def tell(rooms: Rooms, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    """Send an event as the provider does."""
    async with httpx.AsyncClient(base_url=rooms.url) as provider:
        return await provider.post("/webhooks/stripe", content=body, headers=headers or signed(body, SECRET))


async def tier(rooms: Rooms, account: str = "payer") -> str:
    """The tier that the next request of an account is read under."""
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account(account)) as reader:
        return str((await reader.get("/api/v1/meter")).json()["tier"])


async def test_a_payment_is_an_upgrade_on_the_next_request_and_its_end_a_downgrade(paid: Rooms) -> None:
    assert await tier(paid) == "free"
    assert (await tell(paid, CHECKED_OUT)).json() == {"outcome": "paid"}
    assert await tier(paid) == "pro"
    assert (await tell(paid, DELETED)).json() == {"outcome": "free"}
    assert await tier(paid) == "free"


async def test_a_repeated_event_changes_nothing(paid: Rooms) -> None:
    await tell(paid, CHECKED_OUT)
    await tell(paid, DELETED)
    assert (await tell(paid, CHECKED_OUT)).json() == {"outcome": "repeated"}
    assert await tier(paid) == "free"


async def test_an_event_that_comes_late_does_not_undo_a_newer_one(paid: Rooms) -> None:
    assert (await tell(paid, updated("evt_2", 1500, "unpaid"))).json() == {"outcome": "free"}
    assert (await tell(paid, updated("evt_1", 1400, "active"))).json() == {"outcome": "outdated"}
    assert await tier(paid) == "free"
    assert (await tell(paid, updated("evt_3", 1600, "active"))).json() == {"outcome": "paid"}
    assert (await tell(paid, DELETED)).json() == {"outcome": "free"}
    assert (await tell(paid, updated("evt_4", 2000, "active"))).json() == {"outcome": "outdated"}
    assert await tier(paid) == "free"


async def test_what_says_nothing_about_being_paid_is_acknowledged(paid: Rooms) -> None:
    for body in (
        event("evt_u", "customer.created", 1, {"id": "cus_1"}),
        event("evt_f", "invoice.payment_failed", 1, {"subscription": "sub_1"}),
        event("evt_p", "checkout.session.completed", 1, {"mode": "payment", "payment_status": "paid"}),
    ):
        answer = await tell(paid, body)
        assert (answer.status_code, answer.json()) == (200, {"outcome": "noted"})


async def test_either_secret_and_either_of_two_signatures_will_do(paid: Rooms) -> None:
    assert (await tell(paid, CHECKED_OUT, signed(CHECKED_OUT, OLD_SECRET))).status_code == 200
    assert (await tell(paid, DELETED, signed(DELETED, "whsec_other", SECRET))).status_code == 200


async def test_a_wrong_signature_is_400_and_changes_nothing(paid: Rooms) -> None:
    wrong: tuple[dict[str, str], ...] = (
        {},
        {"Stripe-Signature": ""},
        {"Stripe-Signature": "t=now,v1=00"},
        signed(CHECKED_OUT, "whsec_other"),
        signed(CHECKED_OUT, SECRET, at=time.time() - 3600),
        signed(DELETED, SECRET),
        {"Stripe-Signature": signed(CHECKED_OUT, SECRET)["Stripe-Signature"].replace("v1=", "v0=")},
    )
    for headers in wrong:
        answer = await tell(paid, CHECKED_OUT, {"X-Sent": "1", **headers})
        assert (headers, answer.status_code) == (headers, 400)
        assert await tier(paid) == "free"


async def test_while_metering_is_away_the_provider_is_asked_to_come_again(paid: Rooms) -> None:
    await paid.stop("metering")
    told = await tell(paid, CHECKED_OUT)
    assert told.status_code in (503, 504)
    assert told.headers["content-type"] == "application/problem+json", "a program is told, not a person"
    await paid.start_metering()

    async def taken() -> bool:
        answer = await tell(paid, CHECKED_OUT)
        if answer.status_code in (503, 504):  # Metering listens again, and the gateway has not yet tried.
            return False
        assert answer.json() == {"outcome": "paid"}
        return True

    await eventually(taken, "the provider's message is taken once metering is back")
    assert await tier(paid) == "pro"


async def test_the_plans_say_what_the_policy_gives_and_no_price_nobody_set(paid: Rooms) -> None:
    async with httpx.AsyncClient(base_url=paid.url) as guest:
        page = await guest.get("/plans")
    assert page.status_code == 200
    assert "5 code pages in 30 days" in page.text
    assert "Every code page, without a limit" in page.text
    assert "Price" not in page.text


async def test_the_checkout_of_one_machine_upgrades_at_once_and_is_nowhere_else(rooms: Rooms) -> None:
    headers = {**rooms.account("local"), "Origin": rooms.url}
    async with httpx.AsyncClient(base_url=rooms.url, headers=headers) as reader:
        assert (await reader.post("/local/checkout")).status_code == 404
        await rooms.stop("gateway")
        await rooms.start_gateway(local_checkout=True)
        opened = await reader.post("/plans/checkout")
        assert (opened.status_code, opened.headers["location"]) == (303, "/local/checkout")
        assert "no payment" in (await reader.get("/local/checkout")).text
        assert (await reader.post("/local/checkout")).status_code == 303
    assert await tier(rooms, "local") == "pro"


async def test_what_operators_do_is_written_for_ever(rooms: Rooms) -> None:
    operator = {"Authorization": f"Bearer {rooms.keys.access_token('ops', ('operator',), rooms.url)}"}
    form = {"principal": "account:payer", "plan": "free", "reason": "a <b>gift</b>", "request_id": "a" * 32}
    async with httpx.AsyncClient(base_url=rooms.url, headers=operator) as client:
        assert (await client.post("/operator/accounts/plan", data=form)).status_code == 303
        assert (await client.post("/operator/accounts/plan", data=form)).status_code == 409
        credit = {**form, "pages": "3", "request_id": "b" * 32}
        assert (await client.post("/operator/accounts/credit", data=credit)).status_code == 303
        assert (await client.post("/operator/accounts/plan", data={**form, "reason": ""})).status_code == 400
        audit, page = (
            await client.get("/operator/audit"),
            await client.get("/operator/accounts?principal=account:payer"),
        )
    assert "account:ops" in audit.text
    assert "a &lt;b&gt;gift&lt;/b&gt;" in audit.text
    assert "limit: 8" in audit.text
    assert page.status_code == 200
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("payer")) as reader:
        for path in ("/operator/audit", "/operator/accounts"):
            assert (await reader.get(path)).status_code == 403
        assert (await reader.post("/operator/accounts/plan", data=form)).status_code == 403
    database = Database(rooms.gateway_url)
    await database.open()
    async with database.connection() as conn:
        for change in (
            "UPDATE operator_act SET reason = ''",
            "DELETE FROM operator_act",
            "TRUNCATE operator_act CASCADE",
            "UPDATE act_outcome SET refused = 'x'",
            "DELETE FROM act_outcome",
        ):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                await conn.execute(change)
    await database.close()


async def test_the_mail_folder_is_read_on_this_machine_alone(rooms: Rooms) -> None:
    folder = rooms.folder / "mail"
    await rooms.stop("gateway")
    await rooms.start_gateway(mail_url=f"folder://{folder}?from=no-reply@example.org")
    from shared.mail import Mail, open_mailer

    await open_mailer(f"folder://{folder}?from=no-reply@example.org").send(
        Mail("a@example.org", "Hello", "<script>alert(1)</script> https://example.org/x")
    )
    async with httpx.AsyncClient(base_url=rooms.url) as reader:
        listed = await reader.get("/local/mail")
        (name,) = [file.stem for file in folder.glob("*.eml")]
        shown = await reader.get(f"/local/mail/{name}")
        assert (await reader.get("/local/mail/..%2Fkeys")).status_code == 404
        assert (await reader.get("/local/mail", headers={"X-Forwarded-For": "10.0.0.1"})).status_code == 404
    assert name in listed.text
    assert "<script>alert" not in shown.text
    assert "&lt;script&gt;" in shown.text
