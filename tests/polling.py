"""Waiting for something to hold, without a sleep that hopes."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx

DEADLINE = 60.0
INDEX_SECONDS = 180.0
"""A first index may take so long on a busy machine."""


async def eventually(holds: Callable[[], Awaitable[bool] | bool], what: str, seconds: float = DEADLINE) -> None:
    """Poll until it holds; fails with `what` after the deadline."""
    ends = asyncio.get_running_loop().time() + seconds
    while True:
        answer = holds()
        if answer if isinstance(answer, bool) else await answer:
            return
        assert asyncio.get_running_loop().time() < ends, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.05)


def found_by_search(url: str, query: str, seconds: float = INDEX_SECONDS) -> httpx.Response:
    """What search finds on the site at `url`, once it has an index; fails after the deadline."""
    ends = time.monotonic() + seconds
    with httpx.Client(base_url=url, timeout=10) as client:
        while True:
            answer = client.get("/api/v1/search", params={"q": query})
            if answer.status_code == 200 and not answer.json()["limited"]:
                return answer
            assert time.monotonic() < ends, answer.text
            time.sleep(0.1)
