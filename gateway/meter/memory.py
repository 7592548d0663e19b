"""What the gateway has heard from the meter: grants and plans, bounded and short-lived, for when the meter is away.

Nothing is granted from here. A grant that was heard keeps its page open; a plan that was heard to be unlimited lets
its owner read, and what is read then is queued to be recorded.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cachetools import LRUCache

from gateway.meter.decision import Decision, Outcome, Quota


@dataclass(frozen=True, slots=True)
class _Heard:
    value: Decision
    at: float


class Heard:
    """Decisions of the last minutes, by principal and by principal and page."""

    def __init__(self, size: int, seconds: float, *, now: Callable[[], float] = time.monotonic) -> None:
        """Take how many grants are remembered, and for how long in seconds."""
        self._seconds = seconds
        self._now = now
        self._grants: LRUCache[tuple[str, str, str], _Heard] = LRUCache(size)
        self._standing: LRUCache[str, _Heard] = LRUCache(size)

    def hear(self, principal: str, system: str, code: str, decision: Decision) -> None:
        """Remember a decision of the meter."""
        heard = _Heard(decision, self._now())
        self._standing[principal] = heard
        if decision.granted:
            self._grants[principal, system, code] = heard

    def forget(self, principal: str) -> None:
        """Forget where a principal stands, since its plan changed. Its grants stay."""
        self._standing.pop(principal, None)

    def forget_all(self) -> None:
        """Forget where everybody stands, since changes may have been missed."""
        self._standing.clear()

    def grant(self, principal: str, system: str, code: str) -> Decision | None:
        """Give the decision that granted a page, when it was heard lately and the grant has not ended."""
        decision = self._recent(self._grants.get((principal, system, code)))
        if decision is None or (decision.granted_until is not None and decision.granted_until <= datetime.now(UTC)):
            return None
        return Decision(Outcome.ALREADY_GRANTED, decision.quota, decision.granted_until, metering_away=True)

    def standing(self, principal: str) -> Quota | None:
        """Give where a principal stood when it was heard of lately."""
        decision = self._recent(self._standing.get(principal))
        return decision.quota if decision is not None else None

    def _recent(self, heard: _Heard | None) -> Decision | None:
        return heard.value if heard is not None and self._now() - heard.at < self._seconds else None
