"""The burst limit: how many requests a guest may send at once and a second. It is not a quota; nothing is recorded."""

import time
from collections.abc import Callable

from cachetools import LRUCache

KEPT_BUCKETS = 100_000


class BurstLimit:
    """A token bucket for each key."""

    def __init__(self, per_second: float, burst: int, *, now: Callable[[], float] = time.monotonic) -> None:
        """Take the steady rate and the size of the bucket."""
        self._rate = per_second
        self._burst = float(burst)
        self._now = now
        self._buckets: LRUCache[str, tuple[float, float]] = LRUCache(KEPT_BUCKETS)

    def wait(self, key: str) -> float:
        """Take one from the key's bucket; the seconds to wait when it is empty, otherwise 0."""
        now = self._now()
        level, at = self._buckets.get(key, (self._burst, now))
        level = min(self._burst, level + (now - at) * self._rate)
        if level < 1:
            return (1 - level) / self._rate
        self._buckets[key] = (level - 1, now)
        return 0.0
