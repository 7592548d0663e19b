"""Brings the rows of one table from an importer to the database; reading and writing go on side by side."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Progress, silent
from services.catalog.releases import ReleaseWriter
from services.catalog.rows import Blocks, Row

ROWS_AT_ONCE = 2_000
Read = TypeVar("Read")


async def copy_table(
    writer: ReleaseWriter,
    release_id: str,
    table: str,
    rows: Iterator[Row] | Blocks,
    defects: Defects,
    *,
    progress: Progress = silent,
) -> int:
    """Copy the rows of a table, and give how many were read; none is written from the first defect on.

    Reading goes on in one thread, so that the event loop keeps serving, and one part ahead of writing. One and the
    same thread, for each thread that ever read would keep the memory of its largest part.
    """
    count = 0
    words = table.replace("_", " ")
    if isinstance(rows, Blocks):
        blocks = rows.blocks

        async def data() -> AsyncIterator[bytes]:
            nonlocal count
            async for block in _read_ahead(lambda: next(blocks, None)):
                count += block.rows
                progress(f"rows of {words}", count, 0)
                if not defects.count:
                    yield block.data

        await writer.copy_blocks(release_id, table, data())
        return count
    async for batch in _read_ahead(lambda: list(islice(rows, ROWS_AT_ONCE))):
        if not defects.count:
            await writer.copy_rows(release_id, table, batch)
        count += len(batch)
        progress(f"rows of {words}", count, 0)
    return count


async def _read_ahead(read: Callable[[], Read | None]) -> AsyncIterator[Read]:
    """What a function reads in a thread, until it reads nothing."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import") as reader:
        coming = loop.run_in_executor(reader, read)
        while part := await coming:
            coming = loop.run_in_executor(reader, read)
            yield part
