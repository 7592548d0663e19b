"""What metering publishes (its news, keyed by principal) and what it hears (deleted accounts)."""

from __future__ import annotations

from datetime import datetime

from codingahead.gateway.v1 import events_pb2 as gateway_events
from codingahead.metering.v1 import events_pb2, metering_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from services.metering.adapters.forgetting import forget
from services.metering.news import LimitReached, News, PageViewed, PlanChanged, PolicyChanged
from services.metering.policy import Tier
from services.metering.reader import ACCOUNT
from shared.database import Connection
from shared.events.event import Event
from shared.events.failure import PermanentFailure

SOURCE = "/metering"
PAGE_VIEWED = "metering.page-viewed"
LIMIT_REACHED = "metering.limit-reached"
PLAN_CHANGED = "metering.plan-changed"
POLICY_CHANGED = "metering.policy-changed"
ACCOUNT_DELETED = "gateway.account-deleted"
GROUP = "metering"
"""The group of effect consumers in which metering hears."""

TIERS: dict[Tier, metering_pb2.Tier.ValueType] = {
    Tier.GUEST: metering_pb2.TIER_GUEST,
    Tier.FREE: metering_pb2.TIER_FREE,
    Tier.PRO: metering_pb2.TIER_PRO,
    Tier.PARTNER: metering_pb2.TIER_PARTNER,
}


def timestamp(moment: datetime) -> Timestamp:
    """Give an aware time as a message."""
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def event_of(news: News) -> Event:
    """Give the event that tells a piece of news."""
    match news:
        case PageViewed():
            message = events_pb2.PageViewed(
                principal=news.principal,
                tier=TIERS[news.tier],
                content=metering_pb2.ContentKey(system=news.content.system, code=news.content.code),
                granted_at=timestamp(news.granted_at),
                granted_until=timestamp(news.granted_until),
                carried=news.carried,
                remaining=news.remaining,
            )
            return Event.of(topic=PAGE_VIEWED, key=news.principal, message=message, source=SOURCE, time=news.granted_at)
        case LimitReached():
            reached = events_pb2.LimitReached(
                principal=news.principal,
                tier=TIERS[news.tier],
                limit=news.limit,
                window_end=timestamp(news.window_end) if news.window_end else None,
            )
            return Event.of(topic=LIMIT_REACHED, key=news.principal, message=reached, source=SOURCE, time=news.at)
        case PlanChanged():
            return _plan_changed(news)
        case PolicyChanged():
            changed = events_pb2.PolicyChanged(version=news.version, effective_at=timestamp(news.effective_at))
            return Event.of(topic=POLICY_CHANGED, key="policy", message=changed, source=SOURCE, time=news.effective_at)


def _plan_changed(news: PlanChanged) -> Event:
    message = events_pb2.PlanChanged(
        principal=news.principal,
        before=TIERS[news.before] if news.before else metering_pb2.TIER_UNSPECIFIED,
        after=TIERS[news.after],
        changed_at=timestamp(news.changed_at),
        merged_guest=news.merged_guest,
    )
    return Event.of(topic=PLAN_CHANGED, key=news.principal, message=message, source=SOURCE, time=news.changed_at)


async def hear(conn: Connection, event: Event) -> None:
    """Honour one event, in the transaction given: a deleted account is forgotten."""
    deleted = event.parse(gateway_events.AccountDeleted)
    if not deleted.account_id:
        raise PermanentFailure("the event names no account")
    await forget(conn, f"{ACCOUNT}:{deleted.account_id}")
