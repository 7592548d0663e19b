"""The official files of the code sets import whole, and say what was published."""

import gzip
from collections import Counter
from pathlib import Path

import pytest

from services.catalog.code_set_rows import ConversionRow, GemRow, IndexEntryRow, PoaExemptRow
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, silent
from services.catalog.imports.registry import importer_of
from services.catalog.imports.run import import_file
from services.catalog.rows import CodeRow, Row
from tests.integration.catalog.conftest import Catalog
from tests.real_files import OTHER_EDITIONS, files_of
from tests.unit.catalog.read_rows import rows_of


def read(kind: str, paths: list[Path]) -> list[Row]:
    """Every row of an import, which has no defect."""
    defects = Defects()
    rows = rows_of(importer_of(kind).read(paths, Choices(), defects, silent))
    assert not defects.kept
    return rows


def of_system(rows: list[Row], system: str) -> dict[str, CodeRow]:
    """The codes of a system that are more than headings of ours."""
    return {row.code: row for row in rows if isinstance(row, CodeRow) and row.system == system and row.official}


def order_file(data_dir: Path) -> dict[str, bool]:
    """Codes of the order file of FY 2026, read straight, and whether each is billable."""
    with gzip.open(data_dir / "icd10cm" / "icd10cm-order-2026.txt.gz", "rt", encoding="latin-1") as lines:
        return {line[6:13].strip(): line[14] == "1" for line in lines}


def test_conversions_exemptions_and_mappings_name_codes_that_exist(data_dir: Path) -> None:
    official = order_file(data_dir)
    exempt = [
        row.code for row in read("icd10cm-poa", files_of(data_dir, "icd10cm-poa")) if isinstance(row, PoaExemptRow)
    ]
    assert len(exempt) == 38_349
    assert all(official[code] for code in exempt)
    rows = read("icd10cm-conversion", files_of(data_dir, "icd10cm-conversion"))
    conversions = [row for row in rows if isinstance(row, ConversionRow)]
    assert len({row.code for row in conversions}) == 5_884
    deleted_again = {row.code for row in conversions} - official.keys()
    assert len(deleted_again) < 60
    assert {row.first for row in conversions if row.code == "U070"} == {
        "J680", "J689", "J691", "J80", "J82", "J84114", "J8489", "Z720",
    }  # fmt: skip


def test_mappings_are_the_files_lines(data_dir: Path) -> None:
    rows = [row for row in read("gems", files_of(data_dir, "gems")) if isinstance(row, GemRow)]
    assert Counter(row.system for row in rows) == {"icd10cm": 81_593, "icd9cm": 24_860}
    assert sum(row.no_map for row in rows) == 731 + 422
    assert sum(row.combination for row in rows) == 4_480 + 4_254 + 159 + 53 + 53 + 26 + 7 + 3 + 1_151 + 853 + 332


def test_icd9_is_the_last_release(data_dir: Path) -> None:
    rows = read("icd9cm", files_of(data_dir, "icd9cm"))
    diagnoses, procedures = of_system(rows, "icd9cm"), of_system(rows, "icd9pcs")
    assert (len(diagnoses), len(procedures)) == (14_567, 3_882)
    assert diagnoses["38600"].heading == "Ménière's disease, unspecified"
    assert {diagnoses[code].display for code in ("25000", "V1041", "E8809")} == {"250.00", "V10.41", "E880.9"}
    assert procedures["8154"].display == "81.54"


def test_every_form_and_edition_of_hcpcs_imports(data_dir: Path) -> None:
    found = {}
    for kind, name in OTHER_EDITIONS:
        if kind == "hcpcs":
            found[name] = read(kind, [data_dir / name])
    text, workbook = found.values()
    newest = read("hcpcs", files_of(data_dir, "hcpcs"))
    sizes = [(len(of_system(rows, "hcpcs")), len(of_system(rows, "modifier"))) for rows in (text, workbook, newest)]
    assert sizes == [(6_440, 360), (6_825, 371), (8_033, 0)]
    both = [of_system(rows, "hcpcs") for rows in (text, workbook)]
    same = [code for code in both[0] if code in both[1] and both[1][code].body.get("action_date", "") < "2019-01-01"]
    assert len(same) > 4_000
    differing = {code for code in same if both[0][code].heading != both[1][code].heading}
    assert len(differing) < 5, "the text and the workbook say the same of codes that did not change"
    assert of_system(text, "hcpcs")["G8891"].heading.endswith("is not clinically appropriate)")


def test_index_terms_lead_to_codes_that_exist(data_dir: Path) -> None:
    official = order_file(data_dir)
    rows = [r for r in read("icd10cm-index", files_of(data_dir, "icd10cm-index")) if isinstance(r, IndexEntryRow)]
    assert Counter(name for name, _ in {(row.index_name, row.ordinal) for row in rows if row.level == 0}) == {
        "drug": 5_179, "external-cause": 314, "neoplasm": 1,
    }  # fmt: skip
    unknown = {row.code for row in rows if row.code and row.code not in official}
    assert len(unknown) < 60, f"codes without their seventh character are no codes of the order file: {sorted(unknown)}"


def test_procedure_tables_name_nearly_all_their_values(data_dir: Path) -> None:
    rows = of_system(read("icd10pcs-order", files_of(data_dir, "icd10pcs-order")), "icd10pcs")
    assert Counter(row.reportable for row in rows.values()) == {True: 79_115, False: 914}
    tables = {code: row.body["labels"] for code, row in rows.items() if len(row.code) == 3}
    names = [name for labels in tables.values() for values in labels.values() for name in values.values()]
    assert sum(not name for name in names) / len(names) < 0.02
    assert tables["0DB"]["4"]["6"] == "Stomach"
    assert tables["0SR"]["6"]["2"] == "Metal on Polyethylene Synthetic Substitute"
    elsewhere = [
        (code, name)
        for code, row in rows.items()
        if row.reportable
        for place in ("4", "5", "6", "7")
        if (name := tables[code[:3]][place][code[int(place) - 1]]) not in {"", "none"} and name not in row.heading
    ]
    assert len(elsewhere) < 1_100, (
        "but where a qualifier names the part instead, as in Destruction of Left Atrial Appendage"
    )


@pytest.mark.long
async def test_a_year_of_editions_answers_for_codes_that_were_deleted(catalog: Catalog, data_dir: Path) -> None:
    for kind, name in [("icd10cm-order", "icd10cm/2025-code-descriptions-tabular-order.zip"),
                       ("icd10cm-order", "icd10cm/2026-code-descriptions-tabular-order.zip"),
                       ("icd10cm-conversion", "icd10cm/ICD-10-CM-CONVERSION-TABLE-FY2026.xlsx"),
                       ("icd10cm-poa", "icd10cm/POAexemptCodesFY26.zip")]:  # fmt: skip
        await import_file(catalog.database, kind, [data_dir / name], imported_by="tester")
    gone = await catalog.page("icd10cm", "S30.1XXA")
    assert (
        gone.billing.reportable == "S30.1XXA is not valid: its last day was September 30, 2025, by ICD-10-CM FY 2026."
    )
    assert {"S30.11XA", "S30.12XA", "S30.13XA"} <= {ref.display_code for ref in gone.status.successors}
    header = await catalog.page("icd10cm", "D71")
    assert not header.reportable
    assert not header.status.successors, "the code is still there, as a header"
    valid = await catalog.page("icd10cm", "U07.1")
    assert not valid.status.successors
    assert any("exempt from reporting" in s.text for s in (await catalog.page("icd10cm", "Z99.81")).billing.guidance)
