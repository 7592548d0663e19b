"""The deletion of an account: sessions and keys end at once, and soon an event tells every service to forget it.

What the gateway itself forgets beyond that, and what it tells the issuer and the payment provider, it does when it
hears its own event: again and again until it succeeds, and as often as the event comes.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence

from codingahead.gateway.v1 import events_pb2

from gateway.accounts.deleted import DeletedAccounts
from gateway.accounts.issuer_accounts import IssuerAccounts
from gateway.keys.store import CHANNEL as KEY_CHANGES
from gateway.library.library import Library
from shared.database import Connection, Database
from shared.events.event import Event
from shared.events.failure import PermanentFailure
from shared.mail import Mail, WaitingMails

EndSubscription = Callable[[str], Awaitable[None]]
"""Ends a subscription (its id) at the payment provider; ended before is fine, Unavailable when it does not answer."""

_ENDS_AT_ONCE = (
    "DELETE FROM guest_merge WHERE account = %(account)s",
    "DELETE FROM idempotent_answer WHERE principal = %(principal)s",
    "DELETE FROM served_page WHERE principal = %(principal)s",
    "DELETE FROM known_place WHERE account = %(account)s",
)
_FORGETS = (
    "INSERT INTO forgotten_account (pseudonym) VALUES (%(pseudonym)s)",
    "UPDATE subscription SET account = %(pseudonym)s WHERE account = %(account)s",
    "UPDATE payment_event SET account = %(pseudonym)s WHERE account = %(account)s",
    "UPDATE operator_act SET whom = 'account:' || %(pseudonym)s WHERE whom = %(principal)s",
    "UPDATE operator_act SET operator = 'account:' || %(pseudonym)s WHERE operator = %(principal)s",
    # A licence wants every display counted: those that metering has not heard of are counted for nobody.
    "UPDATE official_display SET principal = 'account:' || %(pseudonym)s WHERE principal = %(principal)s",
    # Answers to others that name it, to an operator say; they are kept for a day at most.
    "DELETE FROM idempotent_answer WHERE position(convert_to(%(principal)s, 'UTF8') IN body) > 0",
    "DELETE FROM outbox WHERE key = %(account)s",
)


class Deletions:
    """Deletes accounts."""

    def __init__(
        self,
        database: Database,
        mails: WaitingMails,
        deleted: DeletedAccounts,
        *,
        issuer: IssuerAccounts,
        end_subscription: EndSubscription | None,
        library: Library,
    ) -> None:
        """Take the gateway's database, its mails, what knows deleted accounts, who is told outside, and libraries."""
        self._database = database
        self._mails = mails
        self._deleted = deleted
        self._issuer = issuer
        self._end_subscription = end_subscription
        self._library = library

    @property
    def issuer(self) -> IssuerAccounts:
        """What becomes of the account at the issuer."""
        return self._issuer

    async def delete(self, account: str, notice: Mail | None) -> Sequence[bytes]:
        """End an account for good, in one transaction with its notice; gives the sessions that ended."""
        async with self._database.transaction() as conn:
            ended = await _end(conn, account)
            await self._deleted.add(conn, account)
            if notice is not None:
                await self._mails.add(conn, notice)
        self._deleted.remember(account)
        self._mails.wake()
        return ended

    async def hear(self, conn: Connection, event: Event) -> None:
        """Forget an account, in the transaction given; a second time changes nothing."""
        account = event.parse(events_pb2.AccountDeleted).account_id
        if not account:
            raise PermanentFailure("the event names no account")
        await _end(conn, account)  # what slipped in while it was deleted
        await self._end_subscriptions(conn, account)
        await self._issuer.remove(account)
        await self._library.forget(conn, account)
        given = {
            "account": account,
            "principal": f"account:{account}",
            "pseudonym": f"forgotten-{secrets.token_hex(16)}",
        }
        for step in _FORGETS:
            await conn.execute(step, given)

    async def _end_subscriptions(self, conn: Connection, account: str) -> None:
        if self._end_subscription is None:
            return
        cursor = await conn.execute("SELECT id FROM subscription WHERE account = %s AND NOT ended", (account,))
        for row in await cursor.fetchall():
            await self._end_subscription(row["id"])


async def _end(conn: Connection, account: str) -> Sequence[bytes]:
    """End what an account can act with."""
    sessions = await conn.execute("DELETE FROM session WHERE subject = %s RETURNING id_hash", (account,))
    ended = [bytes(row["id_hash"]) for row in await sessions.fetchall()]
    keys = await conn.execute("DELETE FROM api_key WHERE account = %s RETURNING digest", (account,))
    for row in await keys.fetchall():
        await conn.execute("SELECT pg_notify(%s, %s)", (KEY_CHANGES, bytes(row["digest"]).hex()))
    for step in _ENDS_AT_ONCE:
        await conn.execute(step, {"account": account, "principal": f"account:{account}"})
    return ended
