"""What the gateway has heard from the meter: grants and plans, bounded and short-lived, for when the meter is away.

Nothing is granted from here. A grant that was heard keeps its page open; a plan that was heard to be unlimited lets
its owner read, and what is read then is queued to be recorded.
"""

import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from gateway.meter.decision import Decision, Outcome, Quota
from gateway.view import Tier

Key = TypeVar("Key", str, tuple[str, str, str])


class _Heard(NamedTuple):
    value: Decision
    at: float


class Heard:
    """Decisions of the last minutes, by principal and by principal and page."""

    def __init__(self, size: int, seconds: float, *, now: Callable[[], float] = time.monotonic) -> None:
        """Take how many grants are remembered, and for how long in seconds."""
        self._seconds = seconds
        self._now = now
        self._size = size
        self._grants: dict[tuple[str, str, str], _Heard] = {}
        self._standing: dict[str, _Heard] = {}
        """Both in the order in which they were heard, the oldest first."""

    def hear(self, principal: str, system: str, code: str, decision: Decision) -> None:
        """Remember a decision of the meter."""
        heard = _Heard(decision, self._now())
        self._keep(self._standing, principal, heard)
        if decision.granted:
            self._keep(self._grants, (principal, system, code), heard)

    def forget(self, principal: str, plan: Tier) -> None:
        """Forget where a principal stands, unless it was heard with its new plan. Its grants stay."""
        heard = self._standing.get(principal)
        if heard is not None and heard.value.quota.tier is not plan:
            del self._standing[principal]

    def forget_all(self) -> None:
        """Forget where everybody stands, since changes may have been missed."""
        self._standing.clear()

    def grant(self, principal: str, system: str, code: str) -> Decision | None:
        """Give the decision that granted a page, when it was heard lately and the grant has not ended."""
        decision = self._recent(self._grants.get((principal, system, code)))
        if decision is None or (decision.granted_until is not None and decision.granted_until <= time.time()):
            return None
        return Decision(Outcome.ALREADY_GRANTED, decision.quota, decision.granted_until, metering_away=True)

    def standing(self, principal: str) -> Quota | None:
        """Give where a principal stood when it was heard of lately."""
        decision = self._recent(self._standing.get(principal))
        return decision.quota if decision is not None else None

    def _keep(self, memory: dict[Key, _Heard], key: Key, heard: _Heard) -> None:
        memory.pop(key, None)
        memory[key] = heard
        if len(memory) > self._size:
            del memory[next(iter(memory))]

    def _recent(self, heard: _Heard | None) -> Decision | None:
        return heard.value if heard is not None and self._now() - heard.at < self._seconds else None
