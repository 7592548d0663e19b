"""What is kept for good: grants, the ledger's entries, and the changes that one transaction writes together.

The ledger is append-only. For every reader and window, its `grant` and `carry` entries equal the grants and the counter
of used pages, and its `credit` entries add up to the credits.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.metering.content import Content
from services.metering.news import News
from services.metering.policy import Tier
from services.metering.reader import Quota, Reader
from services.metering.window import Window


class EntryKind(StrEnum):
    """What a ledger entry records."""

    GRANT = "grant"
    """A page was opened."""
    CARRY = "carry"
    """A guest's page was taken over by an account."""
    CREDIT = "credit"
    """Pages were added, or unread ones taken away."""
    PLAN = "plan"
    """The tier or the quota changed."""
    MERGE = "merge"
    """A guest became an account; this is its last entry."""
    FORGET = "forget"
    """A guest's rows were removed after their retention; `pages` says how many grants went."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One page that a reader may read, with the answer that was given first."""

    principal: str
    content: Content
    at: datetime
    until: datetime
    """Exclusive."""
    window_no: int
    carried: bool
    request_id: str
    """Of the decision; empty for a carried page."""
    tier: Tier
    limit: int | None
    used: int
    """Pages used after this one."""
    window: Window
    policy_version: int

    def first_quota(self, window_seconds: int, licences: tuple[str, ...]) -> Quota:
        """Give the quota that was answered first, for a repeat of the same request."""
        return Quota(self.tier, self.limit, self.used, self.window, self.policy_version, window_seconds, licences)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the ledger."""

    reader: Reader
    """The reader after the change that the entry records."""
    kind: EntryKind
    at: datetime
    policy_version: int
    actor: str
    pages: int = 0
    limit: int | None = None
    content: Content | None = None
    tier_before: Tier | None = None
    request_id: str = ""
    other: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """What one transaction writes: all of it or nothing."""

    readers: dict[str, Reader] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    network_guests: dict[str, int] = field(default_factory=dict)
    """First grants to add to the day's count, by network."""
    news: list[News] = field(default_factory=list)
