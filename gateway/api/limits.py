"""Quotas in headers: RateLimit and RateLimit-Policy (IETF draft-ietf-httpapi-ratelimit-headers), and Retry-After."""

import math
from calendar import monthrange
from datetime import UTC, datetime

from gateway.meter.decision import Quota

POLICY_NAME = "pages"


def quota_headers(quota: Quota, now: datetime) -> dict[str, str]:
    """Give the headers of a quota; none for an unlimited one."""
    if quota.limit is None or quota.remaining is None:
        return {}
    window = quota.window_seconds or _month_seconds(now)
    left = seconds_left(quota, now)
    reset = f";t={left}" if left is not None else ""
    return {
        "RateLimit-Policy": f'"{POLICY_NAME}";q={quota.limit};w={window}',
        "RateLimit": f'"{POLICY_NAME}";r={quota.remaining}{reset}',
    }


def seconds_left(quota: Quota, now: datetime) -> int | None:
    """Give the seconds until the window ends, rounded up; None before the first grant."""
    if quota.window_end is None:
        return None
    return max(0, math.ceil((quota.window_end - now).total_seconds()))


def _month_seconds(now: datetime) -> int:
    utc = now.astimezone(UTC)
    return monthrange(utc.year, utc.month)[1] * 86_400
