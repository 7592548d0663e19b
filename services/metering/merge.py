"""How a guest becomes an account: what is carried, and the tombstone that stays. Pure, as every decision.

At most `carried_pages` pages (one, by default) are taken over in one window of the account, all by the first merge that
carries any; they keep their grant's time and end. A window that runs is not moved: it began with the account's first
grant. Where none runs, the carried grant opens it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.metering.content import Content
from services.metering.ledger import Changes, Entry, EntryKind, Grant
from services.metering.news import PageViewed, PlanChanged
from services.metering.policy import Policy
from services.metering.reader import Reader, quota_of
from services.metering.window import window_from


@dataclass(frozen=True, slots=True)
class Merge:
    """A guest that signs in, and all that the merge depends on."""

    guest: Reader
    account: Reader
    now: datetime
    policy: Policy
    policy_version: int
    guest_grants: Sequence[Grant]
    """All of the guest's grants."""
    account_reads: Collection[Content]
    """What the account may read already at this time."""
    request_id: str
    actor: str


def merge(given: Merge) -> tuple[Reader, Grant | None, Changes]:
    """Give the account after the merge, the first page it carries (if any), and what is to be written."""
    moment = max(given.account.time(given.now), given.guest.time(given.now))
    account = given.account.at(moment, given.policy)
    changes = Changes()
    first: Grant | None = None
    for page in _to_carry(given, account, moment):
        account, grant = _carry(given, account, page, moment)
        first = first or grant
        changes.grants.append(grant)
        changes.entries.append(_carry_entry(given, account, grant, moment))
        changes.news.append(_viewed(given, account, grant))
    account = replace(account, last_at=moment)
    guest = replace(given.guest, merged_into=account.principal, last_at=moment)
    changes.readers.update({guest.principal: guest, account.principal: account})
    changes.entries.append(
        Entry(
            guest,
            EntryKind.MERGE,
            moment,
            given.policy_version,
            given.actor,
            request_id=given.request_id,
            other=account.principal,
        )
    )
    changes.news.append(PlanChanged(account.principal, account.tier, account.tier, moment, guest.principal))
    return account, first, changes


def _to_carry(given: Merge, account: Reader, moment: datetime) -> list[Grant]:
    rule = given.policy.tiers[account.tier]
    if account.carried:
        return []
    pages = sorted(given.guest_grants, key=lambda grant: (grant.at, grant.content))
    live = [
        page
        for page in pages
        if page.until > moment
        and page.content not in given.account_reads
        and (account.window is not None or window_from(page.at, rule.window_seconds).end > moment)
    ]
    return live[: rule.carried_pages]


def _carry(given: Merge, account: Reader, page: Grant, moment: datetime) -> tuple[Reader, Grant]:
    window = account.window or window_from(page.at, given.policy.tiers[account.tier].window_seconds)
    after = replace(account, window=window, used=account.used + 1, carried=account.carried + 1, last_at=moment)
    grant = replace(
        page,
        principal=after.principal,
        window_no=after.window_no,
        carried=True,
        request_id="",
        tier=after.tier,
        limit=after.limit(given.policy.tiers[after.tier]),
        used=after.used,
        window=window,
        policy_version=given.policy_version,
    )
    return after, grant


def _carry_entry(given: Merge, account: Reader, grant: Grant, moment: datetime) -> Entry:
    return Entry(
        account, EntryKind.CARRY, moment, given.policy_version, given.actor,
        pages=1, limit=grant.limit, content=grant.content, request_id=given.request_id, other=given.guest.principal,
    )  # fmt: skip


def _viewed(given: Merge, account: Reader, grant: Grant) -> PageViewed:
    remaining = quota_of(account, given.policy, given.policy_version).remaining
    return PageViewed(account.principal, account.tier, grant.content, grant.at, grant.until, True, remaining)
