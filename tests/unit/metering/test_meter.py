"""Many decisions in one transaction: together, each for itself, and never after its caller has gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.metering.decision import Decision, Outcome, PageView, Situation
from services.metering.ledger import Changes, Grant
from services.metering.meter import Answer, Asked, Meter
from services.metering.policy import default_policy
from services.metering.reader import Reader, new_reader
from services.metering.store import PolicyVersion, Revisions
from shared.errors import DeadlineExceeded, Unavailable
from tests.unit.metering.example import NOW, VERSION, page


class Memory:
    """A store in memory, whose transactions can be held open, and broken by one poisonous reader."""

    def __init__(self) -> None:
        self.readers: dict[str, Reader] = {}
        self.grants: list[Grant] = []
        self.batches: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
        self.away = False

    async def peek(self, views: Sequence[PageView]) -> list[Situation]:
        if self.away:
            raise Unavailable("DATABASE_AWAY", "The database does not answer at the moment.")
        return [self._situation(view) for view in views]

    async def revisions(self, principals: Sequence[str]) -> Revisions:
        known = [reader.revision if (reader := self.readers.get(name)) else None for name in principals]
        return Revisions(NOW, PolicyVersion(VERSION, NOW, default_policy()), known)

    async def commit(self, changes: Changes) -> dict[str, int]:  # noqa: ARG002
        raise AssertionError("the readers here are new ones, which are written under a lock")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        self.entered.set()
        await self.gate.wait()
        yield self

    async def lock(self, principals: Collection[str]) -> None:
        if "account:poison" in principals:
            raise ValueError("poison")

    async def lock_networks(self, views: Sequence[PageView]) -> None:
        """One user at a time: nothing to lock."""

    async def situations(self, views: Sequence[PageView]) -> list[Situation]:
        self.batches.append(len(views))
        return [self._situation(view) for view in views]

    async def save(self, changes: Changes) -> None:
        self.readers.update(changes.readers)
        self.grants += changes.grants

    def _situation(self, view: PageView) -> Situation:
        reader = self.readers.get(view.principal, new_reader(view.principal))
        mine = [grant for grant in self.grants if (grant.principal, grant.content) == (view.principal, view.content)]
        return Situation(reader, NOW, default_policy(), VERSION, mine[-1] if mine else None)


@pytest.fixture
async def memory() -> Memory:
    return Memory()


@pytest.fixture
async def meter(memory: Memory) -> AsyncIterator[Meter]:
    meter = Meter(memory)  # type: ignore[arg-type] # the part of a store that decisions use
    await meter.start()
    yield meter
    await meter.drain(5)


async def until_waiting(meter: Meter, number: int) -> None:
    """Return when so many decisions wait for the commit in flight."""
    async with asyncio.timeout(5):
        while len(meter._writing._waiting) < number:  # noqa: ASYNC110 - nothing tells, so it is polled
            await asyncio.sleep(0)


async def test_what_arrives_during_a_commit_is_decided_in_one_transaction(memory: Memory, meter: Meter) -> None:
    memory.gate.clear()
    first = asyncio.create_task(meter.decide(PageView("account:a", page(0), "r0"), 5))
    await asyncio.wait_for(memory.entered.wait(), 5)
    others = [asyncio.create_task(meter.decide(PageView(f"account:b{n}", page(0), f"r{n}"), 5)) for n in range(50)]
    await until_waiting(meter, 50)
    memory.gate.set()
    answers = await asyncio.gather(first, *others)
    assert {answer.outcome for answer in answers} == {Outcome.GRANTED}
    assert memory.batches == [1, 50]


async def test_reading_a_granted_page_again_waits_for_no_commit(memory: Memory, meter: Meter) -> None:
    await meter.decide(PageView("account:a", page(0), "r0"), 5)
    memory.gate.clear()
    new = asyncio.create_task(meter.decide(PageView("account:a", page(1), "r1"), 5))
    again = await meter.decide(PageView("account:a", page(0), "r2"), 5)
    assert again.outcome is Outcome.ALREADY_GRANTED
    assert not new.done()
    memory.gate.set()
    assert (await new).outcome is Outcome.GRANTED


async def test_one_decision_that_breaks_a_transaction_fails_alone(memory: Memory, meter: Meter) -> None:
    names = ["account:a", "account:poison", "account:b"]
    answers: dict[str, Answer] = {}
    done = asyncio.Event()

    def taking(name: str) -> Any:
        def take(answer: Answer) -> None:
            answers[name] = answer
            if len(answers) == len(names):
                done.set()

        return take

    expires = asyncio.get_running_loop().time() + 5
    meter.submit([Asked(PageView(name, page(0), name), taking(name), expires) for name in names])
    await asyncio.wait_for(done.wait(), 5)
    assert isinstance(answers["account:poison"], ValueError)
    granted = [answers[name] for name in ("account:a", "account:b")]
    assert all(isinstance(answer, Decision) and answer.outcome is Outcome.GRANTED for answer in granted)


async def test_a_decision_whose_caller_has_gone_grants_nothing(memory: Memory, meter: Meter) -> None:
    memory.gate.clear()
    blocking = asyncio.create_task(meter.decide(PageView("account:a", page(0), "r0"), 5))
    await asyncio.wait_for(memory.entered.wait(), 5)
    late = asyncio.create_task(meter.decide(PageView("account:b", page(0), "r1"), 0.05))
    await until_waiting(meter, 1)
    expired = asyncio.Event()
    asyncio.get_running_loop().call_later(0.06, expired.set)
    await expired.wait()
    memory.gate.set()
    assert (await blocking).outcome is Outcome.GRANTED
    with pytest.raises(DeadlineExceeded, match="nothing was granted"):
        await late
    assert [grant.principal for grant in memory.grants] == ["account:a"]


async def test_every_waiting_caller_hears_that_the_database_is_away(memory: Memory, meter: Meter) -> None:
    memory.away = True
    views = [PageView(f"account:a{number}", page(0), "r") for number in range(5)]
    answers = await asyncio.gather(*(meter.decide(view, 5) for view in views), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable] * 5
    memory.away = False
    assert (await meter.decide(views[0], 5)).outcome is Outcome.GRANTED


async def test_a_drain_answers_what_was_asked_before(memory: Memory) -> None:
    meter = Meter(memory)  # type: ignore[arg-type] # the part of a store that decisions use
    await meter.start()
    asked = [asyncio.create_task(meter.decide(PageView(f"account:a{n}", page(0), "r"), 5)) for n in range(100)]
    await asyncio.sleep(0)
    await meter.drain(5)
    answers = await asyncio.gather(*asked)
    assert {answer.outcome for answer in answers} == {Outcome.GRANTED}
