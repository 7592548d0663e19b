"""The URL of a mail relay or folder as the mailer that uses it.

``smtp://[user:password@]host[:port]?from=address`` speaks plain text and takes ``starttls=1``; ``smtps://`` speaks TLS
from the start; ``cafile`` names other certificate authorities than the system's. ``folder:///path?from=address`` writes
files into a folder.
"""

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from shared.errors import CannotStart, InvalidInput
from shared.mail.folder import FolderMailer
from shared.mail.mail import Mailer, check_address
from shared.mail.smtp import Relay, SmtpMailer

_OPTIONS = {"smtp": {"from", "starttls", "cafile"}, "smtps": {"from", "cafile"}, "folder": {"from"}}


def open_mailer(url: str) -> Mailer:
    """Give the mailer that a URL names; CannotStart says what is wrong with the URL, never its password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong("is no URL: its port or host is not written right") from None
    known = _OPTIONS.get(parts.scheme)
    if known is None:
        raise _wrong("begins with no known name: smtp://, smtps:// or folder:// is needed")
    options = _options(parts.query, known)
    sender = options["from"]
    if parts.scheme == "folder":
        return FolderMailer(mail_folder(url) or Path(), sender)
    if not parts.hostname:
        raise _wrong("names no host; smtp://host:port is needed")
    tls, starttls = parts.scheme == "smtps", options.get("starttls", "0") == "1"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise _wrong("names one of user and password; both or neither are needed")
    default_port = 465 if tls else 587 if starttls else 25
    return SmtpMailer(
        Relay(parts.hostname, port or default_port, user, password, tls, starttls, options.get("cafile")), sender
    )


def mail_folder(url: str) -> Path | None:
    """Give the folder of a folder:// URL; None for a relay."""
    parts = urlsplit(url)
    if parts.scheme != "folder":
        return None
    if parts.netloc or not parts.path.strip("/"):
        raise _wrong("names no folder; folder:///path is needed, with three slashes")
    return Path(unquote(parts.path))


def _options(query: str, known: set[str]) -> dict[str, str]:
    try:
        options = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
    except ValueError:
        raise _wrong("has options that are not of the form ?name=value&name=value") from None
    if options.keys() - known:
        raise _wrong(f"has the option {min(options.keys() - known)!r}; it takes {', '.join(sorted(known))}")
    if options.get("starttls", "0") not in ("0", "1"):
        raise _wrong("has a starttls that is neither 0 nor 1")
    if "cafile" in options and not Path(options["cafile"]).is_file():
        raise _wrong(f"names the cafile {options['cafile']}, which is no file")
    try:
        check_address("from", options.get("from", ""))
    except InvalidInput:
        raise _wrong("has no right from; add ?from=name@example.org") from None
    return options


def _wrong(what: str) -> CannotStart:
    return CannotStart(f"The address of the mail relay {what}.")
