"""The mails that the issuer writes, and how one is queued in the transaction of what it tells of."""

import structlog

from deploy.local.issuer.accounts import Account, Tx
from shared.errors import InvalidInput
from shared.mail import Mail
from shared.mail.waiting import ADD

SITE = "Coding Ahead"
_NOT_YOU = (
    'If it was not you, set a new password at once by "Forgotten password" on the sign-in page, and tell the operator'
    " of this site."
)

_log = structlog.get_logger(__name__)


def queue(tx: Tx, mail: Mail | None) -> None:
    """Write a mail down; it leaves once the transaction has committed."""
    if mail is not None:
        tx.execute(ADD, (mail.to, mail.subject, mail.text))


def address_known(email: str, public_url: str) -> Mail | None:
    """Tell who has an account that somebody wanted to make one with its address."""
    text = f"Somebody wanted to make an account with this address, which has one: {public_url}/"
    return _mail(email, f"You have an account at {SITE}", text)


def verification(account: Account, link: str) -> Mail | None:
    """Bring the link that verifies an address."""
    return _mail(account.email, f"Your address at {SITE}", f"Open this link to verify your address: {link}")


def reset(account: Account, link: str) -> Mail | None:
    """Bring the link for a new password."""
    text = f"Open this link to set a new password: {link}\nIf you did not ask for it, leave it."
    return _mail(account.email, f"A new password for {SITE}", text)


def password_changed(account: Account) -> Mail | None:
    """Tell of a new password."""
    text = f"Your password was changed, and your other sign-ins ended. {_NOT_YOU}"
    return _mail(account.email, f"Your password at {SITE} was changed", text)


def second_factor_set(account: Account) -> Mail | None:
    """Tell of a second factor that was set up."""
    text = f"A second factor was set up for your account: signing in asks for its codes from now on. {_NOT_YOU}"
    return _mail(account.email, f"A second factor at {SITE}", text)


def second_factor_taken_away(account: Account) -> Mail | None:
    """Tell that an operator took the second factor away."""
    text = (
        "The second factor of your account was taken away by whoever runs this site. If you did not ask for that, tell"
        " the operator of this site."
    )
    return _mail(account.email, f"Your second factor at {SITE} was taken away", text)


def _mail(to: str, subject: str, text: str) -> Mail | None:
    try:
        return Mail(to, subject, f"{text}\n")
    except InvalidInput as error:  # an account from before addresses were checked as mail's; no change fails for that
        _log.warning("a mail cannot be written", reason=error.reason)
        return None
