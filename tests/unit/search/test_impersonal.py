"""What is kept of a query that found nothing tells of no person."""

import pytest

from services.search.impersonal import kept_form


@pytest.mark.parametrize(
    "query",
    [
        "john@example.org",
        "555-123-4567",
        "12/31/1980 fever",
        "MRN 4711 sepsis",
        "patient of dr x with cough",
        "1234567",
        "a word too many than anybody would ever type there",
        "x" * 81,
        "nul\x00byte",
        "half \ud800 a letter",
    ],
)
def test_what_may_tell_of_a_person_is_not_kept(query: str) -> None:
    assert kept_form(query) == ""


@pytest.mark.parametrize(
    ("query", "kept"),
    [("  Zebra   Disease ", "zebra disease"), ("E11.99Z", "e11.99z"), ("99999", "99999")],
)
def test_words_and_codes_are_kept_in_one_form(query: str, kept: str) -> None:
    assert kept_form(query) == kept
