"""How one page view is decided, from state alone. Reads nothing, writes nothing, knows no clock."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from services.metering.content import Content
from services.metering.ledger import Grant
from services.metering.policy import Policy, Tier
from services.metering.reader import Quota, Reader, quota_of
from services.metering.window import window_from
from shared.errors import Conflict


class Outcome(StrEnum):
    """How a decision came out."""

    __hash__ = str.__hash__  # as fast as text, for the keys of hot paths

    GRANTED = "granted"
    ALREADY_GRANTED = "already-granted"
    QUOTA_EXCEEDED = "quota-exceeded"
    NETWORK_CAP = "network-cap"
    GUEST_MERGED = "guest-merged"


class PageView(NamedTuple):
    """One page view to decide."""

    principal: str
    content: Content
    request_id: str = ""
    network: str = ""
    """Keyed hash of a guest's network."""


class Situation(NamedTuple):
    """All that a decision depends on."""

    reader: Reader
    now: datetime
    """The clock's time; the decision is taken at `reader.time(now)`."""
    policy: Policy
    policy_version: int
    newest: Grant | None = None
    """The grant of this content that ends last, ended or not."""
    earlier: Grant | None = None
    """The grant that a decision with the same request id made."""
    network_guests: int = 0
    """First grants of new guests of the reader's network on this UTC day."""


class Decision(NamedTuple):
    """An answer, and what it changes."""

    outcome: Outcome
    quota: Quota
    grant: Grant | None = None
    """The grant under which the page may be read."""
    reader: Reader | None = None
    """The reader after the decision, when something must be written."""
    new_guest: bool = False
    """Whether the grant counts against the network's cap."""

    @property
    def changes(self) -> bool:
        """Whether the decision holds only once it is written."""
        return self.reader is not None


def decide(view: PageView, given: Situation) -> Decision:
    """Decide one page view; Conflict when its request id was used for other content.

    A repeat of the request that made a grant gets that grant's answer, even when it has ended since. A repeat of a
    refused request is decided anew: nothing was counted.
    """
    if given.earlier is not None and given.earlier.content != view.content:
        raise Conflict("REQUEST_ID_REUSED", "request_id: it was used before for another page; make a new one.")
    moment = given.reader.time(given.now)
    reader = given.reader.at(moment, given.policy)
    repeated = given.earlier or _repeated(view, given.newest)
    if repeated is not None:
        seconds = given.policy.tiers[repeated.tier].window_seconds
        return Decision(Outcome.GRANTED, repeated.first_quota(seconds, reader.licences), repeated)
    quota = quota_of(reader, given.policy, given.policy_version)
    if reader.merged_into:
        return Decision(Outcome.GUEST_MERGED, quota)
    if given.newest is not None and given.newest.at <= moment < given.newest.until:
        return Decision(Outcome.ALREADY_GRANTED, quota, given.newest)
    if quota.remaining == 0:
        refused = None if reader.limit_reached else replace(reader, limit_reached=True, last_at=moment)
        return Decision(Outcome.QUOTA_EXCEEDED, quota, reader=refused)
    new_guest = reader.tier is Tier.GUEST and reader.never_granted
    if new_guest and given.network_guests >= given.policy.network_guests_per_day:
        return Decision(Outcome.NETWORK_CAP, quota)
    return _granted(view, given, reader, moment, new_guest=new_guest)


def _repeated(view: PageView, newest: Grant | None) -> Grant | None:
    return newest if newest is not None and view.request_id and newest.request_id == view.request_id else None


def _granted(view: PageView, given: Situation, reader: Reader, moment: datetime, *, new_guest: bool) -> Decision:
    window = reader.window or window_from(moment, given.policy.tiers[reader.tier].window_seconds)
    after = replace(reader, window=window, used=reader.used + 1, last_at=moment)
    quota = quota_of(after, given.policy, given.policy_version)
    grant = Grant(
        principal=view.principal,
        content=view.content,
        at=moment,
        until=window.end,
        window_no=after.window_no,
        carried=False,
        request_id=view.request_id,
        tier=after.tier,
        limit=quota.limit,
        used=after.used,
        window=window,
        policy_version=given.policy_version,
    )
    return Decision(Outcome.GRANTED, quota, grant, after, new_guest)
