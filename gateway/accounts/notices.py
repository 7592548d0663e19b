"""Security notices: short mails about what changed at an account, so that a person sees what it did not do itself.

Each is queued in the transaction of the change that it tells of.
"""

from dataclasses import dataclass

import structlog

from shared.errors import InvalidInput
from shared.mail import Mail

SITE = "Coding Ahead"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Notices:
    """Writes the notices; each goes to the address that the issuer vouches for, and none holds a secret.

    There is none, None, where the issuer names no address, or something that is none: no change fails for that.
    """

    public_url: str

    def key_created(self, to: str, key_name: str) -> Mail | None:
        """An API key was made."""
        return self._written(to, "A new API key", f'An API key "{_line(key_name)}" was made for your account.')

    def key_revoked(self, to: str, key_name: str) -> Mail | None:
        """An API key was revoked."""
        return self._written(to, "An API key was revoked", f'The API key "{_line(key_name)}" no longer works.')

    def plan_changed(self, to: str, plan: str) -> Mail | None:
        """The plan is another."""
        return self._written(to, "Your plan has changed", f"Your account has the plan {_line(plan)} from now on.")

    def new_sign_in(self, to: str, device: str, known_days: int) -> Mail | None:
        """Somebody signed in with a browser or from a network that is new to the account."""
        return self._written(
            to,
            "A new sign-in",
            f"Your account was signed in to with {_line(device)}: the browser or the network is one that it was not"
            f" used with in the last {known_days} days.",
        )

    def address_changed(self, to: str) -> Mail | None:
        """The issuer names another address; `to` is the one before, which whoever changed it may not read."""
        return self._written(
            to,
            "Your e-mail address has changed",
            "Your account has another e-mail address: mails go there from now on.",
        )

    def signed_out_everywhere(self, to: str) -> Mail | None:
        """Every session was ended."""
        return self._written(to, "Signed out everywhere", "Every session of your account was ended.")

    def account_deleted(self, to: str) -> Mail | None:
        """The account is gone."""
        return _mail(
            to,
            "Your account was deleted",
            f"Your account at {self.public_url} was deleted, and its sessions and API keys ended.\n\nIf it was not you,"
            " tell the operator of this site. You may register anew at any time.\n",
        )

    def _written(self, to: str, subject: str, sentence: str) -> Mail | None:
        return _mail(
            to,
            subject,
            f"{sentence}\n\nIf this was you, there is nothing to do. If not, sign in at {self.public_url} and"
            " change your password, and tell the operator of this site.\n",
        )


def _mail(to: str, subject: str, text: str) -> Mail | None:
    if not to:
        return None
    try:
        return Mail(to, f"{subject} | {SITE}", text)
    except InvalidInput as error:
        _log.warning("a notice cannot be sent", reason=error.reason)
        return None


def _line(name: str) -> str:
    """A name that a person chose, as one printable line."""
    return "".join(character if character.isprintable() else " " for character in name)[:100]
