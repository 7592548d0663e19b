"""A service's parts start in order, drain in reverse, and a failure leaves nothing running."""

import asyncio

import pytest

from shared.service import Service


class Recorded:
    """A part that writes down what happens to it."""

    def __init__(self, name: str, diary: list[str], *, fails: str = "") -> None:
        self.name = name
        self._diary = diary
        self._fails = fails

    async def start(self) -> None:
        if self._fails == "start":
            raise RuntimeError("no start")
        self._diary.append(f"start {self.name}")

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - as a part has it
        self._diary.append(f"drain {self.name}")
        if self._fails == "drain":
            raise RuntimeError("no drain")


async def test_parts_start_in_order_and_drain_in_reverse() -> None:
    diary: list[str] = []
    service = Service("test", [Recorded("a", diary), Recorded("b", diary)])
    await service.start()
    await service.drain(1)
    assert diary == ["start a", "start b", "drain b", "drain a"]


async def test_a_part_that_cannot_start_drains_those_before_it_and_is_reported() -> None:
    diary: list[str] = []
    service = Service("test", [Recorded("a", diary), Recorded("b", diary, fails="start"), Recorded("c", diary)])
    with pytest.raises(RuntimeError, match="no start"):
        await service.start()
    assert diary == ["start a", "drain a"]


async def test_a_part_that_does_not_drain_does_not_keep_the_others_from_it() -> None:
    diary: list[str] = []
    service = Service("test", [Recorded("a", diary), Recorded("b", diary, fails="drain")])
    await service.start()
    await service.drain(1)
    assert diary[-1] == "drain a"


async def test_it_is_ready_from_the_last_start_to_the_first_drain() -> None:
    service = Service("test", [Recorded("a", [])])
    assert not service.ready()
    await service.start()
    assert service.ready()
    await service.drain(1)
    assert not service.ready()


async def test_the_grace_is_shared_by_all_parts() -> None:
    given: list[float] = []

    class Slow(Recorded):
        async def drain(self, grace: float) -> None:
            given.append(grace)
            await asyncio.sleep(0.05)

    service = Service("test", [Slow("a", []), Slow("b", [])])
    await service.start()
    await service.drain(1)
    assert given[0] == pytest.approx(1, abs=0.01)
    assert given[1] <= 0.95
