"""Where one reader stands: tier, window, counters. Pure values; every change gives a new one."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from services.metering.policy import Policy, Tier, TierRule
from services.metering.window import Window, month_of
from shared.errors import InvalidInput

GUEST, ACCOUNT, PARTNER = "guest", "account", "partner"
LONGEST_ID = 255


@dataclass(frozen=True, slots=True)
class Reader:
    """A guest, account or partner, as of its newest change."""

    principal: str
    """Kind and id, e.g. "account:4711"."""
    tier: Tier
    monthly_quota: int | None = None
    """A partner's own quota; None for the policy's."""
    window_no: int = 0
    """Counts the windows; grants, ledger entries and counters carry it."""
    window: Window | None = None
    """None before the first grant of a window; a monthly tier always has one."""
    used: int = 0
    """Pages granted in the window, carried ones included."""
    carried: int = 0
    credits: int = 0
    limit_reached: bool = False
    """Whether a page was refused in this window."""
    merged_into: str = ""
    """The account that took over this guest."""
    last_at: datetime | None = None
    """Time of the newest change; nothing is decided at an earlier time."""
    licences: tuple[str, ...] = ()
    revision: int = field(default=0, compare=False)
    """Another one after every change that is kept; 0 when nothing is kept of the reader."""

    @property
    def never_granted(self) -> bool:
        """Whether no page was ever granted: a new guest counts against its network's cap."""
        return self.window_no == 0 and self.used == 0

    def time(self, now: datetime) -> datetime:
        """Give the time at which to decide: the clock's, or the newest change when the clock was stepped back."""
        return now if self.last_at is None or now > self.last_at else self.last_at

    def at(self, moment: datetime, policy: Policy) -> "Reader":
        """Give the reader at `moment` (from `time`): a window that has ended is closed, a month is opened."""
        window = self.window
        ended = window is not None and moment >= window.end
        if not ended and (window is not None or not policy.tiers[self.tier].monthly):
            return self
        reader = self.close_window() if ended else self
        return replace(reader, window=month_of(moment)) if policy.tiers[self.tier].monthly else reader

    def close_window(self) -> "Reader":
        """Give the reader before the first grant of its next window."""
        return replace(
            self, window_no=self.window_no + 1, window=None, used=0, carried=0, credits=0, limit_reached=False
        )

    def limit(self, rule: TierRule) -> int | None:
        """Give the pages that the window allows, carried pages and credits included; None when unlimited."""
        pages = rule.pages
        if self.tier is Tier.PARTNER and self.monthly_quota is not None:
            pages = self.monthly_quota
        return None if pages is None else max(0, pages + self.carried + self.credits)


class Quota(NamedTuple):
    """Where a reader stands in its window."""

    tier: Tier
    limit: int | None
    used: int
    window: Window | None
    policy_version: int
    window_seconds: int
    licences: tuple[str, ...] = ()

    @property
    def remaining(self) -> int | None:
        """Pages still unread; None when unlimited."""
        return None if self.limit is None else max(0, self.limit - self.used)


def quota_of(reader: Reader, policy: Policy, version: int) -> Quota:
    """Give the quota of a reader that was brought to its time."""
    rule = policy.tiers[reader.tier]
    return Quota(
        reader.tier, reader.limit(rule), reader.used, reader.window, version, rule.window_seconds, reader.licences
    )


def new_reader(principal: str) -> Reader:
    """Give the reader that a principal is before anything was recorded of it; InvalidInput when it reads no pages."""
    kind, _, name = principal.partition(":")
    tier = _FIRST_TIERS.get(kind)
    if tier is None or not 1 <= len(name) <= LONGEST_ID or not name.isprintable():
        raise InvalidInput(
            "PRINCIPAL_INVALID",
            f"principal: {principal[:80]!r} is none of guest:ID, account:SUBJECT and partner:ID"
            f" with 1 to {LONGEST_ID} printable characters.",
        )
    return Reader(principal, tier)


_FIRST_TIERS = {GUEST: Tier.GUEST, ACCOUNT: Tier.FREE, PARTNER: Tier.PARTNER}
