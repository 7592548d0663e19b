"""Sends logout tokens after the commit, with a few tries, while the answer is already on its way."""

import asyncio

import httpx
import structlog

from deploy.local.issuer.visit import LogoutNotice

TRIES = 3
PAUSE_SECONDS = 1.0
TIMEOUT_SECONDS = 5.0

_log = structlog.get_logger(__name__)


class LogoutNotices:
    """What goes out to clients."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._under_way: set[asyncio.Task[None]] = set()

    def send(self, notices: list[LogoutNotice]) -> None:
        """Send what a visit left."""
        for notice in notices:
            task = asyncio.create_task(_tried(notice))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def drain(self, grace: float) -> None:
        """Wait for what is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=grace)


async def _tell(notice: LogoutNotice) -> None:
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
        answer = await client.post(notice.address, data={"logout_token": notice.token})
    if answer.status_code >= 500:
        answer.raise_for_status()


async def _tried(notice: LogoutNotice) -> None:
    for left in reversed(range(TRIES)):
        try:
            return await _tell(notice)
        except (OSError, httpx.HTTPError) as error:
            if not left:
                _log.warning("a client is not told of a logout", error=type(error).__name__)
        await asyncio.sleep(PAUSE_SECONDS)
    return None
