"""Joins imports with the database, for commands and for whoever starts the platform; the rules are in `landing.py`."""

from collections.abc import Sequence
from pathlib import Path

from services.catalog.adapters.releases import PostgresReleases
from services.catalog.imports import landing
from services.catalog.imports.importer import Choices, Progress, silent
from services.catalog.imports.landing import NO_CHOICES
from services.catalog.releases import Release
from shared.clock import Clock, SystemClock
from shared.database import Database


async def import_file(
    database: Database,
    kind: str,
    paths: Sequence[Path],
    *,
    imported_by: str,
    choices: Choices = NO_CHOICES,
    progress: Progress = silent,
    clock: Clock | None = None,
    skip_if_loaded: bool = False,
) -> Release:
    """Import files as one release; raises as `landing.land` does."""
    return await landing.land(
        PostgresReleases(database),
        kind,
        paths,
        imported_by=imported_by,
        clock=clock or SystemClock(),
        choices=choices,
        progress=progress,
        skip_if_loaded=skip_if_loaded,
    )


async def revert(
    database: Database, kind: str, *, setting: str = "", release_id: str = "", clock: Clock | None = None
) -> tuple[Release, int]:
    """Put an older release of a slot in force again; gives it and the count of codes that changed by it."""
    return await landing.revert(
        PostgresReleases(database), kind, setting=setting, release_id=release_id, clock=clock or SystemClock()
    )


async def prune(database: Database, kind: str, *, keep: int, clock: Clock | None = None) -> list[Release]:
    """Remove the content of superseded releases of a kind, or of every kind when none is named; gives them."""
    return await landing.prune(PostgresReleases(database), kind, keep=keep, clock=clock or SystemClock())
