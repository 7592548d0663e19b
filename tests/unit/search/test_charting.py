"""What charts write around a complaint is no part of what is searched for."""

import pytest

from services.search.charting import complaint_of, without_visit


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("pt c/o chest pain x 3 days", "chest pain"),
        ("45 yo F with abdominal pain", "abdominal pain"),
        ("65 y/o male with COPD exacerbation", "COPD exacerbation"),
        ("6 mo old with rash", "rash"),
        ("Patient here for flu shot", "flu shot"),
        ("cc: sore throat", "sore throat"),
        ("presents with fever for the past 2 weeks", "fever"),
        ("headache since yesterday", "headache"),
        ("cough x2 weeks", "cough"),
        ("pt passed out at work", "passed out at work"),
        ("pt fell off ladder", "fell off ladder"),
    ],
)
def test_who_has_a_complaint_how_it_was_told_and_since_when_are_left_out(written: str, complaint: str) -> None:
    assert complaint_of(written) == complaint


@pytest.mark.parametrize(
    "text",
    [
        "patient lift",
        "pt lift sling",
        "patient",
        "patient isolation",
        "with hypoglycemia",
        "w/ sepsis",
        "J1885 x 2",
        "38 weeks gestation",
        "chest pain",
        "pt c/o",
    ],
)
def test_words_that_are_the_thing_itself_stay(text: str) -> None:
    assert complaint_of(text) == text


@pytest.mark.parametrize(
    ("written", "complaint"),
    [("HTN f/u", "HTN"), ("diabetes follow up", "diabetes"), ("UTI sx", "UTI"), ("follow up", ""), ("migraine", "")],
)
def test_what_a_visit_is_for_is_asked_for_without_the_visit_too(written: str, complaint: str) -> None:
    assert without_visit(written) == complaint
