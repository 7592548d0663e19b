"""What is known of subscriptions, from events that come twice, late and out of order; and the plan that follows."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from gateway.accounts.deleted import is_deleted
from gateway.billing.stripe_event import PaymentEvent
from shared.database import Connection, Database

EndSubscription = Callable[[str], Awaitable[None]]
"""Ends a subscription (its id) at the payment provider."""
SetPaid = Callable[[str, bool, str], Awaitable[None]]
"""Puts an account (its id) on the paid plan or on the free one, once for a request id."""

_KEEP = """
    INSERT INTO subscription (id, account, paid, ended, as_of)
    VALUES (%(id)s, %(account)s, %(paid)s, %(ended)s, %(as_of)s)
    ON CONFLICT (id) DO UPDATE SET
        account = CASE WHEN subscription.account = '' THEN excluded.account ELSE subscription.account END,
        paid = excluded.paid, ended = excluded.ended, as_of = excluded.as_of
    WHERE NOT subscription.ended AND (excluded.ended OR excluded.as_of >= subscription.as_of)
"""
_NAME = "UPDATE subscription SET account = %(account)s WHERE id = %(id)s AND account = '' AND %(account)s <> ''"
_STANDING = """
    SELECT account, (SELECT bool_or(o.paid) FROM subscription o WHERE o.account = s.account) AS paid
    FROM subscription s WHERE s.id = %s AND s.account <> ''
"""
_log = structlog.get_logger(__name__)


class Subscriptions:
    """The record of payments in the gateway's database."""

    def __init__(self, database: Database, set_paid: SetPaid, end: EndSubscription | None) -> None:
        """Take the gateway's database, what tells the meter, and what ends a subscription where plans are sold."""
        self._database = database
        self._set_paid = set_paid
        self.end = end

    async def hear(self, event: PaymentEvent) -> str:
        """Honour one event and give its outcome; whatever fails leaves it unheard, so that it can be sent again."""
        async with self._database.transaction() as conn:
            # one at a time: a subscription may bring its account's other ones with it
            await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('payment events', 2))")
            cursor = await conn.execute("SELECT outcome FROM payment_event WHERE id = %s", (event.id,))
            if await cursor.fetchone() is not None:
                return "repeated"
            event, outcome = await self._effect(conn, event)
            await conn.execute(
                "INSERT INTO payment_event (id, kind, created_at, subscription, account, outcome)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                (event.id, event.kind, event.created_at, event.subscription, event.account, outcome),
            )
        _log.info("payment event", payment=event.id, kind=event.kind, outcome=outcome)
        return outcome

    async def pay_here(self, account: str, request_id: str) -> None:
        """Put an account on the paid plan without a provider; on one machine alone."""
        await self._set_paid(account, True, request_id)

    async def of_account(self, account: str) -> list[dict[str, object]]:
        """Give what is kept of an account's subscriptions and of the events about them."""
        async with self._database.connection() as conn:
            subscriptions = await conn.execute("SELECT * FROM subscription WHERE account = %s ORDER BY id", (account,))
            events = await conn.execute(
                "SELECT e.* FROM payment_event e WHERE e.account = %(account)s OR e.subscription IN"
                " (SELECT id FROM subscription WHERE account = %(account)s) ORDER BY e.created_at, e.id",
                {"account": account},
            )
            told = await events.fetchall()
            return [
                {**row, "events": [each for each in told if each["subscription"] == row["id"]]}
                for row in await subscriptions.fetchall()
            ]

    async def _effect(self, conn: Connection, event: PaymentEvent) -> tuple[PaymentEvent, str]:
        if await _of_deleted(conn, event):
            if event.paid and self.end is not None:
                await self.end(event.subscription)  # nobody is there to use what is paid
            return replace(event, account=""), "account deleted"
        return event, await self._plan_after(conn, event)

    async def _plan_after(self, conn: Connection, event: PaymentEvent) -> str:
        if event.paid is None or not event.subscription:
            return "noted"
        given = {
            "id": event.subscription,
            "account": event.account,
            "paid": event.paid,
            "ended": event.ended,
            "as_of": event.created_at,
        }
        kept = (await conn.execute(_KEEP, given)).rowcount
        named = (await conn.execute(_NAME, given)).rowcount
        if not kept and not named:
            return "outdated"
        row = await (await conn.execute(_STANDING, (event.subscription,))).fetchone()
        if row is None:
            return "account not known yet"
        paid = bool(row["paid"])
        identity = hashlib.sha256(f"{event.id} {paid}".encode()).hexdigest()[:32]
        await self._set_paid(row["account"], paid, f"stripe-{identity}")
        return "paid" if paid else "free"


async def _of_deleted(conn: Connection, event: PaymentEvent) -> bool:
    """Whether an event tells of an account that was deleted, by its own word or by what is kept of its subscription."""
    if event.account and await is_deleted(conn, event.account):
        return True
    cursor = await conn.execute(
        "SELECT FROM subscription JOIN forgotten_account ON pseudonym = account WHERE id = %s", (event.subscription,)
    )
    return await cursor.fetchone() is not None
