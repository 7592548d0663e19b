"""What an engine gets of entries: where they stand, for the highest that it finds are ranked, and how words begin."""

from services.search.entry import Entry
from services.search.shelving import documents_of, shelf_of
from tests.contract.search.small_index import TODAY, code


def test_an_initial_encounter_stands_above_later_ones_whatever_the_length_of_its_title() -> None:
    entries = (
        code("icd10cm", "S72.91XA", "Unspecified fracture of right femur, initial encounter for closed fracture"),
        code("icd10cm", "S72.91XD", "Unspecified fracture of right femur, subsequent encounter for closed fracture"),
        code("icd10cm", "S72.91XS", "Unspecified fracture of right femur, sequela"),
    )
    shelf = shelf_of("one", entries, {})
    documents = sorted(documents_of(shelf, range(3), TODAY.toordinal()), key=lambda made: -made.standing)
    assert [document.key[1] for document in documents] == ["S7291XA", "S7291XS", "S7291XD"]


def test_what_a_short_word_begins_has_the_word_itself_also_in_our_text_and_above_an_entry() -> None:
    entries = (
        Entry("icd10cm", "E56", "E56", "Vitamin K and E", billable=False),
        Entry("icd10cm", "E56.0", "E56.0", "Deficiency", names=("Lack",), summary="Low B level", ancestors=("E56",)),
    )
    *_, below = documents_of(shelf_of("one", entries, {}), range(2), TODAY.toordinal())
    assert {"k", "e", "low", "b", "lack"} <= set(below.starts.split())
    assert {"lac", "defi"} <= set(below.starts.split()), "what its own words begin with too"
    assert not {"v", "vita", "leve", "vitamin"} & set(below.starts.split())
