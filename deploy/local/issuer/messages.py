"""Sends mails and logout tokens after the commit, with a few tries, while the answer is already on its way."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import structlog

from deploy.local.issuer.visit import Letter, LogoutNotice, Visit
from shared.errors import DomainError
from shared.mail import Mail, open_mailer

TRIES = 3
PAUSE_SECONDS = 1.0
TIMEOUT_SECONDS = 5.0

_log = structlog.get_logger(__name__)


class Messages:
    """What goes out to others."""

    def __init__(self, mail_url: str) -> None:
        """Take where mail goes."""
        self._mailer = open_mailer(mail_url)
        self._under_way: set[asyncio.Task[None]] = set()

    def send(self, visit: Visit) -> None:
        """Send what a visit left."""
        for letter in visit.letters:
            self._begin("mail", lambda letter=letter: self._mail(letter))  # type: ignore[misc]  # a default binds it
        for notice in visit.notices:
            self._begin("logout", lambda notice=notice: _tell(notice))  # type: ignore[misc]  # a default binds it

    async def drain(self, grace: float) -> None:
        """Wait for what is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=grace)

    def _begin(self, what: str, send: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(_tried(what, send))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _mail(self, letter: Letter) -> None:
        await self._mailer.send(Mail(letter.to, letter.subject, letter.text))


async def _tell(notice: LogoutNotice) -> None:
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
        answer = await client.post(notice.address, data={"logout_token": notice.token})
    if answer.status_code >= 500:
        answer.raise_for_status()


async def _tried(what: str, send: Callable[[], Awaitable[None]]) -> None:
    for left in reversed(range(TRIES)):
        try:
            return await send()
        except (OSError, httpx.HTTPError, DomainError) as error:
            if not left:
                _log.warning("not sent", what=what, error=type(error).__name__)
        await asyncio.sleep(PAUSE_SECONDS)
    return None
