"""What a service may rely on of work that it does again and again."""

import asyncio

from shared.errors import Unavailable
from shared.recurring import Recurring
from tests.polling import eventually


async def test_work_that_failed_is_done_again_and_none_is_done_after_the_drain() -> None:
    done: list[int] = []

    async def work() -> None:
        done.append(len(done))
        if len(done) == 1:
            raise Unavailable("AWAY", "Not now.")

    recurring = Recurring("counting", work, every=0.01)
    await recurring.start()
    await eventually(lambda: len(done) >= 3, "it is done again", 5)
    await recurring.drain(1)
    before = len(done)
    await asyncio.sleep(0.05)
    assert len(done) == before


async def test_work_may_begin_with_the_rest() -> None:
    done: list[bool] = []

    async def work() -> None:
        done.append(True)

    recurring = Recurring("counting", work, every=3600, at_start=False)
    await recurring.start()
    await asyncio.sleep(0.02)
    await recurring.drain(1)
    assert not done
