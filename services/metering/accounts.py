"""What happens to readers besides page views, each inside a transaction of the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.metering import corrections
from services.metering.content import Content
from services.metering.corrections import Correction
from services.metering.ledger import Changes, Grant
from services.metering.merge import Merge, merge
from services.metering.policy import Tier
from services.metering.reader import ACCOUNT, GUEST, Quota, Reader, new_reader, quota_of
from services.metering.store import GrantsPage, Transaction
from shared.errors import FailedPrecondition, InvalidInput

LARGEST_COUNT = 1_000_000
MOST_COUNTERS = 100


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did."""

    carried: Content | None
    already: bool
    quota: Quota


@dataclass(frozen=True, slots=True)
class Usage:
    """One reader's quota, grants and counters."""

    quota: Quota
    page: GrantsPage
    counters: Mapping[str, int]


async def merge_guest(tx: Transaction, guest_id: str, account_id: str, request_id: str, actor: str) -> Merged:
    """Carry a guest into an account, once; later merges of the same guest change nothing."""
    guest_name, account_name = f"{GUEST}:{guest_id}", f"{ACCOUNT}:{account_id}"
    await tx.lock([guest_name, account_name])
    guest, account = await tx.reader(guest_name), await tx.reader(account_name)
    in_force, now = await tx.policy(), await tx.now()
    if guest.merged_into:
        account = account.at(account.time(now), in_force.policy)
        return Merged(None, True, quota_of(account, in_force.policy, in_force.version))
    grants = await tx.grants(guest_name)
    moment = max(account.time(now), guest.time(now))
    readable = await tx.readable(account_name, {grant.content for grant in grants}, moment)
    given = Merge(guest, account, now, in_force.policy, in_force.version, grants, readable, request_id, actor)
    account, carried, changes = merge(given)
    await tx.save(changes)
    quota = quota_of(account, in_force.policy, in_force.version)
    return Merged(carried.content if carried else None, False, quota)


async def set_plan(
    tx: Transaction, principal: str, tier: Tier, monthly_quota: int | None, *, request_id: str, actor: str, note: str
) -> Quota:
    """Put a reader under another plan, from its next decision on."""
    given = await _correction(tx, principal, request_id, actor, note)
    return await _saved(tx, given, corrections.set_plan(given, tier, monthly_quota))


async def credit(tx: Transaction, principal: str, pages: int, *, request_id: str, actor: str, note: str) -> Quota:
    """Add pages, or take unread ones away."""
    given = await _correction(tx, principal, request_id, actor, note)
    return await _saved(tx, given, corrections.credit(given, pages))


async def record_served(
    tx: Transaction, principal: str, content: Content, served_at: datetime, *, request_id: str, actor: str
) -> Grant | None:
    """Record a page that was served while metering was away; None when it was recorded or granted before."""
    given = await _correction(tx, principal, request_id, actor, "served while metering was away")
    if await tx.recorded(principal, request_id) or await tx.readable(principal, {content}, served_at):
        return None
    if given.policy.tiers[await tx.tier_at(given.reader, served_at)].pages is not None:
        raise FailedPrecondition("PLAN_LIMITED", f"{principal} had no unlimited plan at {served_at.isoformat()}.")
    _, changes = corrections.record_served(given, content, served_at)
    await tx.save(changes)
    return changes.grants[0]


async def usage(tx: Transaction, principal: str, size: int, after: tuple[datetime, Content] | None) -> Usage:
    """Give the plan, window, counters and grants of one reader, as of this moment."""
    new_reader(principal)
    reader, in_force = await tx.reader(principal), await tx.policy()
    reader = reader.at(reader.time(await tx.now()), in_force.policy)
    page = await tx.grants_page(reader, size, after)
    return Usage(quota_of(reader, in_force.policy, in_force.version), page, await tx.counters(reader))


async def count(tx: Transaction, principal: str, amounts: Mapping[str, int]) -> dict[str, int]:
    """Add to counters that are not page views, in the reader's window or month."""
    if not 1 <= len(amounts) <= MOST_COUNTERS:
        raise InvalidInput("COUNTERS_INVALID", f"counters: 1 to {MOST_COUNTERS}, each named once, are needed.")
    for name, amount in amounts.items():
        if not 1 <= len(name) <= 80 or not name.isprintable() or not 1 <= amount <= LARGEST_COUNT:
            raise InvalidInput(
                "COUNTERS_INVALID",
                f"counters: {name[:80]!r} needs a name of 1 to 80 characters and 1 to {LARGEST_COUNT}.",
            )
    await tx.lock([principal])
    kept, in_force = await tx.reader(principal), await tx.policy()
    reader = kept.at(kept.time(await tx.now()), in_force.policy)
    if reader != kept:
        await tx.save(Changes(readers={principal: reader}))
    return await tx.count(reader, dict(amounts))


async def accept_licence(tx: Transaction, principal: str, licence: str, terms_edition: str) -> datetime:
    """Record that a signed-in reader accepted a licence's terms; gives when it accepted the licence first."""
    licences = {rule.licence for rule in (await tx.policy()).policy.official_texts.values()} - {""}
    if licence not in licences:
        known = ", ".join(sorted(licences)) or "none"
        raise InvalidInput("LICENCE_UNKNOWN", f"licence: {licence[:80]!r} is not in the policy, which names {known}.")
    if not 1 <= len(terms_edition) <= 80 or not terms_edition.isprintable():
        raise InvalidInput("TERMS_EDITION_INVALID", "terms_edition: 1 to 80 characters that name the terms shown.")
    if new_reader(principal).tier is Tier.GUEST:
        raise FailedPrecondition("SIGN_IN_NEEDED", "Only a signed-in reader can accept a licence's terms.")
    await tx.lock([principal])
    return await tx.accept_licence(principal, licence, terms_edition)


async def _correction(tx: Transaction, principal: str, request_id: str, actor: str, note: str) -> Correction:
    new_reader(principal)
    await tx.lock([principal])
    reader, in_force = await tx.reader(principal), await tx.policy()
    return Correction(reader, await tx.now(), in_force.policy, in_force.version, request_id, actor, note)


async def _saved(tx: Transaction, given: Correction, result: tuple[Reader, Changes]) -> Quota:
    reader, changes = result
    await tx.save(changes)
    return quota_of(reader, given.policy, given.policy_version)
