"""Security notices: short mails about what changed at an account, so that a person sees what it did not do itself."""

from dataclasses import dataclass
from typing import Protocol

import structlog

from shared.errors import InvalidInput
from shared.mail import Mail

SITE = "Coding Ahead"

_log = structlog.get_logger(__name__)


class Outbox(Protocol):
    """What takes mails and loses none."""

    async def send(self, mail: Mail) -> None:
        """Take one mail."""
        ...


@dataclass(frozen=True, slots=True)
class Notices:
    """Writes the notices; each goes to the address that the issuer vouches for, and none holds a secret."""

    outbox: Outbox
    public_url: str

    async def key_created(self, to: str, key_name: str) -> None:
        """An API key was made."""
        await self._send(to, "A new API key", f'An API key "{_line(key_name)}" was made for your account.')

    async def key_revoked(self, to: str, key_name: str) -> None:
        """An API key was revoked."""
        await self._send(to, "An API key was revoked", f'The API key "{_line(key_name)}" no longer works.')

    async def plan_changed(self, to: str, plan: str) -> None:
        """The plan is another."""
        await self._send(to, "Your plan has changed", f"Your account has the plan {_line(plan)} from now on.")

    def account_deleted(self, to: str) -> Mail | None:
        """The account is gone: the mail, to be sent in the transaction of its deletion; None for no real address."""
        text = (
            f"Your account at {self.public_url} was deleted, and its sessions and API keys ended.\n\nIf it was not you,"
            " tell the operator of this site. You may register anew at any time.\n"
        )
        try:
            return Mail(to, f"Your account was deleted | {SITE}", text)
        except InvalidInput:
            return None

    async def _send(self, to: str, subject: str, sentence: str) -> None:
        text = (
            f"{sentence}\n\nIf this was you, there is nothing to do. If not, sign in at {self.public_url} and"
            " change your password, and tell the operator of this site.\n"
        )
        try:
            mail = Mail(to, f"{subject} | {SITE}", text)
        except InvalidInput as error:  # the issuer vouches for something that is no address: no change fails for that
            _log.warning("a notice cannot be sent", reason=error.reason)
            return
        await self.outbox.send(mail)


def _line(name: str) -> str:
    """A name that a person chose, as one printable line."""
    return "".join(character if character.isprintable() else " " for character in name)[:100]
