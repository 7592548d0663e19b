"""Quotas in headers: RateLimit and RateLimit-Policy (IETF draft-ietf-httpapi-ratelimit-headers), and Retry-After."""

import math
from calendar import monthrange
from datetime import UTC, datetime, timedelta

from gateway.meter.decision import Quota

POLICY_NAME = "pages"
NETWORK_POLICY_NAME = "guests-of-network"
DAY_SECONDS = 86_400


def quota_headers(quota: Quota, now: datetime) -> dict[str, str]:
    """Give the headers of a quota; none for an unlimited one."""
    if quota.limit is None or quota.remaining is None:
        return {}
    window = quota.window_seconds or _month_seconds(now)
    left = seconds_left(quota, now)
    reset = f";t={left}" if left is not None else ""
    return {
        "RateLimit-Policy": f'"{POLICY_NAME}";q={quota.limit};w={window}',
        "RateLimit": f'"{POLICY_NAME}";r={max(0, quota.remaining)}{reset}',
    }


def refusal_headers(quota: Quota, now: datetime) -> dict[str, str]:
    """Give the headers of a quota that is used up; Retry-After when it is known when views come."""
    left = seconds_left(quota, now)
    return quota_headers(quota, now) | ({} if left is None else {"Retry-After": str(left)})


def network_headers(guests_per_day: int, now: datetime) -> dict[str, str]:
    """Give the headers of a network that has had its new guests of the day (UTC)."""
    utc = now.astimezone(UTC)
    midnight = utc.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    left = math.ceil((midnight - utc).total_seconds())
    return {
        "RateLimit-Policy": f'"{NETWORK_POLICY_NAME}";q={guests_per_day};w={DAY_SECONDS}',
        "RateLimit": f'"{NETWORK_POLICY_NAME}";r=0;t={left}',
        "Retry-After": str(left),
    }


def seconds_left(quota: Quota, now: datetime) -> int | None:
    """Give the seconds until the window ends, rounded up; None before the first grant."""
    if quota.window_end is None:
        return None
    return max(0, math.ceil((quota.window_end - now).total_seconds()))


def _month_seconds(now: datetime) -> int:
    utc = now.astimezone(UTC)
    return monthrange(utc.year, utc.month)[1] * DAY_SECONDS
