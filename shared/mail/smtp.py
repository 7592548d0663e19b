"""Mail through an SMTP relay."""

import asyncio
import ssl
from dataclasses import dataclass, field

import aiosmtplib

from shared.errors import FailedPrecondition, Unavailable
from shared.mail.mail import Mail, message_of

TIMEOUT_SECONDS = 20.0
"""For one command; a whole mail gets three times as long."""


@dataclass(frozen=True, slots=True)
class Relay:
    """Where a relay is and how it is spoken to."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    starttls: bool = False
    cafile: str | None = None
    """Certificate authorities; the system's when None."""


class SmtpMailer:
    """Sends each mail over a connection of its own."""

    def __init__(self, relay: Relay, sender: str, *, timeout: float = TIMEOUT_SECONDS) -> None:
        """Take the relay, the address that mails come from, and the longest wait for an answer in seconds."""
        self._relay = relay
        self._sender = sender
        self._timeout = timeout
        self._tls = ssl.create_default_context(cafile=relay.cafile) if relay.tls or relay.starttls else None

    async def send(self, mail: Mail) -> None:
        """Hand a mail to the relay; Unavailable or FailedPrecondition when it does not take it."""
        relay = self._relay
        try:
            async with asyncio.timeout(3 * self._timeout):
                await aiosmtplib.send(
                    message_of(mail, self._sender),
                    hostname=relay.host,
                    port=relay.port,
                    username=relay.user or None,
                    password=relay.password or None,
                    use_tls=relay.tls,
                    start_tls=relay.starttls,
                    tls_context=self._tls,
                    timeout=self._timeout,
                )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _refused(refused.recipients[0].code) from None
        except aiosmtplib.SMTPAuthenticationError as error:
            # the operator mends a password; the mail waits for it
            raise Unavailable("MAIL_RELAY_AWAY", f"The mail relay does not let us sign in ({error.code}).") from None
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
            raise _refused(error.code) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise Unavailable(
                "MAIL_RELAY_AWAY", f"The mail relay did not take the mail now ({type(error).__name__})."
            ) from None


def _refused(code: int) -> Unavailable | FailedPrecondition:
    """5yz is for ever, 4yz for now (RFC 5321, 4.2.1); the relay's own words may quote an address."""
    if code >= 500:
        return FailedPrecondition("MAIL_REFUSED", f"The mail relay refused the mail for good ({code}).")
    return Unavailable("MAIL_RELAY_AWAY", f"The mail relay did not take the mail now ({code}).")
