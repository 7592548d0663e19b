"""Metering's values as messages, and back. No rule stands here."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from codingahead.metering.v1 import metering_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from services.metering.content import Content, content_of
from services.metering.cursor import entry_cursor_of
from services.metering.decision import Decision, Outcome, PageView
from services.metering.events import TIERS, timestamp
from services.metering.history import HistoryPage, PastEntry
from services.metering.ledger import EntryKind, Grant
from services.metering.policy import SECTIONS, Audience, LockReason, Policy, SectionRule, Tier, Visibility, policy_of
from services.metering.reader import Quota, new_reader
from services.metering.store import PolicyVersion
from shared.errors import InvalidInput

LONGEST_REQUEST_ID = 200
LONGEST_NETWORK = 128

TIER_OF = {number: tier for tier, number in TIERS.items()}
OUTCOMES: dict[Outcome, pb.Outcome.ValueType] = {
    Outcome.GRANTED: pb.OUTCOME_GRANTED,
    Outcome.ALREADY_GRANTED: pb.OUTCOME_ALREADY_GRANTED,
    Outcome.QUOTA_EXCEEDED: pb.OUTCOME_QUOTA_EXCEEDED,
    Outcome.NETWORK_CAP: pb.OUTCOME_NETWORK_CAP,
    Outcome.GUEST_MERGED: pb.OUTCOME_GUEST_MERGED,
}
VISIBILITIES: dict[Visibility, pb.Visibility.ValueType] = {
    Visibility.FULL: pb.VISIBILITY_FULL,
    Visibility.FIRST_SENTENCE: pb.VISIBILITY_FIRST_SENTENCE,
    Visibility.LOCKED: pb.VISIBILITY_LOCKED,
}
LOCKS: dict[LockReason, pb.LockReason.ValueType] = {
    LockReason.REGISTER: pb.LOCK_REASON_REGISTER,
    LockReason.WAIT_OR_UPGRADE: pb.LOCK_REASON_WAIT_OR_UPGRADE,
    LockReason.SIGN_IN: pb.LOCK_REASON_SIGN_IN,
    LockReason.ACCEPT_LICENCE: pb.LOCK_REASON_ACCEPT_LICENCE,
}
AUDIENCES: dict[Audience, pb.OfficialTextAudience.ValueType] = {
    Audience.PUBLIC: pb.OFFICIAL_TEXT_AUDIENCE_PUBLIC,
    Audience.LICENSED_READERS: pb.OFFICIAL_TEXT_AUDIENCE_LICENSED_READERS,
    Audience.NONE: pb.OFFICIAL_TEXT_AUDIENCE_NONE,
}
ENTRY_KINDS: dict[EntryKind, pb.EntryKind.ValueType] = {
    EntryKind.GRANT: pb.ENTRY_KIND_GRANT,
    EntryKind.CARRY: pb.ENTRY_KIND_CARRY,
    EntryKind.CREDIT: pb.ENTRY_KIND_CREDIT,
    EntryKind.PLAN: pb.ENTRY_KIND_PLAN,
    EntryKind.MERGE: pb.ENTRY_KIND_MERGE,
    EntryKind.FORGET: pb.ENTRY_KIND_FORGET,
}
_VISIBILITY_OF = {number: name for name, number in VISIBILITIES.items()}
_LOCK_OF = {number: name for name, number in LOCKS.items()}
_AUDIENCE_OF = {number: name for name, number in AUDIENCES.items()}

# Times repeat: a reader's window stands in each of its answers.
_stamp = lru_cache(16_384)(timestamp)
# So do readers and pages; what raises is not kept.
_content = lru_cache(65_536)(content_of)


@lru_cache(65_536)
def _first_tier(principal: str) -> Tier:
    return new_reader(principal).tier


def page_view(request: pb.ConsumeRequest, principal: str) -> PageView:
    """Read a page view that a decision is asked for; InvalidInput says which field is wrong."""
    request_id = request.request_id
    check_request_id(request_id)
    return _view(request.content, principal, request.network, request_id)


def peeked_view(request: pb.PeekRequest, principal: str) -> PageView:
    """Read a page view that is only looked at."""
    return _view(request.content, principal, request.network)


def _view(content: pb.ContentKey, principal: str, network: str, request_id: str = "") -> PageView:
    tier = _first_tier(principal)
    if request_id and not network and tier is Tier.GUEST:
        raise InvalidInput("NETWORK_MISSING", "network: the keyed hash of a guest's network is needed.")
    if len(network) > LONGEST_NETWORK or not network.isascii() or (network and not network.isprintable()):
        raise InvalidInput("NETWORK_INVALID", f"network: at most {LONGEST_NETWORK} printable characters.")
    return PageView(principal, _content(content.system, content.code), request_id, network)


def check_request_id(request_id: str) -> None:
    """InvalidInput unless it may be a request id."""
    if not 1 <= len(request_id) <= LONGEST_REQUEST_ID or not request_id.isprintable():
        raise InvalidInput(
            "REQUEST_ID_INVALID", f"request_id: 1 to {LONGEST_REQUEST_ID} printable characters are needed."
        )


@lru_cache(4_096)
def quota_message(quota: Quota) -> pb.Quota:
    """Give where a reader stands; between two grants it stands where it stood. Not to be changed, but copied."""
    window = quota.window
    return pb.Quota(
        tier=TIERS[quota.tier],
        limit=quota.limit,
        remaining=quota.remaining,
        used=quota.used,
        window_start=_stamp(window.start) if window else None,
        window_end=_stamp(window.end) if window else None,
        policy_version=quota.policy_version,
        window_seconds=quota.window_seconds,
        accepted_licences=quota.licences,
    )


def history_message(page: HistoryPage) -> pb.GetHistoryResponse:
    """Give a part of a history."""
    return pb.GetHistoryResponse(
        entries=[_entry_message(entry) for entry in page.entries],
        next_page_token=entry_cursor_of(page.next),
        counters=[pb.WindowCounter(window=one.window_no, name=one.name, value=one.value) for one in page.counters],
        acceptances=[
            pb.LicenceAcceptance(
                licence=one.licence, terms_edition=one.terms_edition, accepted_at=timestamp(one.accepted_at)
            )
            for one in page.acceptances
        ],
    )


def _entry_message(entry: PastEntry) -> pb.LedgerEntry:
    return pb.LedgerEntry(
        kind=ENTRY_KINDS[entry.kind],
        at=timestamp(entry.at),
        pages=entry.pages,
        content=content_message(entry.content) if entry.content else None,
        tier=TIERS[entry.tier],
        tier_before=TIERS[entry.tier_before] if entry.tier_before else pb.TIER_UNSPECIFIED,
        limit=entry.limit,
        used=entry.used,
        note=entry.note,
    )


def consumed(decision: Decision) -> pb.ConsumeResponse:
    """Give the answer to a page view."""
    response = pb.ConsumeResponse()
    write_answer(response, decision)
    return response


def peeked(decision: Decision) -> pb.ConsumeResponse:
    """Give the answer to a look."""
    response = pb.ConsumeResponse()
    write_answer(response, decision, peek=True)
    return response


def write_answer(response: pb.ConsumeResponse, decision: Decision, *, peek: bool = False) -> None:
    """Write the answer to a page view in place; in a look a page that would be granted has no grant yet.

    Composing messages out of messages writes and reads each of them, at several times the cost.
    """
    grant = decision.grant if not (peek and decision.changes) else None
    at, until = (grant.at, grant.until) if grant is not None else (None, None)
    response.MergeFromString(_answer(decision.outcome, decision.quota, at, until))


@lru_cache(16_384)
def _answer(outcome: Outcome, quota: Quota, at: datetime | None, until: datetime | None) -> bytes:
    """Give an answer as it is written; a page that is read again has the answer of the last time."""
    answer = pb.ConsumeResponse(
        outcome=OUTCOMES[outcome],
        quota=quota_message(quota),
        granted_at=_stamp(at) if at else None,
        granted_until=_stamp(until) if until else None,
    )
    return answer.SerializeToString()


def content_message(content: Content) -> pb.ContentKey:
    """Give a content key."""
    return pb.ContentKey(system=content.system, code=content.code)


def grant_message(grant: Grant) -> pb.Grant:
    """Give one page read."""
    return pb.Grant(
        content=content_message(grant.content),
        granted_at=_stamp(grant.at),
        granted_until=_stamp(grant.until),
        carried=grant.carried,
    )


def policy_message(put: PolicyVersion) -> pb.Policy:
    """Give one version of the policy."""
    return pb.Policy(
        version=put.version,
        effective_at=_stamp(put.effective_at),
        tiers=[
            pb.TierRule(
                tier=TIERS[tier],
                pages=put.policy.tiers[tier].pages,
                window_seconds=put.policy.tiers[tier].window_seconds,
                granted=_view_rule(put.policy.tiers[tier].granted),
                without_views=_view_rule(put.policy.tiers[tier].without_views),
                carried_pages=put.policy.tiers[tier].carried_pages,
            )
            for tier in Tier
        ],
        official_texts=[
            pb.OfficialTextRule(system=system, audience=AUDIENCES[rule.audience], licence=rule.licence)
            for system, rule in put.policy.official_texts.items()
        ],
        network_guests_per_day=put.policy.network_guests_per_day,
        note=put.note,
    )


def _view_rule(view: dict[str, SectionRule]) -> pb.ViewRule:
    return pb.ViewRule(
        sections=[
            pb.SectionRule(
                section=section,
                visibility=VISIBILITIES[view[section].show],
                lock_reason=_lock_number(view[section].lock),
            )
            for section in SECTIONS
        ]
    )


def _lock_number(lock: LockReason | None) -> pb.LockReason.ValueType:
    return pb.LOCK_REASON_UNSPECIFIED if lock is None else LOCKS[lock]


def policy_from(message: pb.Policy) -> Policy:
    """Read a policy that is to be put in force; InvalidInput says what is wrong."""
    tiers: dict[str, object] = {}
    for rule in message.tiers:
        tier = TIER_OF.get(rule.tier)
        if tier is None or tier.value in tiers:
            raise InvalidInput("POLICY_INVALID", "tiers: name each of guest, free, pro and partner once.")
        tiers[tier.value] = {
            "pages": rule.pages if rule.HasField("pages") else None,
            "window_seconds": rule.window_seconds,
            "carried_pages": rule.carried_pages,
            "granted": _sections(rule.granted, f"tiers.{tier}.granted"),
            "without_views": _sections(rule.without_views, f"tiers.{tier}.without_views"),
        }
    systems = [rule.system for rule in message.official_texts]
    if len(set(systems)) != len(systems):
        raise InvalidInput("POLICY_INVALID", "official_texts: name each system once.")
    return policy_of(
        {
            "tiers": tiers,
            "official_texts": {
                rule.system: {"audience": _AUDIENCE_OF.get(rule.audience, "unspecified"), "licence": rule.licence}
                for rule in message.official_texts
            },
            "network_guests_per_day": message.network_guests_per_day,
            "note": message.note,
        }
    )


def _sections(view: pb.ViewRule, where: str) -> dict[str, object]:
    rules: dict[str, object] = {}
    for rule in view.sections:
        if rule.section in rules:
            raise InvalidInput("POLICY_INVALID", f"{where}: {rule.section[:40]!r} is named twice.")
        shown = {"show": _VISIBILITY_OF.get(rule.visibility, "unspecified")}
        lock = _LOCK_OF.get(rule.lock_reason)
        rules[rule.section] = shown if lock is None else {**shown, "lock": lock}
    return rules


def moment_of(stamp: Timestamp) -> datetime:
    """Read a time, aware, in UTC; InvalidInput when it is none of ours."""
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise InvalidInput("TIME_INVALID", "A time lies outside of the years 1 to 9999.") from None
