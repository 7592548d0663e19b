"""Generations as a process of their own builds them, so that the one that answers goes on answering meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime

from services.search.adapters.table_files import TableFiles
from services.search.shelf import Shelf
from shared.child_process import run_child
from shared.errors import Unavailable

COMMAND = ("services.search.build_process",)


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
        ended = await run_child(COMMAND, job=json.dumps(self._job(generation)))
        built = await asyncio.to_thread(self._warm, generation) if ended.status == 0 else None
        if built is None:
            early = f"The process that builds the index ended without one ({ended.how or 'its table cannot be read'})."
            raise Unavailable("INDEX_NOT_BUILT", (ended.status == 1 and ended.words) or early)
        return built

    async def keep_only(self, generation: str) -> None:
        """Forget the tables of all others."""
        await asyncio.to_thread(self._tables.keep_only, generation)

    def _warm(self, generation: str) -> tuple[Shelf, str] | None:
        found = self._tables.load(generation or self._tables.newest())
        if found is not None:
            found[0].warm()
        return found
