"""Changes of plan, credits, and pages served while metering was away. Pure, as every decision."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.metering.content import Content
from services.metering.ledger import Changes, Entry, EntryKind, Grant
from services.metering.news import PageViewed, PlanChanged
from services.metering.policy import Policy, Tier
from services.metering.reader import GUEST, PARTNER, Reader
from services.metering.window import Window, window_from
from shared.errors import FailedPrecondition, InvalidInput

LARGEST_CREDIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Correction:
    """Whose standing is changed, when, under which policy, and by whom."""

    reader: Reader
    now: datetime
    policy: Policy
    policy_version: int
    request_id: str
    actor: str
    note: str


def set_plan(given: Correction, tier: Tier, monthly_quota: int | None) -> tuple[Reader, Changes]:
    """Give the reader under another plan. Pages granted before stay readable to their end.

    The window runs on, with what was used in it, unless one plan counts from the first grant and the other by calendar
    month: then it is closed and the next one begins under the new plan.
    """
    _check_plan(given.reader, tier, monthly_quota)
    moment = given.reader.time(given.now)
    before = given.reader.at(moment, given.policy)
    after = replace(before, tier=tier, monthly_quota=monthly_quota, last_at=moment)
    if given.policy.tiers[tier].monthly != given.policy.tiers[before.tier].monthly:
        after = after.close_window()
    after = after.at(moment, given.policy)
    entry = Entry(
        after, EntryKind.PLAN, moment, given.policy_version, given.actor,
        limit=after.limit(given.policy.tiers[tier]), tier_before=before.tier,
        request_id=given.request_id, note=given.note,
    )  # fmt: skip
    known = None if given.reader.last_at is None else before.tier
    news = PlanChanged(after.principal, known, tier, moment)
    return after, Changes(readers={after.principal: after}, entries=[entry], news=[news])


def credit(given: Correction, pages: int) -> tuple[Reader, Changes]:
    """Give the reader with pages added, or with at most its unread pages taken away.

    Credits count in the window that runs, else in the one that opens next.
    """
    if pages == 0 or abs(pages) > LARGEST_CREDIT:
        raise InvalidInput("CREDIT_INVALID", f"pages: between 1 and {LARGEST_CREDIT}, or the same taken away.")
    if not given.note.strip():
        raise InvalidInput("NOTE_MISSING", "note: say why, for the ledger.")
    moment = given.reader.time(given.now)
    reader = given.reader.at(moment, given.policy)
    if reader.merged_into:
        raise FailedPrecondition("GUEST_MERGED", f"{reader.principal} was merged into an account; credit the account.")
    limit = reader.limit(given.policy.tiers[reader.tier])
    if limit is None:
        raise FailedPrecondition("PLAN_UNLIMITED", f"{reader.principal} reads without a limit; a credit has no effect.")
    pages = max(pages, -max(0, limit - reader.used))
    after = replace(reader, credits=reader.credits + pages, last_at=moment)
    entry = Entry(
        after, EntryKind.CREDIT, moment, given.policy_version, given.actor,
        pages=pages, limit=limit + pages, request_id=given.request_id, note=given.note,
    )  # fmt: skip
    news = PlanChanged(after.principal, after.tier, after.tier, moment)
    return after, Changes(readers={after.principal: after}, entries=[entry], news=[news])


def record_served(given: Correction, content: Content, served_at: datetime) -> tuple[Reader, Changes]:
    """Give an unlimited reader with a page that was served while metering was away.

    The grant has the time of the reading, but lies neither in the future nor before the window that runs; where none
    runs, the page opens it.
    """
    moment = given.reader.time(given.now)
    reader = given.reader.at(moment, given.policy)
    served_at = min(served_at, moment)
    window = reader.window or _window_of(served_at, moment, given.policy.tiers[reader.tier].window_seconds)
    at = max(served_at, window.start)
    after = replace(reader, window=window, used=reader.used + 1, last_at=moment)
    limit = after.limit(given.policy.tiers[after.tier])
    grant = Grant(
        after.principal, content, at, window.end, after.window_no, False, given.request_id,
        after.tier, limit, after.used, window, given.policy_version,
    )  # fmt: skip
    entry = Entry(
        after, EntryKind.GRANT, at, given.policy_version, given.actor,
        pages=1, limit=limit, content=content, request_id=given.request_id, note=given.note,
    )  # fmt: skip
    news = PageViewed(after.principal, after.tier, content, at, window.end, False, None)
    return after, Changes(readers={after.principal: after}, grants=[grant], entries=[entry], news=[news])


def _window_of(served_at: datetime, moment: datetime, seconds: int) -> Window:
    window = window_from(served_at, seconds)
    return window if window.end > moment else window_from(moment, seconds)


def _check_plan(reader: Reader, tier: Tier, monthly_quota: int | None) -> None:
    kind = reader.principal.partition(":")[0]
    if kind == GUEST or tier is Tier.GUEST:
        raise InvalidInput("PLAN_INVALID", "principal: guests have no plan; name an account or a partner.")
    if kind == PARTNER and tier is not Tier.PARTNER:
        raise InvalidInput("PLAN_INVALID", "tier: the plan of a partner is partner.")
    if monthly_quota is not None and (tier is not Tier.PARTNER or monthly_quota < 0):
        raise InvalidInput(
            "PLAN_INVALID", "monthly_quota: a number of pages from 0, for the partner tier; leave it out otherwise."
        )
