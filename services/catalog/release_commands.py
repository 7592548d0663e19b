"""The operator's commands about releases: list, compare, put an older one in force again, remove old ones."""

import csv
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.catalog.adapters.comparisons import PostgresComparisons
from services.catalog.adapters.releases import PostgresReleases
from services.catalog.command_line import console, say, told, with_database
from services.catalog.comparing import COMPARED_OF_BOTH, LARGEST_PAGE, CodeDifference, Comparing, Comparison
from services.catalog.imports.run import prune, revert
from services.catalog.releases import KEPT
from services.catalog.systems import dotted
from shared.clock import SystemClock
from shared.database import Database

app = typer.Typer(help="Releases: list and compare them, put an older one in force again, remove old ones.")
SHOWN = 50
COLUMNS = ("change", "system", "code", "old_text", "new_text")


@app.command("list")
def list_command(kind: str = "") -> None:
    """List the releases, newest first."""
    with told():
        found = with_database(lambda database: PostgresReleases(database).releases(kind))
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
    _wide().print(table)


@app.command("diff")
def diff_command(
    old: Annotated[str, typer.Argument(help="The release to compare with.")],
    new: Annotated[str, typer.Argument(help="The release that is compared, of the same kind or code set.")],
    change: Annotated[str, typer.Option(help="added, deleted or revised codes alone.")] = "",
    file: Annotated[Path | None, typer.Option("--csv", help="Write all of it into a CSV file.")] = None,
) -> None:
    """Compare two releases: the codes that one adds, deletes and revises against the other, with their texts."""
    with told():
        first, all_of_it = with_database(lambda database: _compared(database, old, new, change, whole=file is not None))
    say(f"{first.old.title}, {first.old.edition}, against {first.new.title}, {first.new.edition}:")
    say(f"{first.counts.added:,} added, {first.counts.deleted:,} deleted, {first.counts.revised:,} revised.")
    if first.old.kind != first.new.kind:
        say(COMPARED_OF_BOTH)
    if file is not None:
        with file.open("w", encoding="utf-8", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(COLUMNS)
            writer.writerows(_cells(difference) for difference in all_of_it)
        say(f"{len(all_of_it):,} codes written to {file}.")
        return
    table = Table("Change", "System", "Code", "Old", "New")
    for difference in all_of_it:
        table.add_row(*_cells(difference))
    _wide().print(table)
    if first.next_page_token:
        say(f"The first {SHOWN} of them; --csv FILE writes all.")


@app.command("revert")
def revert_command(
    kind: str,
    setting: Annotated[str, typer.Option(help="The setting, where the kind has settings.")] = "",
    to: Annotated[str, typer.Option(help="The release; the one before the present one when empty.")] = "",
) -> None:
    """Put an older release of a kind and setting in force again."""
    with told():
        release, changed = with_database(lambda database: revert(database, kind, setting=setting, release_id=to))
    console.print(f"In force again: {release.title}, {release.edition} ({release.id}); {changed:,} codes changed.")


@app.command("prune")
def prune_command(
    kind: Annotated[str, typer.Option(help="One kind; every kind when empty.")] = "",
    keep: Annotated[int, typer.Option(help="How many releases stay beside those that answer, of each kind.")] = KEPT,
) -> None:
    """Remove the content of superseded releases; those that answer and the newest others stay to go back to."""
    with told():
        gone = with_database(lambda database: prune(database, kind, keep=keep))
    for release in gone:
        say(f"Removed: {release.title}, {release.edition} ({release.id}).")
    console.print(f"{len(gone)} releases removed; of each kind those that answer and up to {keep} others stay.")


async def _compared(
    database: Database, old: str, new: str, change: str, *, whole: bool
) -> tuple[Comparison, list[CodeDifference]]:
    """The first part of a comparison, and as much of it as is wanted."""
    comparing = Comparing(PostgresComparisons(database), SystemClock())
    first = await comparing.compare(old, new, change, LARGEST_PAGE if whole else SHOWN, "", licensed_texts=True)
    found = list(first.differences)
    if whole:
        async for part in _rest(comparing, first, change):
            found += part.differences
    return first, found


async def _rest(comparing: Comparing, first: Comparison, change: str) -> AsyncIterator[Comparison]:
    part = first
    while part.next_page_token:
        part = await comparing.compare(
            first.old.id, first.new.id, change, LARGEST_PAGE, part.next_page_token, licensed_texts=True
        )
        yield part


def _cells(difference: CodeDifference) -> tuple[str, ...]:
    code = dotted(difference.system, difference.code)
    return difference.change.value, difference.system, code, difference.old_text, difference.new_text


def _wide() -> Console:
    return Console(width=None if Console().is_terminal else 240)
