"""The queries that ranking is held to: enough of every class, and every gold code is a real one."""

import csv
import gzip
import zipfile
from collections import Counter
from pathlib import Path

import simple_icd_10_cm

from services.catalog.content.loading import load_content
from services.search.lexicon import Kind, lexicon
from services.search.words import terms_of
from tests.search.coder_queries import CoderQuery, coder_queries

CLASSES = {
    "code", "prefix", "title", "order-free", "plural", "typo", "abbreviation", "lay", "uk", "negation", "laterality",
    "drug", "procedure", "chart", "supply",
}  # fmt: skip


def _real(query: CoderQuery, codes: set[str]) -> bool:
    return query.gold.replace(".", "") in codes or any(query.counts(code) for code in codes)


def _pcs_titles(data_dir: Path) -> dict[str, str]:
    """The titles of ICD-10-PCS in the official file, by code."""
    with zipfile.ZipFile(data_dir / "icd10pcs/2026-icd-10-pcs-order-file.zip") as archive:
        order = next(name for name in archive.namelist() if name.endswith("order_2026.txt"))
        lines = archive.read(order).decode("latin-1").splitlines()
    return {line[6:13].strip(): line[77:] for line in lines}


def test_there_are_five_hundred_queries_of_fifteen_classes_and_none_twice() -> None:
    queries = coder_queries()
    kinds = Counter(query.kind for query in queries)
    assert len(queries) >= 500
    assert set(kinds) == CLASSES
    assert min(kinds.values()) >= 30
    assert len(set(queries)) == len(queries)


def test_every_gold_code_of_a_diagnosis_is_in_the_tabular_list() -> None:
    codes = {code.replace(".", "") for code in simple_icd_10_cm.get_all_codes()}
    wrong = [query for query in coder_queries() if query.system == "icd10cm" and not _real(query, codes)]
    assert not wrong


def test_every_gold_code_of_cpt_has_a_text_of_ours() -> None:
    codes = {text.code.code for text in load_content().texts if text.code.system == "cpt"}
    wrong = [query for query in coder_queries() if query.system == "cpt" and not _real(query, codes)]
    assert not wrong


def test_every_gold_code_of_hcpcs_and_of_icd_10_pcs_is_in_the_official_files(data_dir: Path) -> None:
    with gzip.open(data_dir / "hcpcs/hcpcs_level2_2024-07.csv.gz", "rt", encoding="utf-8") as lines:
        hcpcs = {row["hcpcs_code"] for row in csv.DictReader(lines)}
    for system, codes in (("hcpcs", hcpcs), ("icd10pcs", set(_pcs_titles(data_dir)))):
        assert not [query for query in coder_queries() if query.system == system and not _real(query, codes)]


def test_words_of_surgeons_are_told_in_those_of_a_title_of_icd_10_pcs(data_dir: Path) -> None:
    titles = _pcs_titles(data_dir)
    rows = [row for row in lexicon().rows if row.kind is Kind.ICD10PCS]
    assert len(rows) > 2_000
    cited = [(row, terms_of(titles[row.source.partition(": ")[2]])) for row in rows]
    assert not [row for row, title in cited if not set(title).issuperset(terms_of(row.expansion))]
