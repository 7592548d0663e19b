"""How background tasks end."""

import asyncio

import pytest

from shared import tasks
from shared.tasks import end


async def test_every_task_has_ended_and_one_that_never_began_is_no_mistake() -> None:
    ended: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            ended.append(name)

    begun = [asyncio.create_task(work(name)) for name in ("a", "b")]
    await asyncio.sleep(0)
    await end(None, *begun)
    assert sorted(ended) == ["a", "b"]


async def test_a_task_that_lost_its_cancellation_to_the_end_of_a_wait_ends_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "AGAIN_SECONDS", 0.05)
    lost = 0

    async def work() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if lost:
                    raise
                lost += 1  # as asyncio.wait_for does before Python 3.12 when its wait ends in the same moment

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await end(task)
    assert (lost, task.cancelled()) == (1, True)


async def test_what_a_task_had_failed_with_is_logged_and_hinders_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    async def work() -> None:
        raise ValueError("secret")

    task = asyncio.create_task(work(), name="counting")
    await asyncio.sleep(0)
    await end(task)
    said = "".join(capsys.readouterr())
    assert "counting" in said
    assert "ValueError" in said
    assert "secret" not in said
