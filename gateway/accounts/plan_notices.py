"""Tells a reader of another plan, whoever set it: an operator, a payment, the checkout of one machine.

Metering says so once in an event; the mail is written down with the note that the event was heard, so that it goes out
once however often the event comes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from codingahead.metering.v1 import events_pb2
from codingahead.metering.v1.metering_pb2 import TIER_FREE, TIER_UNSPECIFIED

from gateway.accounts.deleted import is_deleted
from gateway.accounts.notices import Notices
from gateway.meter.decision import TIERS
from gateway.view import PLAN_NAMES
from shared.database import Connection
from shared.events.event import Event
from shared.identity import Kind
from shared.mail import WaitingMails

TOPIC = "metering.plan-changed"
NEWS = timedelta(days=2)
"""What is older is no news: a group of consumers that begins to hear hears the past as well."""

AddressOf = Callable[[str], Awaitable[str]]
"""Gives the address of an account (its id), empty where nobody names one; Unavailable to be asked again."""


class PlanNotices:
    """Writes them."""

    def __init__(self, mails: WaitingMails, notices: Notices, address_of: AddressOf) -> None:
        """Take the gateway's mails, what words them, and who knows addresses."""
        self._mails = mails
        self._notices = notices
        self._address_of = address_of

    async def hear(self, conn: Connection, event: Event) -> None:
        """Write the mail of one event down, in the transaction given."""
        change = event.parse(events_pb2.PlanChanged)
        kind, _, account = change.principal.partition(":")
        before = TIER_FREE if change.before == TIER_UNSPECIFIED else change.before  # an account begins as a free one
        if kind != Kind.ACCOUNT.value or before == change.after or await is_deleted(conn, account):
            return
        if datetime.now(UTC) - change.changed_at.ToDatetime(tzinfo=UTC) > NEWS:
            return
        notice = self._notices.plan_changed(await self._address_of(account), PLAN_NAMES[TIERS[change.after]])
        if notice is not None:
            await self._mails.add(conn, notice)
