"""Mail leaves through a real SMTP server or into a folder, whole or with a domain error."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.errors import CannotStart, DomainError, FailedPrecondition, InvalidInput, Unavailable
from shared.mail import Mail, open_mailer
from tests.servers.ports import free_port
from tests.servers.smtp import Inbox, smtp_server

MAIL = Mail("reader@example.org", "Your reset link: ä", "Hello,\n\nhere it is: https://example.org/x\n.\nBye\n")


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    """A running SMTP server that demands a login, and its port."""
    port = free_port()
    with smtp_server(port, login=True) as inbox:
        yield inbox, port


def _url(port: int, login: str = "us%40er:p%2Fw@") -> str:
    return f"smtp://{login}127.0.0.1:{port}?from=no-reply@example.org"


async def test_a_mail_reaches_the_relay_whole_after_a_login(inbox: tuple[Inbox, int]) -> None:
    received, port = inbox
    await open_mailer(_url(port)).send(MAIL)
    (envelope,) = received.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@example.org", ["reader@example.org"])
    (message,) = received.messages()
    assert message["Subject"] == MAIL.subject
    assert message["Message-ID"].endswith("@example.org>")
    body = message.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == MAIL.text


@pytest.mark.parametrize(
    ("login", "rcpt", "data", "expected"),
    [
        ("us%40er:wrong@", "250 OK", "250 OK", Unavailable),
        ("us%40er:p%2Fw@", "550 no such reader@example.org", "250 OK", FailedPrecondition),
        ("us%40er:p%2Fw@", "451 later", "250 OK", Unavailable),
        ("us%40er:p%2Fw@", "250 OK", "554 spam", FailedPrecondition),
        ("us%40er:p%2Fw@", "250 OK", "452 full", Unavailable),
    ],
)
async def test_a_refusal_is_for_now_or_for_ever_and_quotes_nobody(
    inbox: tuple[Inbox, int], login: str, rcpt: str, data: str, expected: type[DomainError]
) -> None:
    received, port = inbox
    received.at_rcpt, received.at_data = rcpt, data
    with pytest.raises(expected) as refused:
        await open_mailer(_url(port, login)).send(MAIL)
    assert "reader" not in refused.value.message
    assert received.envelopes == []


async def test_a_relay_that_is_away_or_lacks_starttls_is_unavailable(inbox: tuple[Inbox, int]) -> None:
    for url in (_url(free_port()), _url(inbox[1]) + "&starttls=1"):
        with pytest.raises(Unavailable):
            await open_mailer(url).send(MAIL)
    assert inbox[0].envelopes == []


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("a@example.org\r\nBcc: b@example.org", "x"),
        ("a@example.org, b@example.org", "x"),
        ("<a@example.org>", "x"),
        ("a..b@example.org", "x"),
        ("a@" + "e" * 300, "x"),
        ("", "x"),
        ("a@example.org", "x\r\nBcc: b@example.org"),
        ("a@example.org", "x\nX: y"),
        ("a@example.org", ""),
        ("a@example.org", "x" * 201),
    ],
)
def test_nothing_that_is_no_address_or_no_line_becomes_a_mail(to: str, subject: str) -> None:
    with pytest.raises(InvalidInput):
        Mail(to, subject, "text")


async def test_a_folder_holds_readable_files_and_only_the_newest(tmp_path: Path) -> None:
    mailer = open_mailer(f"folder://{tmp_path}/mail?from=no-reply@example.org")
    for number in range(3):
        await mailer.send(Mail("a@example.org", f"number {number}", "text"))
    files = sorted((tmp_path / "mail").iterdir())
    subjects = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default)["Subject"] for file in files]
    assert subjects == ["number 0", "number 1", "number 2"]
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file")
    with pytest.raises(Unavailable):
        await open_mailer(f"folder://{tmp_path}/mail?from=no-reply@example.org").send(MAIL)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host?from=a@example.org",
        "smtp://host",
        "smtp://?from=a@example.org",
        "smtp://host:port?from=a@example.org",
        "smtp://user@host?from=a@example.org",
        "smtp://u:secret@host?from=a@example.org&colour=red",
        "smtp://u:secret@host?from=a@example.org&starttls=yes",
        "smtps://u:secret@host?from=a@example.org&cafile=/nowhere",
        "folder://relative?from=a@example.org",
        "folder:///?from=a@example.org",
    ],
)
def test_a_wrong_address_of_the_relay_is_a_sentence_without_its_password(url: str) -> None:
    with pytest.raises(CannotStart) as wrong:
        open_mailer(url)
    assert "secret" not in str(wrong.value)
