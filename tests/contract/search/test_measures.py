"""One number of a query is found in the span that a title states: a wound of 3 cm in one of 2.6 to 5.0 cm."""

import pytest

from tests.contract.search.small_index import SmallIndex, code

ENTRIES = (
    code("cpt", "12011", "One-layer closure of wounds of the face, up to 2.5 cm in all"),
    code("cpt", "12013", "One-layer closure of wounds of the face, 2.6 to 5.0 cm in all"),
    code("cpt", "12014", "One-layer closure of wounds of the face, 5.1 to 7.5 cm in all"),
    code("cpt", "99238", "Hospital discharge day, up to 30 minutes"),
    code("cpt", "99239", "Hospital discharge day, more than 30 minutes"),
    code("cpt", "99291", "Critical care, the first 30 to 74 minutes of a date"),
    code("cpt", "99391", "Preventive visit, established patient under 1 year"),
    code("cpt", "99392", "Preventive visit, established patient of 1 to 4 years"),
    code("cpt", "99393", "Preventive visit, established patient of 5 to 11 years"),
    code("cpt", "90834", "Psychotherapy, 45 minutes"),
    code("cpt", "90837", "Psychotherapy, 60 minutes"),
    code("icd10cm", "S36.03", "Laceration of spleen", billable=False),
    code("icd10cm", "S36.031", "Moderate laceration of spleen", "Laceration of spleen 1 to 3 cm", billable=False),
    code("icd10cm", "S36.031A", "Moderate laceration of spleen, initial encounter"),
    code("icd10cm", "S36.032A", "Major laceration of spleen, initial encounter"),
    code("icd10cm", "S37.051A", "Moderate laceration of right kidney 3 cm deep, initial encounter"),
)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("closure face wounds 3 cm", "12013"),
        ("closure 60 mm wounds of the face", "12014"),
        ("closure of face wounds under 2.6cm", "12011"),
        ("hospital discharge 30 minutes", "99238"),
        ("hospital discharge over 30 min", "99239"),
        ("discharge > 30 minutes", "99239"),
        ("critical care 2 hours", "99291"),
        ("preventive visit 7 year old established", "99393"),
        ("established preventive visit 18 months", "99392"),
        ("preventive visit 6-week-old established", "99391"),
        ("psychotherapy 45 minutes", "90834"),
        ("laceration spleen 2 cm", "S36.031A"),
        ("cpt closure face wounds 3 cm", "12013"),
    ],
)
async def test_a_number_leads_to_the_span_that_it_lies_in(index: SmallIndex, query: str, first: str) -> None:
    found = await index.found(query)
    assert found.results[0].entry.display == first


async def test_a_measure_that_was_set_apart_is_told(index: SmallIndex) -> None:
    found = await index.found("closure face wounds 3 cm")
    assert "“3 cm” is taken as a measure: titles that state a span with it come first." in found.tried


async def test_a_number_that_a_title_states_itself_is_a_word_of_it(index: SmallIndex) -> None:
    found = await index.found("psychotherapy 60 minutes")
    assert found.results[0].entry.display == "90837"
    assert not any("measure" in sentence for sentence in found.tried)


async def test_spans_that_a_number_lies_beside_are_not_hidden(index: SmallIndex) -> None:
    codes = await index.codes("closure face wounds 3 cm")
    assert codes[:3] == ["12013", "12011", "12014"]
