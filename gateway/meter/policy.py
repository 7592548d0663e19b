"""The reading policy as the gateway draws it: versions of metering's policy, turned into views of pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from codingahead.metering.v1 import metering_pb2 as pb
from codingahead.metering.v1 import metering_pb2_grpc

from gateway.meter.decision import TIERS, Decision, Outcome
from gateway.view import SECTIONS, LockReason, OfficialText, PageView, SectionView, Tier, Visibility
from gateway.web.links import LICENSED_SYSTEMS
from shared.errors import DeadlineExceeded, Unavailable
from shared.rpc.client import invoke

VISIBILITIES = {
    pb.VISIBILITY_FULL: Visibility.FULL,
    pb.VISIBILITY_FIRST_SENTENCE: Visibility.FIRST_SENTENCE,
    pb.VISIBILITY_LOCKED: Visibility.LOCKED,
}
LOCKS = {
    pb.LOCK_REASON_REGISTER: LockReason.REGISTER,
    pb.LOCK_REASON_WAIT_OR_UPGRADE: LockReason.WAIT_OR_UPGRADE,
    pb.LOCK_REASON_SIGN_IN: LockReason.SIGN_IN,
    pb.LOCK_REASON_ACCEPT_LICENCE: LockReason.ACCEPT_LICENCE,
}
KEPT_VIEWS = 10_000


class Policies:
    """Versions of the policy, fetched once each, and the views that follow from them."""

    def __init__(
        self, stub: metering_pb2_grpc.MeteringServiceAsyncStub, token: Callable[[], str], patience: float
    ) -> None:
        """Take the stub, the gateway's own internal token and the longest wait in seconds."""
        self._stub = stub
        self._token = token
        self._patience = patience
        self._versions: dict[int, pb.Policy] = {}
        self._newest = 0
        self._views: dict[tuple[object, ...], PageView] = {}
        self._lock = asyncio.Lock()

    async def version(self, version: int) -> pb.Policy:
        """Give a version; 0 for the newest one heard of. Unavailable when it was never heard and metering is away."""
        known = self._versions.get(version or self._newest)
        return known if known is not None else await self._fetch(version)

    async def refresh(self) -> None:
        """Fetch the version in force."""
        await self._fetch(0)

    @property
    def newest(self) -> int:
        """The newest version heard of; 0 when metering has been away since the start."""
        return self._newest

    @property
    def register_pages(self) -> int:
        """Pages that a free account adds; 0 when they are unlimited or not known."""
        policy = self._versions.get(self._newest)
        tiers = policy.tiers if policy is not None else ()
        return next((rule.pages for rule in tiers if TIERS[rule.tier] is Tier.FREE), 0)

    async def _fetch(self, version: int) -> pb.Policy:
        async with self._lock:
            known = self._versions.get(version)
            if known is not None:  # fetched for another reader while this one waited
                return known
            response = await invoke(
                self._stub.GetPolicy, pb.GetPolicyRequest(version=version), timeout=self._patience, token=self._token()
            )
        policy = response.policy
        self._versions[policy.version] = policy
        self._newest = max(self._newest, policy.version)
        return policy

    async def view(self, system: str, decision: Decision, *, signed_in: bool) -> PageView:
        """Give what a reader sees of a page of a code system after a decision."""
        policy = await self._policy_of(decision)
        if policy is None:
            return unheard_view(system, decision.quota.tier)
        quota = decision.quota
        until = day_after(quota.window_end) if not decision.granted else None
        official = _official_text(policy, system, quota.accepted_licences, signed_in=signed_in)
        away = decision.metering_away and not decision.granted
        capped = decision.outcome is Outcome.NETWORK_CAP
        key = (policy.version, quota.tier, decision.granted, until, official, away, capped)
        view = self._views.get(key)
        if view is None:
            view = _view(policy, decision, until, official)
            if len(self._views) >= KEPT_VIEWS:
                self._views.clear()
            self._views[key] = view
        return view

    async def _policy_of(self, decision: Decision) -> pb.Policy | None:
        """The policy of a decision, else the newest one heard of; None when metering has been away since the start."""
        known = self._versions.get(decision.quota.policy_version)
        if known is None and not decision.metering_away:
            try:
                known = await self._fetch(decision.quota.policy_version)
            except (Unavailable, DeadlineExceeded):
                known = None  # it went away between the decision and this question
        return known or self._versions.get(self._newest)


def unheard_view(system: str, tier: Tier) -> PageView:
    """Give what stays open while no policy is known: what the public domain and our own first sentence allow."""
    open_parts = {"official": Visibility.FULL, "common": Visibility.FIRST_SENTENCE}
    return PageView(
        tier=tier,
        granted=False,
        sections=tuple(
            SectionView(section, open_parts[section])
            if section in open_parts
            else SectionView(section, Visibility.LOCKED, LockReason.METERING_AWAY)
            for section in SECTIONS
        ),
        official_text=OfficialText.SIGN_IN if system in LICENSED_SYSTEMS else OfficialText.SHOWN,
        policy_version=0,
    )


def _official_text(
    policy: pb.Policy, system: str, accepted_licences: tuple[str, ...], *, signed_in: bool
) -> OfficialText:
    """Whether the official text of a code system may appear for a reader."""
    rule = next((rule for rule in policy.official_texts if rule.system == system), None)
    if rule is None or rule.audience == pb.OFFICIAL_TEXT_AUDIENCE_PUBLIC:
        return OfficialText.SHOWN
    if rule.audience != pb.OFFICIAL_TEXT_AUDIENCE_LICENSED_READERS:
        return OfficialText.NEVER
    if not signed_in:
        return OfficialText.SIGN_IN
    return OfficialText.SHOWN if rule.licence in accepted_licences else OfficialText.ACCEPT_LICENCE


def _view(policy: pb.Policy, decision: Decision, until: datetime | None, official: OfficialText) -> PageView:
    tier = decision.quota.tier
    rule = next(rule for rule in policy.tiers if TIERS[rule.tier] is tier)
    sections = (rule.granted if decision.granted else rule.without_views).sections
    return PageView(
        tier=tier,
        granted=decision.granted,
        sections=tuple(_section(section, decision) for section in sections),
        official_text=official,
        policy_version=policy.version,
        without_views_until=until,
    )


def _section(rule: pb.SectionRule, decision: Decision) -> SectionView:
    visibility = VISIBILITIES[rule.visibility]
    if visibility is not Visibility.LOCKED:
        return SectionView(rule.section, visibility)
    if decision.metering_away and not decision.granted:
        return SectionView(rule.section, visibility, LockReason.METERING_AWAY)
    if decision.outcome is Outcome.NETWORK_CAP:
        return SectionView(rule.section, visibility, LockReason.SIGN_IN)
    return SectionView(rule.section, visibility, LOCKS.get(rule.lock_reason))


def day_after(moment: datetime | None) -> datetime | None:
    """Give the first midnight (UTC) at which a window has ended: to the day, so that few different pages are drawn."""
    if moment is None:
        return None
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if midnight == moment else midnight + timedelta(days=1)
