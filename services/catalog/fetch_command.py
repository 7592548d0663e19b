"""The command `fetch`: downloads the current official files, and imports them when that is asked for."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from services.catalog.command_line import Bars, bars, say, tell_refusal, told, with_database
from services.catalog.fetching.download import Downloader
from services.catalog.fetching.fetching import Fetching, Outcome
from services.catalog.fetching.sources import Source, chosen, load_sources
from services.catalog.imports.defects import ImportRefused
from services.catalog.imports.importer import Choices
from services.catalog.imports.registry import IMPORTERS
from services.catalog.imports.run import import_file
from shared.clock import SystemClock
from shared.errors import DomainError


def fetch_command(  # noqa: PLR0917 - typer reads options from arguments
    names: Annotated[
        list[str] | None, typer.Argument(help="Which data sets; all that can be fetched when none.")
    ] = None,
    to: Annotated[Path, typer.Option(help="The folder; each data set has one of its own below it.")] = Path("fetched"),
    listed: Annotated[bool, typer.Option("--list", help="Show where each data set comes from.")] = False,
    imports: Annotated[bool, typer.Option("--import", help="Import what was fetched, where it is not loaded.")] = False,
    by: Annotated[str, typer.Option(help="Who imports; recorded with the releases.")] = "",
    accept_licence_by: Annotated[
        str, typer.Option(help="Who accepts the AMA's terms before files with CPT codes; kept beside them.")
    ] = "",
    sources: Annotated[Path | None, typer.Option(help="Other addresses, such as those of a mirror.")] = None,
) -> None:
    """Download the current official files from their publishers; a download that was cut off goes on."""
    with told():
        known = load_sources(sources)
        wanted = chosen(known, names or [])
    if listed:
        for source in known:
            say(_place(source))
        return
    done, failed = _fetched(wanted, to, accept_licence_by)
    if imports:
        order = {kind: place for place, kind in enumerate(IMPORTERS)}
        pairs = [(kind, outcome) for outcome in done for kind in outcome.source.kinds]
        for kind, outcome in sorted(pairs, key=lambda pair: order[pair[0]]):
            failed += not _imported(kind, outcome, by or getpass.getuser())
    say(f"{len(done)} of {len(wanted)} data sets are in {to}.")
    if failed:
        raise typer.Exit(1)


def _fetched(wanted: list[Source], to: Path, accept_licence_by: str) -> tuple[list[Outcome], int]:
    """Fetch one after the other; whatever happens to one, the others follow."""
    done, failed = [], 0
    for source in wanted:
        with bars() as drawn:
            downloader = Downloader(Bars(drawn))
            try:
                outcome = Fetching(to, downloader, SystemClock(), say).fetch(source, accept_licence_by)
            except DomainError as error:
                say(error.message)
                failed += 1
                continue
            except OSError as error:
                say(f"{source.name}: {error.filename or to} cannot be written: {error.strerror}.")
                failed += 1
                continue
            finally:
                downloader.close()
        done.append(outcome)
        kept = "" if outcome.new else " (current already)"
        say(f"Fetched{kept}: {source.name}, {', '.join(path.name for path in outcome.paths)}.")
    return done, failed


def _imported(kind: str, outcome: Outcome, by: str) -> bool:
    """Import the files of a data set as one of its kinds, and say how it went."""
    choices = Choices(setting=outcome.source.setting)
    try:
        with bars() as drawn:
            release = with_database(
                lambda database: import_file(
                    database,
                    kind,
                    outcome.paths,
                    imported_by=by,
                    choices=choices,
                    progress=Bars(drawn),
                    skip_if_loaded=True,
                )
            )
    except ImportRefused as refused:
        tell_refusal(refused)
        return False
    except DomainError as error:
        say(f"{kind}: {error.message}")
        return False
    say(f"Loaded: {release.title}, {release.edition}, {release.entries:,} entries.")
    return True


def _place(source: Source) -> str:
    where = source.page or source.visit or ", ".join(source.addresses)
    how = "a page to visit: " if source.visit else ""
    return f"{source.name}: {how}{where}{' (terms of the AMA)' if source.licensed else ''}"
