"""The command `load`: imports every file of a folder that the catalog recognises, in one line and in order."""

import getpass
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from services.catalog.command_line import Bars, bars, say, tell_refusal, told, with_database
from services.catalog.comparing import LICENSED_KINDS
from services.catalog.imports.defects import ImportRefused
from services.catalog.imports.importer import Choices
from services.catalog.imports.recognition import Found, sort_files
from services.catalog.imports.registry import IMPORTERS
from services.catalog.imports.run import import_file
from services.catalog.releases import Release
from shared.database import Database
from shared.errors import DomainError, InvalidInput

MOST_FILES = 5_000


def load_command(
    folders: Annotated[list[Path], typer.Argument(help="Folders with files as published, or single files.")],
    by: Annotated[str, typer.Option(help="Who imports; recorded with the releases.")] = "",
    edition: Annotated[str, typer.Option(help="Edition of licensed files, which do not state it.")] = "",
    accept_licence_by: Annotated[str, typer.Option(help="Who accepts the licence of licensed code sets.")] = "",
) -> None:
    """Import every file of a folder that is recognised by its name; what is loaded already is left alone."""
    with told():
        sorting = sort_files(_files(folders), tuple(IMPORTERS.values()))
        if not sorting.imports:
            raise InvalidInput(
                "FILES_WRONG", "No file is called as a known one is published; `import KIND FILE` takes any name."
            )
    choices = Choices(edition=edition, licence_accepted_by=accept_licence_by)
    failed = sum(not _loaded(found, choices, by or getpass.getuser()) for found in sorting.imports)
    for path in sorting.repeated:
        say(f"Left out: {path.name}, for its files stand in the folder a second time.")
    for path in sorting.unknown:
        say(f"Not recognised: {path.name}.")
    say(f"{len(sorting.imports) - failed} of {len(sorting.imports)} imports are loaded.")
    if failed:
        raise typer.Exit(1)


def _files(folders: list[Path]) -> list[Path]:
    """Every file in the folders and below, in order."""
    found = []
    for folder in folders:
        if not folder.exists():
            raise InvalidInput("FILE_UNREADABLE", f"{folder}: there is no such folder or file.")
        found += sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else [folder]
    if len(found) > MOST_FILES:
        raise InvalidInput("FILES_WRONG", f"There are {len(found):,} files; name a folder of the data alone.")
    return found


def _loaded(found: Found, choices: Choices, by: str) -> bool:
    """Import one, and say how it went; another one goes on whatever happens to it."""
    names = ", ".join(path.name for path in found.paths)
    try:
        with bars() as drawn:
            release = with_database(lambda database: _import(database, found, choices, by, drawn))
    except ImportRefused as refused:
        tell_refusal(refused)
        return False
    except DomainError as error:
        say(f"{found.kind}: {error.message}")
        return False
    say(f"Loaded: {release.title}, {release.edition}, {release.entries:,} entries, from {names}.")
    return True


async def _import(database: Database, found: Found, choices: Choices, by: str, drawn: Progress) -> Release:
    said = choices if found.kind in LICENSED_KINDS else Choices()
    return await import_file(
        database,
        found.kind,
        found.paths,
        imported_by=by,
        choices=replace(said, setting=found.setting),
        progress=Bars(drawn),
        skip_if_loaded=True,
    )
