"""Fills an empty catalog with what packages and this repository carry, with progress that a person can watch.

``python -m deploy.local.loading`` does it for the catalog's database that DATABASE_URL names.
"""

import asyncio
import os
import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from services.catalog.imports.packaged import import_packaged
from shared.database import Database
from shared.process import told_in_a_sentence


async def load_packaged(catalog_url: str) -> None:
    """Load what the catalog's database does not hold yet; nothing is shown when there is nothing to do."""
    database = Database(catalog_url)
    await database.open()
    try:
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        ) as bars:
            for release in await import_packaged(database, progress=Bars(bars)):
                bars.console.print(f"In force: {release.title}, {release.edition} ({release.entries:,} entries).")
    finally:
        await database.close()


class Bars:
    """Shows each step of an import as a bar."""

    def __init__(self, bars: Progress) -> None:
        """Take where the bars are drawn."""
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        """Draw how far a step has come."""
        task = self._tasks.get(step)
        if task is None:
            task = self._tasks[step] = self._bars.add_task(step, total=total or None)
        self._bars.update(task, completed=done, total=total or None)


def main() -> None:
    """Load into the database of DATABASE_URL."""
    if "DATABASE_URL" not in os.environ:
        sys.exit("DATABASE_URL is not set: name the catalog's database.")
    with told_in_a_sentence():
        asyncio.run(load_packaged(os.environ["DATABASE_URL"]))


if __name__ == "__main__":
    main()
