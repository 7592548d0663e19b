"""The operator's commands: run, migrate, import, releases, compare-texts."""

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.catalog.adapters.descriptors import loaded_cpt_descriptors
from services.catalog.adapters.releases import PostgresReleases
from services.catalog.content.loading import load_content
from services.catalog.content.overlap import find_overlaps
from services.catalog.imports.cpt import descriptors_of
from services.catalog.imports.defects import ImportRefused
from services.catalog.imports.importer import Choices
from services.catalog.imports.registry import IMPORTERS
from services.catalog.imports.run import import_file, prune, revert
from services.catalog.releases import KEPT
from services.catalog.settings import Settings
from services.catalog.wiring import build
from shared.database import Database, migrate
from shared.process import run_service, told_in_a_sentence

app = typer.Typer(help="The catalog service and its commands.", no_args_is_help=False, pretty_exceptions_enable=False)
releases_app = typer.Typer(help="Releases: list them, put an older one in force again, remove old ones.")
app.add_typer(releases_app, name="releases")
console = Console(stderr=True)
Answer = TypeVar("Answer")
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


@app.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """Run the service when no command is named."""
    if context.invoked_subcommand is None:
        run_service(Settings, build)


@app.command("run")
def run_command() -> None:
    """Run the service."""
    run_service(Settings, build)


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    with _told():
        migrate(_database_url(), Path(str(resources.files("services.catalog") / "migrations")))
    console.print("The catalog's database has the newest schema.")


@app.command("import", help=f"Import files as one release. Kinds: {', '.join(IMPORTERS)}.")
def import_command(  # noqa: PLR0917 - typer reads options from arguments
    kind: str,
    files: Annotated[list[Path] | None, typer.Argument(help="The files of the import.")] = None,
    edition: Annotated[str, typer.Option(help="Edition, where the file does not state it.")] = "",
    setting: Annotated[
        str, typer.Option(help="Setting (practitioner, outpatient, dme), where the files' names do not say it.")
    ] = "",
    effective: Day = None,
    until: Day = None,
    by: Annotated[str, typer.Option(help="Who imports; recorded with the release.")] = "",
    accept_licence_by: Annotated[
        str, typer.Option(help="Who accepts the licence of a licensed code set; recorded with the release.")
    ] = "",
) -> None:
    """Import files as one release that answers from its first day on."""
    choices = Choices(
        edition=edition,
        setting=setting,
        effective_from=effective.date() if effective else None,
        effective_to=until.date() if until else None,
        licence_accepted_by=accept_licence_by,
    )
    with _told(), _bars() as bars:
        release = _with_database(
            lambda database: import_file(
                database,
                kind,
                files or [],
                imported_by=by or getpass.getuser(),
                choices=choices,
                progress=Bars(bars),
            )
        )
    standing = "In force" if release.in_force else "Answers for its days, with a later one in force"
    console.print(f"{standing}: {release.title}, {release.edition}, {release.entries:,} entries ({release.id}).")


@releases_app.command("list")
def list_command(kind: str = "") -> None:
    """List the releases, newest first."""
    with _told():
        found = _with_database(lambda database: PostgresReleases(database).releases(kind))
    table = Table("Release", "Kind", "Edition", "Effective", "Entries", "Imported", "By", "Answers")
    for release in found:
        table.add_row(
            release.id,
            release.slot,
            release.edition,
            f"{release.effective_from or '?'} to {release.effective_to or '?'}",
            f"{release.entries:,}",
            f"{release.imported_at:%Y-%m-%d %H:%M} UTC",
            release.imported_by,
            "in force" if release.in_force else "for its days" if release.answering else "",
        )
    Console(width=None if Console().is_terminal else 240).print(table)


@releases_app.command("revert")
def revert_command(
    kind: str,
    setting: Annotated[str, typer.Option(help="The setting, where the kind has settings.")] = "",
    to: Annotated[str, typer.Option(help="The release; the one before the present one when empty.")] = "",
) -> None:
    """Put an older release of a kind and setting in force again."""
    with _told():
        release, changed = _with_database(lambda database: revert(database, kind, setting=setting, release_id=to))
    console.print(f"In force again: {release.title}, {release.edition} ({release.id}); {changed:,} codes changed.")


@releases_app.command("prune")
def prune_command(
    kind: Annotated[str, typer.Option(help="One kind; every kind when empty.")] = "",
    keep: Annotated[int, typer.Option(help="How many releases stay beside the one in force, of each kind.")] = KEPT,
) -> None:
    """Remove the content of superseded releases; the one in force and the newest others stay to go back to."""
    with _told():
        gone = _with_database(lambda database: prune(database, kind, keep=keep))
    for release in gone:
        console.print(f"Removed: {release.title}, {release.edition} ({release.id}).", markup=False, highlight=False)
    console.print(f"{len(gone)} releases removed; of each kind the one in force and up to {keep} others stay.")


@app.command("compare-texts")
def compare_command(
    file: Annotated[
        Path | None, typer.Option(help="A descriptor file (code, TAB, text) instead of the release that is loaded.")
    ] = None,
) -> None:
    """Fail when one of our texts shares six consecutive words with an official CPT descriptor."""
    with _told():
        descriptors = descriptors_of(file) if file else _with_database(loaded_cpt_descriptors)
        texts = [text.code for text in load_content().texts]
        overlaps = find_overlaps(texts, descriptors)
    for overlap in overlaps:
        console.print(str(overlap), markup=False, highlight=False)
    console.print(f"{len(texts)} texts compared with {len(descriptors):,} descriptors: {len(overlaps)} overlaps.")
    if overlaps:
        raise typer.Exit(1)


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


def _bars() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=console
    )


def _database_url() -> str:
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        console.print(
            "DATABASE_URL is not set: name the catalog's database, or run this command through "
            "python -m deploy.local exec catalog …",
            markup=False,
        )
        raise typer.Exit(2)
    return url


def _with_database(work: Callable[[Database], Awaitable[Answer]]) -> Answer:
    async def whole() -> Answer:
        database = Database(_database_url())
        await database.open()
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(whole())


@contextmanager
def _told() -> Iterator[None]:
    """Tell an error of the domain in its sentence, a refused import with every defect, and end with status 1."""
    with told_in_a_sentence():
        try:
            yield
        except ImportRefused as refused:
            for defect in refused.defects.kept:
                console.print(str(defect), markup=False, highlight=False, soft_wrap=True)
            more = refused.defects.count - len(refused.defects.kept)
            rest = f" ({more} more are not listed)" if more else ""
            console.print(f"Nothing was imported: {refused.defects.count} defects{rest}.", markup=False)
            raise typer.Exit(1) from None
