"""Where entries stand among all that an engine finds: its highest ones are ranked, so it decides what can be first."""

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
