"""How long to wait after a failure: longer each time, never in step with others."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

_RANDOM = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubles from `first` to `longest` seconds; the wait is drawn from the upper half of that."""

    first: float = 0.2
    longest: float = 30.0

    def delay(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row, one or more."""
        full = min(self.longest, self.first * 2 ** min(failures - 1, 30))
        return _RANDOM.uniform(full / 2, full)
