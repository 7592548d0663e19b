"""Burst limits: how many requests a caller may send at once and a second. They are no quotas; nothing is recorded."""

import math
import time
from collections.abc import Callable, Mapping

from shared.identity import Kind
from shared.newest import Newest

KEPT_BUCKETS = 100_000
POLICY_NAME = "burst"


class BurstLimit:
    """A token bucket for each key."""

    def __init__(self, per_second: float, burst: int, *, now: Callable[[], float] = time.monotonic) -> None:
        """Take the steady rate and the size of the bucket."""
        self._rate = per_second
        self._burst = float(burst)
        self._now = now
        self._buckets: Newest[str, tuple[float, float]] = Newest(KEPT_BUCKETS)

    def wait(self, key: str) -> float:
        """Take one from the key's bucket; the seconds to wait when it is empty, otherwise 0."""
        now = self._now()
        kept = self._buckets.get(key)
        level = self._burst if kept is None else min(self._burst, kept[0] + (now - kept[1]) * self._rate)
        if level < 1:
            self._buckets.move_to_end(key)  # who is refused is not forgotten for it
            return (1 - level) / self._rate
        self._buckets.put(key, (level - 1, now))
        return 0.0

    def headers(self, wait: float) -> dict[str, str]:
        """Give the headers of a refusal: the policy, by a name apart from the quotas', and when to go on."""
        seconds = max(1, math.ceil(wait))
        window = max(1, math.ceil(self._burst / self._rate))
        return {
            "RateLimit-Policy": f'"{POLICY_NAME}";q={self._burst:.0f};w={window}',
            "RateLimit": f'"{POLICY_NAME}";r=0;t={seconds}',
            "Retry-After": str(seconds),
        }


Bursts = Mapping[Kind, BurstLimit]
"""The limit of each kind of caller."""
