"""What metering tells the rest of the platform, as plain values; `events.py` makes messages of them."""

from dataclasses import dataclass
from datetime import datetime

from services.metering.content import Content
from services.metering.policy import Tier


@dataclass(frozen=True, slots=True)
class PageViewed:
    """A page was counted."""

    principal: str
    tier: Tier
    content: Content
    granted_at: datetime
    granted_until: datetime
    carried: bool
    remaining: int | None


@dataclass(frozen=True, slots=True)
class LimitReached:
    """A reader was refused for the first time in a window."""

    principal: str
    tier: Tier
    limit: int
    window_end: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """A plan, credit or merge changed what a principal may read."""

    principal: str
    before: Tier | None
    after: Tier
    changed_at: datetime
    merged_guest: str = ""


@dataclass(frozen=True, slots=True)
class PolicyChanged:
    """A new version of the policy is in force."""

    version: int
    effective_at: datetime


News = PageViewed | LimitReached | PlanChanged | PolicyChanged
