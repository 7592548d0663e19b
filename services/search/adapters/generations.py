"""Generations as a process of their own builds them, so that the one that answers goes on answering meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from services.search.adapters.table_files import TableFiles, version
from services.search.progress import Progress
from services.search.shelf import Shelf
from shared.child_process import run_child
from shared.errors import Unavailable

COMMAND = ("services.search.build_process",)


def made_of(state: str) -> str:
    """What an index of a state of the catalog is made of: another version of search makes other documents."""
    return f"{version()} {state}"


class Generations:
    """Has generations built, and gives their tables."""

    def __init__(
        self,
        tables: TableFiles,
        job: Callable[[str], dict[str, str]],
        state: Callable[[], Awaitable[str]],
        shared: Callable[[str], Awaitable[str]],
    ) -> None:
        """Take where tables lie, what the process has to be told to build a generation of a name, what gives the
        catalog's state, and what gives the index that another process built of the same.
        """
        self._tables, self._job = tables, job
        self._state, self._shared = state, shared

    async def kept(self, generation: str) -> tuple[Shelf, str] | None:
        """The table of a generation that was built before, with its state; None when it cannot be taken up.

        Without a name it is the newest one.
        """
        return await asyncio.to_thread(self._warm, generation)

    async def build(self, tell: Callable[[Progress], None]) -> tuple[Shelf, str]:
        """Build another generation, table and index, and give the table with its state; nothing answers from it yet.

        Of an index that another process built of the same only the table is made.
        """
        state = await self._state()
        try:
            shared = await self._shared(made_of(state))
        except Unavailable:
            shared = ""  # without the engine the table is made all the same
        return await self._built(shared or f"{datetime.now(UTC):%Y%m%d%H%M%S%f}", state if shared else "", tell)

    async def _built(self, generation: str, index_of: str, tell: Callable[[Progress], None]) -> tuple[Shelf, str]:
        def hear(line: str) -> None:
            if progress := Progress.read(line):
                tell(progress)

        job = self._job(generation) | {"index_of": index_of}
        ended = await run_child(COMMAND, job=json.dumps(job), heard=hear)
        built = await asyncio.to_thread(self._warm, generation) if ended.status == 0 else None
        if built is None:
            early = f"The process that builds the index ended without one ({ended.how or 'its table cannot be read'})."
            raise Unavailable("INDEX_NOT_BUILT", (ended.status == 1 and ended.words) or early)
        return built

    async def keep_only(self, generation: str) -> None:
        """Forget the tables of all others."""
        await asyncio.to_thread(self._tables.keep_only, generation)

    async def keep(self, shelf: Shelf) -> None:
        """Keep a table in which codes were changed. It is of no state of the catalog: a start takes it up, and has
        another one built beside it.
        """
        await asyncio.to_thread(self._tables.save, shelf, "")

    def _warm(self, generation: str) -> tuple[Shelf, str] | None:
        found = self._tables.load(generation or self._tables.newest())
        if found is not None:
            found[0].warm()
        return found
