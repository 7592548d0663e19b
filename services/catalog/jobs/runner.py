"""Starts a process for each import whose turn has come, one after the other, and sees how it ends."""

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Mapping

import psycopg
import structlog

from services.catalog.jobs.desk import Desk
from services.catalog.jobs.folder import UploadFolder
from services.catalog.jobs.job import Jobs
from shared.child_process import run_child
from shared.errors import DomainError
from shared.tasks import end

LOOK_EVERY_SECONDS = 0.5
TIDY_EVERY_SECONDS = 30.0
SILENT_SECONDS = 30.0
"""A running import that was not heard of for so long is taken for dead."""
HALF_RECEIVED_SECONDS = 600.0
COMMAND = "services.catalog.jobs"
DIED = (
    "The process of this import ended before it could say that it was done{how}. Try it again: a release that had"
    " landed by then is found and not imported twice."
)

_log = structlog.get_logger(__name__)


class JobRunner:
    """Runs waiting imports of this process's folder; a part of the service. Waiting files outlive it."""

    name = "imports"

    def __init__(self, jobs: Jobs, folder: UploadFolder, desk: Desk, environment: Mapping[str, str]) -> None:
        """Take where jobs and files are, what tidies them, and what the processes need to know."""
        self._jobs = jobs
        self._folder = folder
        self._desk = desk
        self._environment = environment
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the folder and begin to look for work."""
        await asyncio.to_thread(self._folder.open)
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - an import waits for the next start
        """Stop; an import under way is ended, lands nothing, and waits again."""
        await end(self._task)

    async def _run(self) -> None:
        tidied = 0.0
        while True:
            try:
                if time.monotonic() - tidied > TIDY_EVERY_SECONDS:
                    tidied = time.monotonic()
                    await self._tidy()
                if await self._run_next():
                    continue
            except (DomainError, psycopg.Error, OSError) as error:
                _log.warning("imports wait", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _tidy(self) -> None:
        await self._jobs.fail_silent(SILENT_SECONDS, DIED.format(how=""))
        await asyncio.to_thread(self._folder.remove_partial, time.time() - HALF_RECEIVED_SECONDS)
        await self._desk.make_room()

    async def _run_next(self) -> bool:
        """Run the next import to its end; False when none waits."""
        owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        job = await self._jobs.take(self._folder.name, owner)
        if job is None:
            return False
        _log.info("import begins", job=job.id, kind=job.order.kind, attempt=job.attempts)
        try:
            ended = await run_child((COMMAND, job.id, owner), environment=self._environment)
        except asyncio.CancelledError:
            await self._jobs.put_off(job.id, owner, "The service was stopped; the import begins anew.", 0)
            raise
        if await self._jobs.fail(job.id, owner, DIED.format(how=ended.how and f" ({ended.how})")):
            _log.warning("the process of an import died", job=job.id, how=ended.how, said=ended.last_lines)
        return True
