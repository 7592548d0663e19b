"""A side stands for a code where codes have one, and is left aside where none has; what is only begun comes later."""

import pytest

from services.search.readings import without_sides
from tests.contract.search.small_index import SmallIndex, code

ENTRIES = (
    code("icd10cm", "S01.81", "Laceration without foreign body of other part of head", billable=False),
    code("icd10cm", "S01.81XA", "Laceration without foreign body of other part of head, initial encounter"),
    code("icd10cm", "S01.81XD", "Laceration without foreign body of other part of head, subsequent encounter"),
    code("icd10cm", "S01.81XS", "Laceration without foreign body of other part of head, sequela"),
    code("icd10cm", "S01.91XA", "Laceration without foreign body of unspecified part of head, initial encounter"),
    code("icd10cm", "S01.91XD", "Laceration without foreign body of unspecified part of head, subsequent encounter"),
    code("icd10cm", "H26.111", "Localized traumatic opacities of the head of the eye, right eye"),
    code("icd10cm", "I83.811", "Varicose veins of right lower extremity with pain"),
    code("icd10cm", "T75", "Invented effects", "Moorland sickness", billable=False),
    code("icd10cm", "T75.XXXA", "Invented effects, initial encounter"),
    code("icd10cm", "T75.XXXD", "Invented effects, subsequent encounter"),
    code("icd10cm", "M24", "Invented wear", "Rust of joints", billable=False),
    code("icd10cm", "M24.1", "Invented wear of the knee"),
    code("icd10cm", "M24.9", "Invented wear, unspecified site"),
    code("icd10cm", "O69.0XX1", "Labor and delivery complicated by prolapse of cord, fetus 1"),
    code("icd10cm", "O69.0XX0", "Labor and delivery complicated by prolapse of cord, not applicable or unspecified"),
    code("icd10cm", "K56.69", "Obstructive strings of the small bowel"),
    code("icd10cm", "O99.61", "Diseases of the digestive system complicating pregnancy", billable=False),
    code("icd10cm", "T66.XXXA", "Radiation sickness, unspecified, initial encounter"),
    code("icd10cm", "L03.115", "Cellulitis of right lower limb"),
    code("icd10cm", "L03.119", "Cellulitis of unspecified part of limb"),
    code("icd10cm", "N83.202", "Unspecified ovarian cyst, left side"),
    code("icd10cm", "S72.00", "Fracture of unspecified part of neck of femur", billable=False),
    code("icd10cm", "S72.009A", "Fracture of unspecified part of neck of unspecified femur, initial encounter"),
    code("icd10pcs", "0UB13ZZ", "Excision of Left Ovary, Percutaneous Approach"),
)
ASIDE = "No entry with the other words says “right”: what has those is given."


async def test_a_side_that_no_code_with_the_other_words_knows_is_left_aside_and_said_so(index: SmallIndex) -> None:
    found = await index.found("laceration right temple")
    assert found.results[0].entry.display == "S01.81XA"
    assert ASIDE in found.tried


async def test_a_code_stands_before_its_header_whose_title_the_lexicon_says(index: SmallIndex) -> None:
    codes = await index.codes("laceration temple")
    assert codes[0] == "S01.81XA"
    assert "S01.81" in codes


async def test_codes_that_have_all_words_stand_before_a_header_that_has_them_as_a_phrase(index: SmallIndex) -> None:
    codes = await index.codes("broken hip")
    assert codes[:2] == ["S72.009A", "S72.00"]


@pytest.mark.parametrize(
    ("query", "first"), [("cellulitis of limb right", "L03.115"), ("right limb cellulitis", "L03.115")]
)
async def test_a_side_that_codes_of_the_category_have_is_kept(index: SmallIndex, query: str, first: str) -> None:
    found = await index.found(query)
    assert found.results[0].entry.display == first
    assert ASIDE not in found.tried


async def test_a_side_that_the_category_has_for_other_parts_only_hides_nothing(index: SmallIndex) -> None:
    found = await index.found("cellulitis left limb")
    assert {result.entry.display for result in found.results[:2]} == {"L03.115", "L03.119"}
    assert not any("left aside" in sentence or "says “left”" in sentence for sentence in found.tried)


async def test_what_a_phrase_would_become_stands_behind_what_has_its_words_as_they_are(index: SmallIndex) -> None:
    codes = await index.codes("left ovarian cyst")
    assert codes[0] == "N83.202"


@pytest.mark.parametrize(
    ("text", "rest", "sides"),
    [
        ("laceration right temple", "laceration temple", "“right”"),
        ("Left flank pain", "flank pain", "“Left”"),
        ("polyps, bilateral", "polyps, ", "“bilateral”"),
        ("left and right", "and ", "“left”, “right”"),
        ("MRI L-spine", "MRI L-spine", ""),
        ("right", "right", ""),
    ],
)
def test_sides_are_taken_out_of_a_text(text: str, rest: str, sides: str) -> None:
    assert without_sides(text) == (rest, sides)


async def test_readings_of_which_nothing_has_all_words_take_no_turns_before_what_has(index: SmallIndex) -> None:
    """RT is radiation therapy or right; as one word with those around it, it is a side."""
    codes = await index.codes("varicose veins rt leg painful")
    assert codes[0] == "I83.811"


async def test_an_inclusion_term_of_a_header_leads_to_the_code_below_that_says_no_more(index: SmallIndex) -> None:
    found = await index.found("moorland sickness")
    assert [result.entry.display for result in found.results][:2] == ["T75.XXXA", "T75"]
    assert found.results[0].words == "Moorland sickness"
    assert (await index.codes("rust of joints"))[:2] == ["M24.9", "M24"], "and of one that is no more specified"


async def test_a_phrase_that_goes_on_behind_whole_words_is_proposed_only_where_nothing_has_them(
    index: SmallIndex,
) -> None:
    codes = await index.codes("bowel obstruction")
    assert codes[0] == "K56.69", "the lexicon has “bowel obstruction in pregnancy”"
    assert (await index.codes("bowel obstruction in pre"))[0] == "O99.61"


async def test_a_code_for_one_of_several_fetuses_stands_behind_that_for_none_named(index: SmallIndex) -> None:
    assert (await index.codes("labor prolapse of cord"))[:2] == ["O69.0XX0", "O69.0XX1"]
    assert (await index.codes("labor prolapse of cord fetus 1"))[0] == "O69.0XX1"
