"""Where ICD-10-CM pages put a code among the others of an encounter, and what they ask of the record."""

import pytest

from services.catalog.pages.diagnosis_documentation import requirements
from services.catalog.pages.diagnosis_order import never_first, order
from services.catalog.records import CodeRecord, Neighbourhood
from services.catalog.tabular.titles import is_manifestation, toxicity
from tests.unit.catalog_edits.tabular_list import records


def place_of(code: str) -> Neighbourhood:
    """A code with the places above it and nothing beside it."""
    record = records()[code]
    above = tuple(records()[ancestor] for ancestor in record.ancestors)
    return Neighbourhood(record, above, (), (record,), (), None, None)


def said(code: str) -> str:
    """What the page says of its order and of its being first."""
    place = place_of(code)
    return " ".join(statement.text for statement in (*order(place), *never_first(place.record)))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("F0280", "Never first-listed or principal: the underlying condition"),
        ("D638", "Never first-listed or principal: the underlying condition"),
        ("W010XXA", "Never first-listed or principal: it tells the cause"),
        ("T45515A", "Sequence the nature of the adverse effect first"),
        ("T45511A", "Sequence this code first"),
        ("T45516A", "Never first-listed or principal: it tells that too little"),
        ("S020XXS", "Sequence what the condition left behind first"),
        ("T45511S", "Sequence what the condition left behind first"),
    ],
)
def test_the_order_is_that_of_the_guidelines(code: str, words: str) -> None:
    assert words in said(code)


@pytest.mark.parametrize("code", ["T45511A", "T45516A"])
def test_a_code_first_note_for_adverse_effects_is_not_asked_of_others(code: str) -> None:
    asked = " ".join(statement.text for statement in requirements(place_of(code)))
    assert "code first note" not in said(code) + asked


@pytest.mark.parametrize(
    ("code", "section"),
    [("I10", "I.A.19"), ("Z1231", "I.C.21.a"), ("R0789", "I.B.4"), ("W010XXA", "I.C.20.a"), ("Y9301", "I.C.20.a")],
)
def test_a_circumstance_a_sign_and_a_cause_are_not_called_a_diagnosis(code: str, section: str) -> None:
    first = next(iter(requirements(place_of(code))))
    assert [citation.locator for citation in first.citations] == [f"section {section}"]
    assert ("diagnostic statement" in first.text) is (section == "I.A.19")


def test_a_cause_of_diseases_elsewhere_is_no_manifestation() -> None:
    assert not is_manifestation("Streptococcus, group A, as the cause of diseases classified elsewhere")
    assert is_manifestation("Disorders of iris and ciliary body in diseases classified elsewhere")


def test_a_category_of_several_effects_tells_none_of_them() -> None:
    def of(record: CodeRecord) -> object:
        return toxicity(record.code, record.heading)

    assert of(records()["T45"]) is None
    assert of(records()["I10"]) is None
