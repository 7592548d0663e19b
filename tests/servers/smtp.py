"""A real SMTP server on the loopback address, with an inbox that a test reads and answers that a test chooses."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "us@er", "p/w"


class Inbox:
    """What a relay received; answers as it is told."""

    def __init__(self) -> None:
        """Take everything."""
        self.envelopes: list[Envelope] = []
        self.at_rcpt = "250 OK"
        self.at_data = "250 taken"
        self.refused: set[str] = set()
        """Addresses that are to come later."""
        self.hangs = False
        """Whether a mail is read and never answered."""
        self.begun = 0
        """Mails that were read."""

    async def handle_RCPT(  # noqa: N802 - the server's own name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer a recipient."""
        if address in self.refused:
            return "451 come later"
        if self.at_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_rcpt

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - ditto
        """Answer a mail."""
        self.begun += 1
        if self.hangs:
            await asyncio.sleep(3600)
        if self.at_data.startswith("250"):
            self.envelopes.append(envelope)
        return self.at_data

    def subjects(self) -> list[str]:
        """The subjects of what was received, in that order."""
        return [str(message["Subject"]) for message in self.messages()]

    def messages(self) -> list[email.message.EmailMessage]:
        """What was received, read as mails."""
        return [
            email.message_from_bytes(envelope.original_content or b"", policy=email.policy.default)
            for envelope in self.envelopes
        ]

    async def until(self, holds: Callable[[Inbox], bool]) -> None:
        """Wait until something holds, at most ten seconds."""
        async with asyncio.timeout(10):
            while not holds(self):  # noqa: ASYNC110 - what is waited for happens in the server's thread
                await asyncio.sleep(0.02)  # between two looks; the timeout ends the wait


@contextmanager
def smtp_server(port: int, inbox: Inbox | None = None, *, login: bool = False) -> Iterator[Inbox]:
    """A running server; with `login` it demands USER and PASSWORD."""
    inbox = inbox or Inbox()
    server = Controller(
        inbox,
        hostname="127.0.0.1",
        port=port,
        authenticator=_known if login else None,
        auth_required=login,
        auth_require_tls=False,
    )
    server.start()
    try:
        yield inbox
    finally:
        server.stop()


def _known(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)
