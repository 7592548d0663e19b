"""Mails that must go out: written down first, and sent with patience, so that none is lost while the relay is away.

A mail is added in the transaction of the change that it tells of. Mails to one person leave in the order in which they
were added; a relay that has taken one and died with the answer gets it again.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog
from prometheus_client import Counter, Gauge

from shared.database import Connection, Database
from shared.errors import DomainError, FailedPrecondition, InvalidInput
from shared.mail.mail import Mail, Mailer
from shared.tasks import end

PAUSE_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 600
KEPT_DAYS = 5
"""A mail that no relay took for so long is given up (RFC 5321, 4.5.4.1)."""

SENT = Counter(
    "mails", "Mails that left a service's queue, by outcome: sent, refused, given up, later.", ["service", "outcome"]
)
WAITING = Gauge("mails_waiting", "Mails that wait to be sent.", ["service"])

ADD = "INSERT INTO mail_waiting (recipient, subject, body) VALUES (%s, %s, %s)"
"""For a service that adds a mail in a transaction of another kind; its values are recipient, subject and body."""
_TAKE = """
    SELECT id, recipient, subject, body, failures, added_at < clock_timestamp() - make_interval(days => %s) AS outdated
    FROM mail_waiting AS m WHERE due_at <= clock_timestamp()
      AND NOT EXISTS (SELECT FROM mail_waiting AS o WHERE o.recipient = m.recipient AND o.id < m.id)
    ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_LATER = """
    UPDATE mail_waiting SET failures = failures + 1,
        due_at = clock_timestamp() + make_interval(secs => least(%s, power(2, least(failures, 12)) * %s))
    WHERE id = %s
"""
_log = structlog.get_logger(__name__)


class Operations(Protocol):
    """What of Alembic's `op` a migration needs here."""

    def execute(self, sqltext: str) -> None:
        """Run a statement."""
        ...


def create_table(op: Operations) -> None:
    """Create the queue, in a migration of a service."""
    op.execute(
        """
        CREATE TABLE mail_waiting (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            recipient text NOT NULL,
            subject text NOT NULL,
            body text NOT NULL,
            failures integer NOT NULL DEFAULT 0,
            added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            due_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX mail_waiting_by_due ON mail_waiting (due_at);
        CREATE INDEX mail_waiting_by_recipient ON mail_waiting (recipient, id);
        """
    )


class WaitingMails:
    """The queue of one service and its emptying; a part of it. Several processes may empty one queue at a time."""

    name = "waiting mails"

    def __init__(self, database: Database, mailer: Mailer | None, service: str) -> None:
        """Take the service's database and name, and the mailer; without one nothing is queued."""
        self._database = database
        self._mailer = mailer
        self._service = service
        self._added = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def add(self, conn: Connection, mail: Mail) -> None:
        """Write a mail down in the caller's transaction; call `wake` when it has committed."""
        if self._mailer is None:
            _log.warning("a mail is not sent: MAIL_URL is not set")
            return
        await conn.execute(ADD, (mail.to, mail.subject, mail.text))

    async def send(self, mail: Mail) -> None:
        """Write a mail down; it is on disk when this returns."""
        async with self._database.transaction() as conn:
            await self.add(conn, mail)
        self.wake()

    async def of_recipient(self, address: str) -> list[dict[str, object]]:
        """Give subject and time of the mails that wait for somebody."""
        async with self._database.connection() as conn:
            cursor = await conn.execute(
                "SELECT subject, added_at FROM mail_waiting WHERE lower(recipient) = lower(%s) ORDER BY id", (address,)
            )
            return [dict(row) for row in await cursor.fetchall()]

    def wake(self) -> None:
        """Look at the queue now; what others have added is found within some seconds anyway."""
        self._added.set()

    async def start(self) -> None:
        """Begin to send."""
        if self._mailer is not None:
            self._task = asyncio.create_task(self._run(self._mailer), name=self.name)

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - what waits is on disk
        """Stop; the next process goes on."""
        await end(self._task)

    async def _run(self, mailer: Mailer) -> None:
        while True:
            self._added.clear()
            try:
                while await self._send_one(mailer):
                    pass
            except Exception as error:  # noqa: BLE001 - the queue must go on being emptied, whatever one round met
                _log.warning("mails wait", service=self._service, error=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)
            try:
                await asyncio.wait_for(self._added.wait(), PAUSE_SECONDS)
            except TimeoutError:
                continue

    async def _send_one(self, mailer: Mailer) -> bool:
        """Send the mail that is due; its row is locked meanwhile, and goes when the relay has it.

        False when there is no further one to be tried now.
        """
        async with self._database.transaction() as conn:
            row = await (await conn.execute(_TAKE, (KEPT_DAYS,))).fetchone()
            if row is None:
                await self._measure(conn)
                return False
            outcome = "sent"
            try:
                await mailer.send(Mail(row["recipient"], row["subject"], row["body"]))
            except (FailedPrecondition, InvalidInput):
                outcome = "refused"
            except DomainError as error:
                outcome = "given up" if row["outdated"] else "later"
                _log.info("a mail waits", mail=row["id"], failures=row["failures"] + 1, reason=error.reason)
            if outcome == "later":
                await conn.execute(_LATER, (LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS, row["id"]))
            else:
                await conn.execute("DELETE FROM mail_waiting WHERE id = %s", (row["id"],))
        SENT.labels(self._service, outcome).inc()
        return outcome != "later"  # a relay that is away is not asked for every mail that waits

    async def _measure(self, conn: Connection) -> None:
        row = await (await conn.execute("SELECT count(*) AS n FROM mail_waiting")).fetchone()
        WAITING.labels(self._service).set(row["n"] if row else 0)
