"""Answers of CMS's Coverage API become documents and codes, or are refused with file, line and field."""

import json
import tempfile
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, silent
from services.catalog.imports.landing import NO_CHOICES
from services.catalog.imports.payment.coverage import CoverageDocuments
from services.catalog.payment_rows import CoverageArticleRow, CoverageCodeRow
from services.catalog.rows import Edition, Row
from shared.errors import InvalidInput
from tests.unit.catalog.read_rows import rows_of

ARTICLE = {"article_id": 50001, "article_version": 7}
ANSWERS: dict[str, list[dict[str, Any]]] = {
    "metadata/local-data-schedule": [{"data_captured_through": "20261115", "refreshed_on_date": "20261119"}],
    "article": [{
        **ARTICLE, "title": "Billing and Coding: Invented  Tests", "article_type_description": "Billing and Coding",
        "article_eff_date": "10/01/2026", "article_end_date": "N/A", "status": "A", "last_updated": "09/20/2026",
        "display_id": 50001, "description": "<p>Invented</p>",
    }],
    "article/contractor": [{**ARTICLE, "contractor_id": 11, "contractor_type_id": 1, "contractor_version": 2}],
    "contractor": [{"contractor_id": 11, "contractor_version": 2, "contractor_name": "Invented Contractor"}],
    "article/hcpc-code": [
        {**ARTICLE, "hcpc_code_id": "11111", "hcpc_code_group": 1, "long_description": "Secret words", "range": ""},
        {**ARTICLE, "hcpc_code_id": "J1234", "hcpc_code_group": 2, "short_description": "Secret"},
        {**ARTICLE, "hcpc_code_id": "J1234", "hcpc_code_group": 2, "short_description": "Secret"},
    ],
    "article/hcpc-code-group": [{**ARTICLE, "hcpc_code_group": 1, "paragraph": "Invented paragraph"}],
    "article/hcpc-modifier": [{**ARTICLE, "hcpc_modifier_code_id": "KX", "hcpc_modifier_group": 1}],
    "article/icd10-covered": [
        {**ARTICLE, "icd10_code_id": "E11.9", "icd10_covered_group": 1, "asterisk": "*", "sort_order": 1},
        {**ARTICLE, "icd10_code_id": "XX000", "icd10_covered_group": 2},
    ],
    "article/icd10-covered-group": [{**ARTICLE, "icd10_covered_group": 1, "paragraph": "Invented paragraph"}],
    "article/icd10-noncovered": [{**ARTICLE, "icd10_code_id": "Z00.00", "icd10_noncovered_group": 1}],
    "article/icd10-pcs-code": [{**ARTICLE, "icd10_pcs_code_id": "0016070", "icd10_pcs_code_group": 1}],
    "article/code-table": [{
        "article_id": 50002, "article_version": 1, "code_table_row": 1, "hcpc_code_id": "J5678",
        "eff_date": "01/01/2020", "brand_name": "Invented",
    }],
    "article/related-documents": [{**ARTICLE, "related_num": 1, "r_lcd_id": 30001, "r_lcd_version": 3}],
    "article/related-ncd-documents": [{**ARTICLE, "related_num": 1, "r_ncd_id": 108, "r_ncd_version": 1}],
    "article/bill-codes": [{**ARTICLE, "bill_code_id": "013", "bill_code_version": 1}],
    "lcd": [{
        "lcd_id": 30001, "lcd_version": 3, "title": "Invented Tests", "orig_det_eff_date": "10/01/2015",
        "rev_eff_date": "01/01/2026", "date_retired": "", "display_id": 30001,
    }],
    "ncd": [{
        "document_id": "108", "document_version": 1, "document_display_id": "110.24", "title": "Invented Therapy",
        "effective_date": "03/16/2010",
    }],
    "reports/local-coverage-sad": [{
        "document_id": "50002", "document_version": 1, "document_display_id": "A50002", "document_type": "Article",
        "title": "Self-Administered Drugs", "contractor_name_type": "Invented Contractor (A and B MAC)",
        "effective_date": "01/01/2020", "retirement_date": None,
    }],
}  # fmt: skip
CODES = [
    CoverageCodeRow("article", 50001, "cpt", "11111", "procedure", 1, False),
    CoverageCodeRow("article", 50001, "hcpcs", "J1234", "procedure", 2, False),
    CoverageCodeRow("article", 50001, "icd10cm", "E119", "supports", 1, True),
    CoverageCodeRow("article", 50001, "icd10cm", "Z0000", "does-not-support", 1, False),
    CoverageCodeRow("article", 50001, "icd10pcs", "0016070", "procedure", 1, False),
    CoverageCodeRow("article", 50001, "modifier", "KX", "modifier", 1, False),
    CoverageCodeRow("article", 50002, "hcpcs", "J5678", "excluded", 0, False),
]


def answer(entries: list[dict[str, Any]]) -> str:
    """An answer of the API, an entry a line."""
    meta = {"status": {"id": 200, "message": "OK"}, "notes": "", "fields": ["data"], "children": []}
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    return f'{{"meta": {json.dumps(meta)}, "data": [\n{lines}\n]}}\n'


def archive(folder: Path, answers: dict[str, list[dict[str, Any]]]) -> Path:
    """All answers in one archive."""
    path = folder / "coverage.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, entries in answers.items():
            packed.writestr(f"{name}.json", answer(entries))
    return path


