"""Mails that must go out: written down first, and sent with patience, so that none is lost while the relay is away."""

from __future__ import annotations

import asyncio

import structlog
from prometheus_client import Counter, Gauge

from shared.database import Database
from shared.errors import DomainError, FailedPrecondition
from shared.mail import Mail, Mailer

PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 3600
KEPT_DAYS = 5
"""A mail that no relay took for so long is given up (RFC 5321, 4.5.4.1)."""

SENT = Counter("gateway_mails_total", "Mails that left the gateway's queue.", ["outcome"])
WAITING = Gauge("gateway_mails_waiting", "Mails that wait to be sent.")

_TAKE = """
    SELECT id, recipient, subject, body, failures, added_at < clock_timestamp() - make_interval(days => %s) AS outdated
    FROM mail_waiting WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_LATER = """
    UPDATE mail_waiting SET failures = failures + 1,
        due_at = clock_timestamp() + make_interval(secs => least(%s, power(2, least(failures, 12)) * 5))
    WHERE id = %s
"""
_log = structlog.get_logger(__name__)


class WaitingMails:
    """The queue and its emptying; a part of the gateway. Several processes may empty it at a time."""

    name = "waiting mails"

    def __init__(self, database: Database, mailer: Mailer | None) -> None:
        """Take the gateway's database and the mailer; without one nothing is queued."""
        self._database = database
        self._mailer = mailer
        self._added = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def send(self, mail: Mail) -> None:
        """Write a mail down; it is on disk when this returns."""
        if self._mailer is None:
            _log.warning("a mail is not sent: MAIL_URL is not set")
            return
        async with self._database.transaction() as conn:
            await conn.execute(
                "INSERT INTO mail_waiting (recipient, subject, body) VALUES (%s, %s, %s)",
                (mail.to, mail.subject, mail.text),
            )
        self._added.set()

    async def start(self) -> None:
        """Begin to send."""
        if self._mailer is not None:
            self._task = asyncio.create_task(self._run(self._mailer), name=self.name)

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - what waits is on disk
        """Stop; the next process goes on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, mailer: Mailer) -> None:
        while True:
            self._added.clear()
            try:
                while await self._send_one(mailer):
                    pass
            except Exception as error:  # noqa: BLE001 - the queue must go on being emptied, whatever one round met
                _log.warning("mails wait", error=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)
            try:
                await asyncio.wait_for(self._added.wait(), PAUSE_SECONDS)
            except TimeoutError:
                continue

    async def _send_one(self, mailer: Mailer) -> bool:
        """Send the mail that is due; its row is locked meanwhile, and goes when the relay has it."""
        async with self._database.transaction() as conn:
            row = await (await conn.execute(_TAKE, (KEPT_DAYS,))).fetchone()
            if row is None:
                await self._measure()
                return False
            outcome = "sent"
            try:
                await mailer.send(Mail(row["recipient"], row["subject"], row["body"]))
            except FailedPrecondition:
                outcome = "refused"
            except DomainError as error:
                outcome = "given up" if row["outdated"] else "later"
                _log.info("a mail waits", mail=row["id"], failures=row["failures"] + 1, reason=error.reason)
            if outcome == "later":
                await conn.execute(_LATER, (LONGEST_PAUSE_SECONDS, row["id"]))
            else:
                await conn.execute("DELETE FROM mail_waiting WHERE id = %s", (row["id"],))
        SENT.labels(outcome).inc()
        return True

    async def _measure(self) -> None:
        async with self._database.connection() as conn:
            row = await (await conn.execute("SELECT count(*) AS n FROM mail_waiting")).fetchone()
        WAITING.set(row["n"] if row else 0)
