"""The figures by which search is judged are counted right, and the baseline is the textbook's."""

import math

import pytest

from tests.search.bm25 import K1, B, Bm25
from tests.search.coder_queries import CoderQuery
from tests.search.evaluation import figures

QUERIES = [
    CoderQuery("lay", "first", "icd10cm", "E11.9"),
    CoderQuery("lay", "third", "icd10cm", "S52.5-"),
    CoderQuery("lay", "eleventh", "icd10cm", "I10"),
    CoderQuery("lay", "nothing", "icd10cm", "J44.9"),
]
ANSWERS = {
    "first": ["E119"],
    "third": ["S52", "S53.501A", "S52.501A"],
    "eleventh": [*(f"A0{number}" for number in range(10)), "I10"],
    "nothing": [],
}


def test_ranks_become_hits_reciprocals_and_empty_answers() -> None:
    found = figures(QUERIES, lambda text, _system: ANSWERS[text])
    assert (found.queries, found.hit_1, found.hit_10, found.zero_hits) == (4, 0.25, 0.5, 0.25)
    assert found.mrr_10 == pytest.approx((1 + 1 / 3) / 4)


def test_a_gold_with_a_dash_counts_what_lies_below_and_a_code_only_itself() -> None:
    assert CoderQuery("code", "", "icd10cm", "S52.5-").counts("S52.501A")
    assert not CoderQuery("code", "", "icd10cm", "S52.5-").counts("S52")
    assert not CoderQuery("code", "", "icd10cm", "S52.5").counts("S52.501A")


def test_the_baseline_scores_as_the_formula_says() -> None:
    baseline = Bm25([("icd10cm", "A", "cough"), ("icd10cm", "B", "dry cough"), ("cpt", "C", "fever")])
    assert baseline.find("cough") == ["A", "B"]
    assert baseline.find("cough", "cpt") == []
    [best, *_] = baseline.best(["cough"], "")
    assert best == 0
    rare = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    shorter, longer = (rare * (K1 + 1) / (1 + K1 * (1 - B + B * size / (4 / 3))) for size in (1, 2))
    assert shorter > longer > 0
