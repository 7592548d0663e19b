"""Topics, dead letters and lag by hand: `python -m shared.events --help`. EVENTS_URL names the log."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from shared.errors import DomainError
from shared.events import commands
from shared.events.topics import PACKAGED

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
topics = typer.Typer(no_args_is_help=True, help="The topics of the event log.")
letters = typer.Typer(no_args_is_help=True, help="Events that a group of consumers could never handle.")
app.add_typer(topics, name="topics")
app.add_typer(letters, name="dead-letters")

Url = Annotated[str, typer.Option(envvar="EVENTS_URL", help="kafka://host:port or postgres://user@host/events")]
By = Annotated[str, typer.Option(help="Who decides this; your system's user name when left out.")]
Why = Annotated[str, typer.Option(help="Why; it is kept for ever.")]
Group = Annotated[str, typer.Argument(help="The group of consumers.")]
Letter = Annotated[str, typer.Argument(help="The letter's id, topic/partition/offset.")]


def _say(work: Coroutine[Any, Any, list[str]], nothing: str = "") -> None:
    try:
        lines = asyncio.run(work)
    except DomainError as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(1) from error
    for line in lines or ([nothing] if nothing else []):
        typer.echo(line)


@topics.command("create")
def create(events_url: Url, file: Annotated[Path, typer.Option(help="The topics file.")] = PACKAGED) -> None:
    """Make the topics that are missing; those that exist are left as they are."""
    _say(commands.create_topics(events_url, file))


@topics.command("list")
def list_topics(events_url: Url) -> None:
    """Show the topics there are."""
    _say(commands.list_topics(events_url), "There are no topics.")


@letters.command("list")
def list_letters(
    events_url: Url,
    group: Annotated[str, typer.Argument(help="One group; all when left out.")] = "",
    decided: Annotated[bool, typer.Option("--all", help="Also those that somebody decided about.")] = False,
) -> None:
    """Show dead letters with their reasons."""
    _say(commands.list_letters(events_url, group or None, decided=decided), "There are no open dead letters.")


@letters.command("show")
def show(events_url: Url, group: Group, letter: Letter) -> None:
    """Show everything about one letter but its content."""
    _say(commands.show_letter(events_url, group, letter))


@letters.command("redrive")
def redrive(events_url: Url, group: Group, letter: Letter, why: Why, by: By = "") -> None:
    """Bring a letter back to its group, and to no other."""
    _say(commands.redrive(events_url, group, letter, by or getpass.getuser(), why))


@letters.command("discard")
def discard(events_url: Url, group: Group, letter: Letter, why: Why, by: By = "") -> None:
    """Decide that a letter is never handled; it stays in its topic."""
    _say(commands.discard(events_url, group, letter, by or getpass.getuser(), why))


@letters.command("audit")
def audit(events_url: Url) -> None:
    """Show every decision about dead letters: when, which, what, by whom, why."""
    _say(commands.show_audit(events_url), "Nothing was decided yet.")


@app.command("lag")
def lag(events_url: Url, group: Annotated[str, typer.Argument(help="One group; all when left out.")] = "") -> None:
    """Show how far groups are behind the end of their partitions."""
    _say(commands.show_lag(events_url, group or None), "No group reads anything.")


if __name__ == "__main__":
    app()
