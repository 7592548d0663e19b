"""Outbound mail: what a mail is, the port that sends one, two adapters, chosen by URL, and the queue before them."""

from shared.mail.address import open_mailer
from shared.mail.mail import Mail, Mailer
from shared.mail.waiting import WaitingMails

__all__ = ["Mail", "Mailer", "WaitingMails", "open_mailer"]
