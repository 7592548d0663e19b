"""Plain words lead to what they mean first, and to the code that names the whole, on each real engine."""

import pytest

from services.search.found import Why
from tests.contract.search.small_index import SmallIndex, code

LONG_ON_ELASTICSEARCH = True
ENTRIES = (
    code("icd10cm", "M84.472A", "Pathological fracture, left ankle, initial encounter for fracture"),
    code("icd10cm", "S82.52XA", "Displaced fracture of medial malleolus of left tibia, initial encounter"),
    code("icd10cm", "M06.9", "Rheumatoid arthritis, unspecified"),
    code("icd10pcs", "0216", "Right Atrium", billable=False),
    code("icd10cm", "E11.8", "Type 2 diabetes mellitus with unspecified complications"),
    code("icd10cm", "E11.9", "Type 2 diabetes mellitus without complications"),
    code("icd10cm", "E27.8", "Other specified disorders of adrenal gland"),
    code("icd10cm", "E27.2", "Addisonian crisis", "Adrenal crisis"),
    code("icd10cm", "L02.91", "Cutaneous abscess, unspecified"),
    code("icd10cm", "F48.8", "Other specified nonpsychotic mental disorders", "Neurasthenia"),
    code("icd10cm", "R53.83", "Other fatigue", "Fatigue neurosis"),
    code("icd10cm", "Q03.0", "Malformations of aqueduct of Sylvius", "Stenosis of aqueduct"),
    code("icd10cm", "R00.0", "Stenotic murmur, with occlusion of nothing"),
    code("icd10cm", "O91.01", "Infection of nipple associated with pregnancy", billable=False),
    code("icd10cm", "G70", "Myasthenia gravis and other myoneural disorders", billable=False),
    code("icd10cm", "G70.89", "Other specified myoneural disorders"),
    code("icd10cm", "Z79.84", "Long term (current) use of oral hypoglycemic drugs"),
    code("icd10cm", "S06.0", "Concussion", billable=False),
    code("icd10cm", "R00.2", "Palpitations"),
    code("icd10cm", "T46.4X5A", "Adverse effect of angiotensin-converting-enzyme inhibitors, initial encounter"),
    code("icd10cm", "T46.4X5", "Adverse effect of angiotensin-converting-enzyme inhibitors", billable=False),
    code("icd10cm", "S20.2", "Contusion of thorax", billable=False),
    code("icd10cm", "S30.0", "Contusion of lower back and pelvis", billable=False),
)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("ankle fracture left", "S82.52XA"),
        ("pathological fracture left ankle", "M84.472A"),
        ("type 2 diabetes", "E11.9"),
        ("RA", "M06.9"),
        ("thelitis in pregnancy", "O91.01"),
        ("Stenosis, stenotic aqueduct of Sylvius", "Q03.0"),
    ],
)
async def test_what_plain_words_mean_is_first(index: SmallIndex, query: str, first: str) -> None:
    assert (await index.codes(query))[0] == first


async def test_a_condition_without_a_code_of_its_own_leads_to_the_kind_at_its_place(index: SmallIndex) -> None:
    first = (await index.found("adrenal gangrene")).results[0]
    assert first.entry.display == "E27.8"
    assert (first.why, first.words) == (Why.SOME_WORDS, "adrenal"), "far kin are told as words that it has"


async def test_what_lies_below_the_words_says_where_they_stand(index: SmallIndex) -> None:
    header, below = (await index.found("gravis gangrene")).results[:2]
    assert (header.entry.display, header.words) == ("G70", "gravis")
    assert (below.entry.display, below.words) == ("G70.89", "gravis (in what stands above it)")


async def test_what_another_book_calls_it_leads_to_a_code_behind_what_is_called_so_itself(index: SmallIndex) -> None:
    first, second = (await index.found("fatigue neurosis")).results[:2]
    assert (first.entry.display, second.entry.display) == ("R53.83", "F48.8")
    assert (second.why, second.words) == (Why.SYNONYM, "“Fatigue neurosis” leads here by ICD-9-CM at 300.5")


async def test_a_main_terms_other_forms_are_found_and_marked_as_it_is(index: SmallIndex) -> None:
    first = (await index.found("Stenosis, stenotic murmur")).results[0]
    assert first.entry.display == "R00.0"
    assert [first.entry.title[begin:end] for begin, end in first.matched] == ["Stenotic", "murmur"]


async def test_a_word_that_nothing_has_is_left_aside_where_the_others_are_whole(index: SmallIndex) -> None:
    found = await index.found("adrenal crisis on Zyxolin")
    assert found.results[0].entry.display == "E27.2"
    assert "No entry has “Zyxolin”: what has the other words is given." in found.tried
    assert not (await index.found("adrenal crisis on Zyxolin", all_words=True)).results
    typed = await index.found("adrenal crisis on Zyxolin", typing=True)
    assert typed.results[0].why is Why.SOME_WORDS, "what the list cannot explain is not done while typing"


async def test_a_condition_and_the_drug_that_is_taken_for_it_are_two_codes(index: SmallIndex) -> None:
    found = await index.found("rheumatoid arthritis on Jardiance")
    assert {result.entry.display for result in found.results[:2]} == {"M06.9", "Z79.84"}
    assert found.tried[0].startswith("“rheumatoid arthritis” and “Jardiance” are looked for one by one")


async def test_a_word_with_a_letter_doubled_wrongly_is_that_one_before_others_as_near(index: SmallIndex) -> None:
    found = await index.found("concusion")
    assert [result.entry.display for result in found.results] == ["S06.0"]


@pytest.mark.parametrize(
    ("typed", "code"), [("konkusion", "S06.0"), ("rumatoyd arthritis", "M06.9"), ("contusion of thoraks", "S20.2")]
)
async def test_a_word_that_is_written_by_ear_is_the_one_that_sounds_so(
    index: SmallIndex, typed: str, code: str
) -> None:
    found = (await index.found(typed)).results[0]
    assert (found.entry.display, found.why) == (code, Why.CORRECTION)


async def test_what_a_drug_brought_about_stands_beside_its_adverse_effect(index: SmallIndex) -> None:
    found = await index.found("palpitations d/t lisinopril")
    assert {result.entry.display for result in found.results[:2]} == {"R00.2", "T46.4X5A"}
    assert found.tried[0] == "“palpitations” is looked for beside the adverse effect of “lisinopril”: both are coded."