def read(*paths: Path, choices: Choices = NO_CHOICES) -> tuple[list[Row], Edition, Defects]:
    """All rows, the edition and the defects."""
    defects = Defects()
    reading = CoverageDocuments().read(paths, choices, defects, silent)
    return rows_of(reading), reading.edition(), defects


def test_documents_and_their_codes_are_read_without_descriptions(tmp_path: Path) -> None:
    rows, edition, defects = read(archive(tmp_path, ANSWERS))
    assert not defects.kept
    assert edition == Edition("as of November 15, 2026", date(2026, 11, 15))
    assert "Secret" not in str(rows)
    documents = {row.display_id: row for row in rows if isinstance(row, CoverageArticleRow)}
    assert sorted((row for row in rows if isinstance(row, CoverageCodeRow)), key=str) == sorted(CODES, key=str)
    assert documents["A50001"] == CoverageArticleRow(
        "article", 50001, 7, "A50001", "Billing and Coding: Invented Tests", "Billing and Coding", "A",
        ["Invented Contractor"], date(2026, 10, 1), None, None, date(2026, 9, 20),
        "https://www.cms.gov/medicare-coverage-database/view/article.aspx?articleid=50001&ver=7",
        ["lcd/30001", "ncd/108"],
    )  # fmt: skip
    assert documents["L30001"].effective_from == date(2026, 1, 1)
    assert documents["110.24"].url.endswith("/ncd.aspx?ncdid=108&ncdver=1")
    assert documents["A50002"].contractors == ["Invented Contractor (A and B MAC)"]


def test_the_day_of_the_database_is_asked_for_where_no_answer_says_it(tmp_path: Path) -> None:
    path = archive(tmp_path, {name: ANSWERS[name] for name in ("article", "article/hcpc-code")})
    with pytest.raises(InvalidInput, match="none of the answers says up to which day the database was read"):
        read(path)
    _, edition, _ = read(path, choices=Choices(effective_from=date(2026, 11, 1)))
    assert edition == Edition("as of November 1, 2026", date(2026, 11, 1))


@pytest.mark.parametrize(
    ("name", "entry", "said"),
    [
        ("article/hcpc-code", {"hcpc_code_id": "1111"}, 'line 3, column 1: the field hcpc_code_id is "1111"'),
        ("article/hcpc-code", {"hcpc_code_id": "11111", "article_version": "x"}, 'the field article_version is "x"'),
        ("article/hcpc-code", {"hcpc_code_id": "11111", "article_version": 8},
         "line 3, column 1: codes of version 8 of article 50001; its own answer is of version 7"),
        ("article/hcpc-code", {"hcpc_code_id": "11111", "article_id": 9}, "codes of article 9, which is not among"),
        ("article/icd10-covered", {"icd10_code_id": "119", "icd10_covered_group": 1}, 'icd10_code_id is "119"'),
        ("article", {"title": "Other", "article_eff_date": "2026-10-01"}, 'article_eff_date is "2026-10-01"; a day'),
        ("article/hcpc-modifier", {"hcpc_modifier_code_id": "KXX"}, "a modifier of two characters is expected"),
        ("metadata/local-data-schedule", {"data_captured_through": "15/11/26"}, "a day as YYYYMMDD is expected"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_place(tmp_path: Path, name: str, entry: dict[str, Any], said: str) -> None:
    first = {"hcpc_code_id": "22222"} if name == "article/hcpc-code" else {"ignored": 1}
    wrong = {**ANSWERS, name: [{**ARTICLE, **first}, {**ARTICLE, **entry}]}
    if name == "article":
        wrong[name].insert(0, ANSWERS[name][0])
    *_, defects = read(archive(tmp_path, wrong), choices=Choices(effective_from=date(2026, 11, 1)))
    assert [str(defect) for defect in defects.kept if said in str(defect)], defects.kept
    assert str(defects.kept[0]).startswith(f"coverage.zip/{name}.json, line ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"data": [', "this is no JSON"),
        ("[]", 'an object with an array "data" is expected'),
        ('{"data": {}}', 'an object with an array "data" is expected'),
        ('{"meta": {}, "data": [1]}', "an entry of data is no object"),
        ('{"data": []}', "no answer names a document"),
        ("[" * 100_000, "nested deeper than any answer"),
    ],
)
def test_what_is_no_answer_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "answer.json"
    path.write_text(text)
    *_, defects = read(path)
    assert defects.count == 1
    assert said in str(defects.kept[0])


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 99_999), st.floats(allow_nan=False), st.text(max_size=8),
    st.sampled_from(["11111", "E11.9", "10/01/2026", "N/A", "A"]), st.lists(st.integers(), max_size=2),
)  # fmt: skip


@settings(max_examples=150)
@given(data=st.data())
def test_whatever_is_brought_is_read_or_refused_with_places(data: st.DataObject) -> None:
    changed = {name: [dict(entry) for entry in entries] for name, entries in ANSWERS.items()}
    for _ in range(data.draw(st.integers(1, 3))):
        entries = changed[data.draw(st.sampled_from(sorted(changed)))]
        entry = data.draw(st.sampled_from(entries))
        entry[data.draw(st.sampled_from(sorted(entry)))] = data.draw(VALUES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.json"
        text = answer([entry for entries in changed.values() for entry in entries]).encode()
        path.write_bytes(text[: data.draw(st.sampled_from([len(text), len(text) // 2]))])
        rows, _, defects = read(path, choices=Choices(effective_from=date(2026, 11, 1)))
    assert rows or defects.count
    assert all(defect.line >= 1 and defect.column >= 1 for defect in defects.kept)
