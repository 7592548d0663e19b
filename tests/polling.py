"""Waiting for something to hold, without a sleep that hopes."""

import asyncio
from collections.abc import Awaitable, Callable

DEADLINE = 60.0


async def eventually(holds: Callable[[], Awaitable[bool] | bool], what: str, seconds: float = DEADLINE) -> None:
    """Poll until it holds; fails with `what` after the deadline."""
    ends = asyncio.get_running_loop().time() + seconds
    while True:
        answer = holds()
        if answer if isinstance(answer, bool) else await answer:
            return
        assert asyncio.get_running_loop().time() < ends, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.05)
