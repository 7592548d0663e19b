"""Generations as a process of their own builds them, so that the one that answers goes on answering meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from services.search.adapters.table_files import TableFiles
from services.search.shelf import Shelf
from shared.errors import Unavailable

COMMAND = ("-m", "services.search.build_process")


class Generations:
    """Has generations built, and gives their tables."""

    def __init__(self, tables: TableFiles, job: Callable[[str], dict[str, str]]) -> None:
        """Take where tables lie, and what the process has to be told to build a generation of a name."""
        self._tables = tables
        self._job = job

    async def kept(self, generation: str) -> tuple[Shelf, str] | None:
        """The table of a generation that was built before, with its state; None when it cannot be taken up.

        Without a name it is the newest one.
        """
        return await asyncio.to_thread(self._warm, generation)

    async def build(self) -> tuple[Shelf, str]:
        """Build another generation, table and index, and give the table with its state; nothing answers from it yet."""
        generation = f"{datetime.now(UTC):%Y%m%d%H%M%S%f}"
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *COMMAND,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            said = await self._told(process, self._job(generation))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        built = await asyncio.to_thread(self._warm, generation) if process.returncode == 0 else None
        if built is None:
            raise Unavailable("INDEX_NOT_BUILT", said or "The process that builds the index ended before it was done.")
        return built

    async def keep_only(self, generation: str) -> None:
        """Forget the tables of all others."""
        await asyncio.to_thread(self._tables.keep_only, generation)

    async def _told(self, process: asyncio.subprocess.Process, job: dict[str, str]) -> str:
        """Give the job, keep the pipe open for as long as the answer is waited for, and give what was said."""
        if process.stdin is None or process.stdout is None:
            return ""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(json.dumps(job).encode() + b"\n")
            await process.stdin.drain()
        said = await process.stdout.read()
        await process.wait()
        return said.decode(errors="replace").strip()

    def _warm(self, generation: str) -> tuple[Shelf, str] | None:
        found = self._tables.load(generation or self._tables.newest())
        if found is not None:
            found[0].warm()
        return found
