"""Fills an empty catalog with what packages and this repository carry, with progress that a person can watch."""

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from deploy.local.servers import Servers
from services.catalog.imports.packaged import import_packaged
from shared.database import Database


async def load_packaged(servers: Servers) -> None:
    """Load what is not loaded yet; nothing is shown when there is nothing to do."""
    database = Database(servers.url("catalog"))
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
