"""How background tasks end."""

from __future__ import annotations

import asyncio

import structlog

AGAIN_SECONDS = 2.0
"""Time for a task to put its things in order before it is cancelled once more."""

_log = structlog.get_logger(__name__)


async def end(*tasks: asyncio.Task[None] | None) -> None:
    """Cancel tasks and return when all have ended; None, a task that never began, has.

    A task that goes on is cancelled again: a cancellation that comes in the moment in which a wait ends is lost by
    `asyncio.wait_for` before Python 3.12, and so by a pool of connections that hands one out just then.
    """
    begun = [task for task in tasks if task is not None]
    going = {task for task in begun if not task.done()}
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=AGAIN_SECONDS)
    for task in begun:
        if not task.cancelled() and (error := task.exception()):
            _log.error("a background task had failed", task=task.get_name(), error=type(error).__name__)
