"""Outbound mail: what a mail is, the port that sends one, and its two adapters, chosen by URL."""

from shared.mail.address import open_mailer
from shared.mail.mail import Mail, Mailer

__all__ = ["Mail", "Mailer", "open_mailer"]
