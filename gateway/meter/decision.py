"""A decision of the meter in plain values."""

from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from codingahead.metering.v1 import metering_pb2 as pb

from gateway.view import Tier

KEPT_QUOTAS = 20_000
KEPT_DECISIONS = 20_000

TIERS = {pb.TIER_GUEST: Tier.GUEST, pb.TIER_FREE: Tier.FREE, pb.TIER_PRO: Tier.PRO, pb.TIER_PARTNER: Tier.PARTNER}


class Outcome(StrEnum):
    """How a decision came out."""

    __hash__ = str.__hash__  # as fast as text, for the keys of hot paths

    GRANTED = "granted"
    ALREADY_GRANTED = "already-granted"
    QUOTA_EXCEEDED = "quota-exceeded"
    NETWORK_CAP = "network-cap"
    GUEST_MERGED = "guest-merged"
    NOT_ASKED = "not-asked"


OUTCOMES = {
    pb.OUTCOME_GRANTED: Outcome.GRANTED,
    pb.OUTCOME_ALREADY_GRANTED: Outcome.ALREADY_GRANTED,
    pb.OUTCOME_QUOTA_EXCEEDED: Outcome.QUOTA_EXCEEDED,
    pb.OUTCOME_NETWORK_CAP: Outcome.NETWORK_CAP,
    pb.OUTCOME_GUEST_MERGED: Outcome.GUEST_MERGED,
}


class Quota(NamedTuple):
    """Where a reader stands in its window."""

    tier: Tier
    limit: int | None
    """Pages the window allows; None when unlimited."""
    remaining: int | None
    used: int
    window_end: datetime | None
    window_seconds: int
    """0 for a calendar month."""
    policy_version: int
    accepted_licences: tuple[str, ...] = ()


class Decision(NamedTuple):
    """What the meter says about one page for one reader."""

    outcome: Outcome
    quota: Quota
    granted_until: int | None = None
    """Unix time in seconds, rounded down; None when the page is not granted."""
    metering_away: bool = False

    @property
    def granted(self) -> bool:
        """Whether the page is the reader's now."""
        return self.outcome in (Outcome.GRANTED, Outcome.ALREADY_GRANTED)

    @property
    def refused(self) -> bool:
        """Whether a limit spoke."""
        return self.outcome in (Outcome.QUOTA_EXCEEDED, Outcome.NETWORK_CAP)


def quota_of(message: pb.Quota) -> Quota:
    """Read a quota; the same one is given again while it says the same, as it does between two grants."""
    return _read_quota(message.SerializeToString())


@lru_cache(KEPT_QUOTAS)
def _read_quota(serialized: bytes) -> Quota:
    message = pb.Quota.FromString(serialized)
    return Quota(
        tier=TIERS[message.tier],
        limit=message.limit if message.HasField("limit") else None,
        remaining=message.remaining if message.HasField("remaining") else None,
        used=message.used,
        window_end=message.window_end.ToDatetime(tzinfo=UTC) if message.HasField("window_end") else None,
        window_seconds=message.window_seconds,
        policy_version=message.policy_version,
        accepted_licences=tuple(message.accepted_licences),
    )


def decision_of(message: pb.ConsumeResponse) -> Decision:
    """Read a decision; the same one is given again when a page is read again."""
    return _read_decision(message.SerializeToString())


@lru_cache(KEPT_DECISIONS)
def _read_decision(serialized: bytes) -> Decision:
    message = pb.ConsumeResponse.FromString(serialized)
    until = message.granted_until.seconds if message.HasField("granted_until") else None
    return Decision(OUTCOMES.get(message.outcome, Outcome.NOT_ASKED), quota_of(message.quota), until)
