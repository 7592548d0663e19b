"""A queue on disk is emptied whatever a round meets, and nothing that is added is overlooked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway import queue
from gateway.queue import DurableQueue
from shared.database import Database
from shared.errors import DomainError, Unavailable

AWAY = Unavailable("METERING_AWAY", "Metering is away.")


class Letters(DurableQueue):
    """Letters that wait on a list in place of a disk, sent one a round."""

    name = "letters"

    def __init__(self, *waiting: str) -> None:
        super().__init__(Database("postgresql:///nowhere"))
        self.waiting = list(waiting)
        self.sent: list[str] = []
        self.troubles: list[DomainError | RuntimeError] = []
        self.comes_meanwhile = ""

    async def send(self) -> bool:
        """Send the oldest."""
        seen = self.waiting[:1]
        await asyncio.sleep(0)
        if self.comes_meanwhile:
            self.add(self.comes_meanwhile)
            self.comes_meanwhile = ""
        if self.troubles:
            raise self.troubles.pop()
        self.sent += seen
        del self.waiting[: len(seen)]
        return bool(seen)

    def add(self, letter: str) -> None:
        """Add one."""
        self.waiting.append(letter)
        self.wake()

    async def has_sent(self, *letters: str) -> None:
        """Wait until so much was sent."""
        async with asyncio.timeout(5):
            while self.sent != list(letters):  # noqa: ASYNC110
                await asyncio.sleep(0)


@asynccontextmanager
async def emptied(letters: Letters) -> AsyncIterator[Letters]:
    """A queue that is being emptied."""
    await letters.start()
    yield letters
    await letters.drain(0)


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAUSE_SECONDS", 0.0)


async def test_what_an_earlier_process_left_and_what_is_added_goes_out_in_order() -> None:
    async with emptied(Letters("a", "b")) as letters:
        await letters.has_sent("a", "b")
        letters.add("c")
        await letters.has_sent("a", "b", "c")


async def test_what_is_added_while_a_round_finds_nothing_gets_a_round_of_its_own() -> None:
    letters = Letters()
    letters.comes_meanwhile = "a"
    async with emptied(letters):
        await letters.has_sent("a")


@pytest.mark.parametrize("trouble", [AWAY, RuntimeError("nobody foresaw it")])
async def test_a_round_that_fails_is_tried_again_and_loses_nothing(trouble: DomainError | RuntimeError) -> None:
    letters = Letters("a", "b")
    letters.troubles = [trouble, trouble]
    async with emptied(letters):
        await letters.has_sent("a", "b")


async def test_a_queue_that_is_stopped_leaves_the_rest_to_the_next_process() -> None:
    letters = Letters("a")
    letters.troubles = [AWAY] * 1_000_000
    async with emptied(letters):
        await asyncio.sleep(0)
    assert (letters.sent, letters.waiting) == ([], ["a"])
