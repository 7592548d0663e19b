"""How far a negation reaches in a query."""

import pytest

from services.search.wording import wording_of


@pytest.mark.parametrize(
    ("query", "lacking", "rest"),
    [
        ("gastritis no bleeding", "bleeding", "gastritis"),
        ("retinopathy without edema left eye", "edema", "retinopathy left eye"),
        ("forehead laceration no foreign body initial", "foreign body", "forehead laceration initial"),
        ("gallstones no obstruction, with cholecystitis", "obstruction", "gallstones , with cholecystitis"),
    ],
)
def test_what_there_is_not_ends_where_a_side_an_encounter_or_something_that_there_is_begins(
    query: str, lacking: str, rest: str
) -> None:
    wording = wording_of(query)
    assert (wording.lacking, wording.rest.strip()) == ((lacking,), rest)
