"""A mail in plain text, checked when it is made, and the port through which it leaves."""

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime, make_msgid
from typing import Protocol

from shared.errors import InvalidInput

LONGEST_ADDRESS, LONGEST_SUBJECT, LONGEST_TEXT = 254, 200, 100_000
"""In characters; the address by RFC 5321, 4.5.3.1.3, less its brackets."""
_ADDRESS = re.compile(r"(?P<name>[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})@(?P<host>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person; InvalidInput when an address, a subject or a text is not one."""

    to: str
    subject: str
    text: str

    def __post_init__(self) -> None:
        """Refuse what no header may hold, before anything is stored or sent."""
        check_address("to", self.to)
        if not self.subject or len(self.subject) > LONGEST_SUBJECT or not self.subject.isprintable():
            raise InvalidInput(
                "MAIL_SUBJECT_WRONG", f"subject: one line of 1 to {LONGEST_SUBJECT} printable characters is needed."
            )
        if len(self.text) > LONGEST_TEXT:
            raise InvalidInput("MAIL_TOO_LONG", f"text: {len(self.text):,} characters; up to {LONGEST_TEXT:,} fit.")


class Mailer(Protocol):
    """Takes mails out of the platform."""

    async def send(self, mail: Mail) -> None:
        """Hand one mail over; when this returns the relay has it.

        Raises:
            Unavailable: it was not taken now, and may be later.
            FailedPrecondition: it will never be taken as it is.

        """
        ...


def check_address(field: str, address: str) -> Address:
    """Give the parts of an address local@host in ASCII; InvalidInput names the field, never the address."""
    match = _ADDRESS.fullmatch(address) if len(address) <= LONGEST_ADDRESS else None
    local = match["name"] if match else ""
    if match is None or local.startswith(".") or local.endswith(".") or ".." in local:
        raise InvalidInput("MAIL_ADDRESS_WRONG", f"{field}: an address of the form name@example.org is needed.")
    return Address(username=local, domain=match["host"])


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """Give the mail as a message of RFC 5322 from `sender`, with a Message-ID of its own."""
    message = EmailMessage(policy=SMTP)
    origin = check_address("from", sender)
    message["From"] = origin
    message["To"] = check_address("to", mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = make_msgid(domain=origin.domain)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers to it
    message.set_content(mail.text, charset="utf-8")
    return message
