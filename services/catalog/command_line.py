"""What the operator's commands share: the terminal, the database, progress bars, and errors told in sentences."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from services.catalog.imports.defects import ImportRefused
from shared.database import Database
from shared.process import told_in_a_sentence

console = Console(stderr=True)
Answer = TypeVar("Answer")


class Bars:
    """Shows each step of an import as a bar on the terminal."""

    def __init__(self, bars: Progress) -> None:
        """Take where the bars are drawn."""
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        """Draw how far a step has come."""
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step, total=total or None)
        self._bars.update(self._tasks[step], completed=done, total=total or None)


def bars() -> Progress:
    """Progress bars on the terminal."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=console
    )


def database_url() -> str:
    """The catalog's database as the environment names it; ends the command with a sentence where it does not."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        console.print(
            "DATABASE_URL is not set: name the catalog's database, or run this command through "
            "python -m deploy.local exec catalog …",
            markup=False,
        )
        raise typer.Exit(2)
    return url


def with_database(work: Callable[[Database], Awaitable[Answer]]) -> Answer:
    """Do something with the catalog's database, opened."""

    async def whole() -> Answer:
        database = Database(database_url())
        await database.open()
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(whole())


def say(sentence: str) -> None:
    """Print a sentence as it is."""
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def told() -> Iterator[None]:
    """Tell an error of the domain in its sentence, a refused import with every defect, and end with status 1."""
    with told_in_a_sentence():
        try:
            yield
        except ImportRefused as refused:
            tell_refusal(refused)
            raise typer.Exit(1) from None


def tell_refusal(refused: ImportRefused) -> None:
    """Print every defect that is kept, and how many there are."""
    for defect in refused.defects.kept:
        say(str(defect))
    more = refused.defects.count - len(refused.defects.kept)
    rest = f" ({more} more are not listed)" if more else ""
    say(f"Nothing was imported: {refused.defects.count} defects{rest}.")
