"""Mails wait on disk for their relay: none is lost, each person's come in order, and what nobody takes is given up."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from shared.database import Database
from shared.mail import Mail, WaitingMails, open_mailer
from shared.mail.waiting import create_table
from tests.polling import eventually
from tests.servers.ports import free_port
from tests.servers.smtp import Inbox, smtp_server

ROOT = Path(__file__).parents[3]
SENDS = """
import asyncio, sys
from shared.database import Database
from shared.mail import WaitingMails, open_mailer

async def main():
    database = Database(sys.argv[1])
    await database.open()
    await WaitingMails(database, open_mailer(sys.argv[2]), "test").start()
    await asyncio.sleep(60)

asyncio.run(main())
"""


class Operations:
    """What a migration has, over a plain connection."""

    def __init__(self, url: str) -> None:
        self._url = url

    def execute(self, sqltext: str) -> None:
        with psycopg.connect(self._url) as connection:
            connection.execute(sqltext)


@pytest.fixture
def queue_url(database_url: str) -> str:
    """A database with the queue."""
    create_table(Operations(database_url))
    return database_url


def relay(port: int) -> str:
    """The URL of the relay at a port."""
    return f"smtp://127.0.0.1:{port}?from=no-reply@example.org"


@asynccontextmanager
async def queue(url: str, port: int) -> AsyncIterator[WaitingMails]:
    """A running queue before the relay at a port."""
    database = Database(url)
    await database.open()
    mails = WaitingMails(database, open_mailer(relay(port)), "test")
    await mails.start()
    try:
        yield mails
    finally:
        await mails.drain(1)
        await database.close()


def change(url: str, what: str) -> None:
    """Change every mail that waits, as time would."""
    with psycopg.connect(url) as connection:
        connection.execute(f"UPDATE mail_waiting SET {what}")


def waiting(url: str) -> list[tuple[str, int]]:
    """Subject and failures of what waits."""
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT subject, failures FROM mail_waiting ORDER BY id").fetchall()


async def until_failed(url: str, times: int = 1) -> None:
    """Wait until some mail was tried so often."""
    async with asyncio.timeout(10):
        while max((failures for _, failures in waiting(url)), default=0) < times:  # noqa: ASYNC110 - on disk
            await asyncio.sleep(0.02)  # between two looks


async def until_empty(url: str) -> None:
    """Wait until nothing waits."""
    async with asyncio.timeout(10):
        while waiting(url):  # noqa: ASYNC110 - on disk
            await asyncio.sleep(0.02)  # between two looks


async def test_while_the_relay_is_away_mails_wait_and_then_leave_once_and_in_order(queue_url: str) -> None:
    port = free_port()
    async with queue(queue_url, port) as mails:
        for number in range(3):
            await mails.send(Mail("ada@example.org", f"number {number}", "text"))
        await until_failed(queue_url)
        assert [subject for subject, _ in waiting(queue_url)] == ["number 0", "number 1", "number 2"]
        with smtp_server(port) as inbox:
            change(queue_url, "due_at = clock_timestamp()")
            mails.wake()
            await inbox.until(lambda inbox: len(inbox.envelopes) == 3)
            assert inbox.subjects() == ["number 0", "number 1", "number 2"]
            await until_empty(queue_url)


async def test_a_person_who_is_to_come_later_holds_up_nobody_else_and_keeps_the_order(queue_url: str) -> None:
    port = free_port()
    with smtp_server(port) as inbox:
        inbox.refused = {"ada@example.org"}
        async with queue(queue_url, port) as mails:
            await mails.send(Mail("ada@example.org", "ada 1", "text"))
            await until_failed(queue_url)
            inbox.refused = set()
            await mails.send(Mail("ada@example.org", "ada 2", "text"))
            await mails.send(Mail("bob@example.org", "bob 1", "text"))
            await inbox.until(lambda inbox: "bob 1" in inbox.subjects())
            # A mail leaves the queue in the moment after the relay took it.
            left = ["ada 1", "ada 2"]
            await eventually(lambda: [subject for subject, _ in waiting(queue_url)] == left, "hers wait, his is gone")
            change(queue_url, "due_at = clock_timestamp()")
            mails.wake()
            await until_empty(queue_url)
    assert inbox.subjects() == ["bob 1", "ada 1", "ada 2"]


async def test_what_the_relay_refuses_for_ever_is_dropped_and_the_next_goes(queue_url: str) -> None:
    port = free_port()
    with smtp_server(port) as inbox:
        inbox.at_data = "554 no"
        async with queue(queue_url, port) as mails:
            await mails.send(Mail("ada@example.org", "refused", "text"))
            await inbox.until(lambda inbox: inbox.begun == 1)
            inbox.at_data = "250 taken"
            await mails.send(Mail("ada@example.org", "taken", "text"))
            await until_empty(queue_url)
    assert inbox.subjects() == ["taken"]


@pytest.mark.parametrize(("days", "kept"), [(4, True), (6, False)])
async def test_a_mail_that_no_relay_took_for_five_days_is_given_up(queue_url: str, days: int, *, kept: bool) -> None:
    async with queue(queue_url, free_port()) as mails:
        await mails.send(Mail("ada@example.org", "old", "text"))
        await until_failed(queue_url)
        change(queue_url, f"due_at = clock_timestamp(), added_at = clock_timestamp() - interval '{days} days'")
        mails.wake()
        if kept:
            await until_failed(queue_url, 2)
        else:
            await until_empty(queue_url)


async def test_a_process_that_is_killed_while_it_sends_loses_no_mail(queue_url: str) -> None:
    port = free_port()
    with smtp_server(port) as inbox:
        inbox.hangs = True
        async with queue(queue_url, free_port()) as elsewhere:
            await elsewhere.send(Mail("ada@example.org", "kept", "text"))
            await until_failed(queue_url)
        change(queue_url, "due_at = clock_timestamp()")
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", SENDS, queue_url, relay(port), cwd=ROOT)
        try:
            await inbox.until(lambda inbox: inbox.begun == 1)
        finally:
            process.kill()
            await process.wait()
        inbox.hangs = False
        assert waiting(queue_url) == [("kept", 1)]
        async with queue(queue_url, port):
            await inbox.until(lambda inbox: inbox.subjects() == ["kept"])


async def test_two_processes_on_one_queue_send_each_mail_once(queue_url: str) -> None:
    port = free_port()
    with smtp_server(port, Inbox()) as inbox:
        async with queue(queue_url, port) as one, queue(queue_url, port) as other:
            for number in range(20):
                await (one, other)[number % 2].send(Mail(f"reader-{number % 5}@example.org", f"{number}", "text"))
            await inbox.until(lambda inbox: len(inbox.envelopes) >= 20)
            await until_empty(queue_url)
    assert sorted(map(int, inbox.subjects())) == list(range(20))
