"""Metering over PostgreSQL does what the plain reference does, whatever is asked in whatever order."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.metering import accounts
from services.metering.adapters.policies import put_first
from services.metering.adapters.postgres import PostgresStore
from services.metering.content import Content
from services.metering.decision import PageView
from services.metering.meter import Meter
from services.metering.policy import Tier, default_policy
from services.metering.store import Transaction
from shared.database import Database
from tests.integration.metering.reference import CAP, PAGES, Reference
from tests.integration.metering.storm import START
from tests.stepped_clock import SteppedClock

T = TypeVar("T")
GUESTS = st.sampled_from([f"guest:g{number}" for number in range(5)])
ACCOUNTS = st.sampled_from(["account:a", "account:b"])
CODES = st.sampled_from([f"9921{number}" for number in range(7)])
STEPS = st.sampled_from([1, 60, 86_400, 15 * 86_400, 30 * 86_400, 31 * 86_400, -60, -86_400])
_examples = itertools.count(1)


class MeteringMachine(RuleBasedStateMachine):
    """Does everything twice: in metering and in the reference."""

    database_url = ""

    def __init__(self) -> None:
        """Begin an example: the same database, but names of its own."""
        super().__init__()
        self.mark = f"-{next(_examples)}"
        self.clock = SteppedClock(START)
        self.reference = Reference()
        self.runner = asyncio.Runner()
        self.requests = itertools.count(1)

    @initialize()
    def start(self) -> None:
        """Open metering."""
        self.runner.run(self._start())

    async def _start(self) -> None:
        self.database = Database(self.database_url, max_size=4)
        await self.database.open()
        self.store = PostgresStore(self.database, clock=self.clock)
        self.meter = Meter(self.store, readings=1)
        await self.meter.start()
        rules = default_policy()
        partner = rules.tiers[Tier.PARTNER].model_copy(update={"pages": PAGES["partner"]})
        policy = rules.model_copy(
            update={"tiers": {**rules.tiers, Tier.PARTNER: partner}, "network_guests_per_day": CAP}
        )
        async with self.database.transaction() as conn:
            await put_first(conn, policy, START)

    @rule(name=GUESTS | ACCOUNTS, code=CODES)
    def view(self, name: str, code: str) -> None:
        """One page view."""
        asked = self._view(name, code)
        answer = self.runner.run(self.meter.decide(asked, 30)).outcome.value
        assert answer == self.reference.view(name, code, self.clock.now())

    @rule(name=GUESTS | ACCOUNTS, code=CODES)
    def peek(self, name: str, code: str) -> None:
        """A look says what a view says right after it."""
        look = self.runner.run(self.meter.decide(self._view(name, code), 30, peek=True))
        view = self.runner.run(self.meter.decide(self._view(name, code), 30))
        assert look.outcome.value == view.outcome.value == self.reference.view(name, code, self.clock.now())
        assert look.quota == view.quota

    @rule(guest=GUESTS, account=ACCOUNTS)
    def merge(self, guest: str, account: str) -> None:
        """A guest signs in."""
        merged = self._done(
            lambda tx: accounts.merge_guest(
                tx, guest.partition(":")[2] + self.mark, account.partition(":")[2] + self.mark, "", "machine"
            )
        )
        carried = merged.carried.code if merged.carried else None
        assert carried == self.reference.merge(guest, account, self.clock.now())

    @rule(name=ACCOUNTS, tier=st.sampled_from([Tier.FREE, Tier.PRO, Tier.PARTNER]))
    def plan(self, name: str, tier: Tier) -> None:
        """A plan changes."""
        self._done(
            lambda tx: accounts.set_plan(tx, name + self.mark, tier, None, request_id="", actor="machine", note="")
        )
        self.reference.plan(name, tier.value, self.clock.now())

    @precondition(lambda self: self._limited())
    @rule(data=st.data(), pages=st.sampled_from([-4, -1, 1, 3]))
    def credit(self, data: st.DataObject, pages: int) -> None:
        """A correction."""
        name = data.draw(st.sampled_from(self._limited()))
        self._done(
            lambda tx: accounts.credit(tx, name + self.mark, pages, request_id="", actor="machine", note="a test")
        )
        self.reference.credit(name, pages, self.clock.now())

    @rule(seconds=STEPS)
    def step(self, seconds: int) -> None:
        """Time passes, or is set back."""
        self.clock.step(timedelta(seconds=seconds))

    @invariant()
    def everyone_stands_where_the_reference_says(self) -> None:
        """Used and allowed pages and the window agree."""
        for name in list(self.reference.people):
            quota = self.runner.run(self.meter.standing(name + self.mark))
            used, allowed, start, end = self.reference.standing(name, self.clock.now())
            assert (quota.used, quota.limit) == (used, allowed), name
            assert quota.window == ((start, end) if start else None), name

    def teardown(self) -> None:
        """Compare the books, and close."""
        self.runner.run(self._end())
        self.runner.close()

    async def _end(self) -> None:
        async with self.store.snapshot() as tx:
            report = await tx.reconcile("", 10)
        await self.meter.drain(1)
        await self.database.close()
        assert not report.discrepancies

    def _limited(self) -> list[str]:
        people = self.reference.people.items()
        return sorted(name for name, person in people if person.tier != "pro" and not person.merged)

    def _view(self, name: str, code: str) -> PageView:
        return PageView(
            name + self.mark,
            Content("cpt", code),
            f"{self.mark}{next(self.requests)}",
            f"net{self.mark}" if name.startswith("guest") else "",
        )

    def _done(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async def done() -> T:
            async with self.store.transaction() as tx:
                return await work(tx)

        return self.runner.run(done())


def _run(database_url: str, examples: int, steps: int) -> None:
    machine = type("Machine", (MeteringMachine,), {"database_url": database_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_metering_does_what_the_reference_does(database_url: str) -> None:
    _run(database_url, 25, 30)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_metering_does_what_the_reference_does_for_long(database_url: str) -> None:
    _run(database_url, 400, 60)
