"""The real Tabular List against the official order file: every billable code exists, and titles agree."""

import gzip
import unicodedata
import zipfile
from importlib import resources
from pathlib import Path

import pytest

from services.catalog.imports.defects import Defects
from services.catalog.imports.icd10cm_tabular import Icd10cmTabular
from services.catalog.imports.importer import Choices, silent
from services.catalog.imports.packaged import import_packaged, packaged_files
from services.catalog.rows import CodeRow
from shared.database import Database
from tests.unit.catalog.read_rows import rows_of

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def rows() -> dict[str, CodeRow]:
    """The rows of the Tabular List that a package carries, by code."""
    ((_, paths),) = [(kind, paths) for kind, paths in packaged_files() if kind == "icd10cm-tabular"]
    defects = Defects()
    reading = Icd10cmTabular().read(paths, Choices(), defects, silent)
    found = {row.code: row for row in rows_of(reading) if isinstance(row, CodeRow)}
    assert not defects.kept
    return found


def plain(title: str) -> str:
    """The title as the order file writes it: without accents, blanks collapsed."""
    folded = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return " ".join(folded.split()).casefold()


def order(data_dir: Path) -> dict[str, tuple[bool, str]]:
    """Code, whether it is billable, and its long title, of the order file of FY 2026."""
    with gzip.open(data_dir / "icd10cm" / "icd10cm-order-2026.txt.gz", "rt", encoding="latin-1") as lines:
        return {line[6:13].strip(): (line[14] == "1", line[77:].strip()) for line in lines}


def test_categories_and_codes_are_exactly_those_of_the_order_file(rows: dict[str, CodeRow], data_dir: Path) -> None:
    official = order(data_dir)
    ours = {code: row.reportable for code, row in rows.items() if row.kind not in ("chapter", "block")}
    assert len(official) == 98_186
    assert ours == {code: billable for code, (billable, _) in official.items()}


def test_titles_agree_with_the_order_file(rows: dict[str, CodeRow], data_dir: Path) -> None:
    differing = {
        code: (rows[code].heading, title)
        for code, (_, title) in order(data_dir).items()
        if plain(rows[code].heading) != plain(title)
    }
    assert differing == {}


def test_every_code_of_the_packages_list_exists_but_those_an_exception_bars(rows: dict[str, CodeRow]) -> None:
    listed = (resources.files("simple_icd_10_cm") / "data" / "code-list-April-2026.txt").read_text().split()
    codes = {code.replace(".", "") for code in listed if code[0].isalpha() and "-" not in code}
    ours = {code for code, row in rows.items() if row.kind not in ("chapter", "block")}
    assert codes - ours == set()


def test_codes_deleted_since_the_year_before_do_not_exist(rows: dict[str, CodeRow], data_dir: Path) -> None:
    with zipfile.ZipFile(data_dir / "icd10cm" / "2025-code-descriptions-tabular-order.zip") as archive:
        name = next(name for name in archive.namelist() if name.endswith("order_2025.txt"))
        before = {line[6:13].strip() for line in archive.read(name).decode("latin-1").splitlines()}
    gone = before - set(order(data_dir))
    assert gone
    assert not gone & set(rows)


async def test_what_packages_carry_loads_once(database: Database) -> None:
    loaded = await import_packaged(database)
    assert {release.kind for release in loaded} == {"house", "icd10cm-tabular", "hcc"}
    assert await import_packaged(database) == []
    async with database.connection() as conn:
        row = await (
            await conn.execute(
                "SELECT count(*) AS pages, (SELECT count(DISTINCT h.code) FROM hcc h"
                " WHERE NOT EXISTS (SELECT 1 FROM code c WHERE c.system = 'icd10cm' AND c.code = h.code)) AS unknown"
                " FROM code WHERE has_page AND system IN ('cpt', 'hcpcs')"
            )
        ).fetchone()
    assert row is not None
    assert row["pages"] >= 130
    assert row["unknown"] == 0, "mappings name codes that are not in the Tabular List"
