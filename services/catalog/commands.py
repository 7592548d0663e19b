"""The operator's commands: run, migrate, import, load, fetch, releases, compare-texts."""

import getpass
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from services.catalog import release_commands
from services.catalog.adapters.descriptors import loaded_cpt_descriptors
from services.catalog.command_line import Bars, bars, console, database_url, told, with_database
from services.catalog.content.loading import load_content
from services.catalog.content.overlap import find_overlaps
from services.catalog.fetch_command import fetch_command
from services.catalog.imports.cpt import descriptors_of
from services.catalog.imports.importer import Choices
from services.catalog.imports.registry import IMPORTERS
from services.catalog.imports.run import import_file
from services.catalog.load_command import load_command
from services.catalog.settings import Settings
from shared.database import migrate
from shared.process import run_service

app = typer.Typer(help="The catalog service and its commands.", no_args_is_help=False, pretty_exceptions_enable=False)
app.add_typer(release_commands.app, name="releases")
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


@app.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """Run the service when no command is named."""
    if context.invoked_subcommand is None:
        run_command()


@app.command("run")
def run_command() -> None:
    """Run the service."""
    from services.catalog.wiring import build  # noqa: PLC0415 - a third of a second that no other command needs

    run_service(Settings, build)


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    with told():
        migrate(database_url(), Path(str(resources.files("services.catalog") / "migrations")))
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
    with told(), bars() as drawn:
        release = with_database(
            lambda database: import_file(
                database,
                kind,
                files or [],
                imported_by=by or getpass.getuser(),
                choices=choices,
                progress=Bars(drawn),
            )
        )
    standing = "In force" if release.in_force else "Answers for its days, with a later one in force"
    console.print(f"{standing}: {release.title}, {release.edition}, {release.entries:,} entries ({release.id}).")


app.command("load")(load_command)
app.command("fetch")(fetch_command)


@app.command("compare-texts")
def compare_command(
    file: Annotated[
        Path | None, typer.Option(help="A descriptor file (code, TAB, text) instead of the release that is loaded.")
    ] = None,
) -> None:
    """Fail when one of our texts shares six consecutive words with an official CPT descriptor."""
    with told():
        descriptors = descriptors_of(file) if file else with_database(loaded_cpt_descriptors)
        texts = [text.code for text in load_content().texts]
        overlaps = find_overlaps(texts, descriptors)
    for overlap in overlaps:
        console.print(str(overlap), markup=False, highlight=False)
    console.print(f"{len(texts)} texts compared with {len(descriptors):,} descriptors: {len(overlaps)} overlaps.")
    if overlaps:
        raise typer.Exit(1)
