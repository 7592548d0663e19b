"""Codes are found by any accepted spelling, cursors and near matches hold against anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog import cursors, near_matches
from services.catalog.pages.named_codes import codes_in
from services.catalog.records import CodeRecord
from services.catalog.systems import dotted, system_of, undotted
from shared.errors import InvalidInput, NotFound


@pytest.mark.parametrize("spelling", ["E119", "e11.9", " E11.9 ", "e119", "E 11.9"])
def test_a_code_is_taken_dotted_or_not_in_any_case(spelling: str) -> None:
    assert undotted(spelling) == "E119"


@pytest.mark.parametrize("spelling", ["", ".", "É11", "E11;", "-", "A" * 65, "E11\n'--", "Ⅷ"])
def test_what_has_not_the_shape_of_a_code_is_refused_in_a_sentence(spelling: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        undotted(spelling)
    assert refused.value.metadata["field"] == "code"


def test_the_dot_stands_after_the_third_character_of_icd_codes_only() -> None:
    assert dotted("icd10cm", "S060XXA") == "S06.0XXA"
    assert dotted("icd10cm", "E11") == "E11"
    assert dotted("icd10cm", "A00-A09") == "A00-A09"
    assert dotted("cpt", "99213") == "99213"


def test_an_unknown_system_is_answered_with_those_that_exist() -> None:
    assert system_of("ICD10CM").id == "icd10cm"
    with pytest.raises(NotFound, match="icd10cm, cpt, hcpcs"):
        system_of("klingon")


@given(st.lists(st.one_of(st.text(max_size=6), st.integers(0, 2**40)), max_size=4))
def test_a_cursor_gives_back_what_was_put_in(values: list[str | int]) -> None:
    assert cursors.from_token(cursors.to_token(*values), *map(type, values)) == values


@given(st.text(max_size=60))
def test_a_made_up_cursor_is_refused(token: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        cursors.from_token(token, str, str, str, int)
    assert refused.value.metadata["field"] == "page_token"


def test_a_page_size_out_of_bounds_is_refused() -> None:
    assert cursors.page_size(0, largest=1000) == 100
    for asked in (-1, 1001):
        with pytest.raises(InvalidInput, match="page_size"):
            cursors.page_size(asked, largest=1000)


def record(system: str, code: str) -> CodeRecord:
    """A code with nothing but its name."""
    return CodeRecord(system, code, code, "code", code, True, True, True, 0, 0, 0, (), {})


def offered(system: str, code: str, *existing: tuple[str, str]) -> list[tuple[str, str]]:
    """What is offered for a code when these exist."""
    return [r.key for r in near_matches.nearest(system, code, [record(*key) for key in existing])]


def test_the_same_code_in_another_system_comes_first() -> None:
    assert offered("icd10cm", "99213", ("icd10cm", "O99213"), ("cpt", "99213"))[0] == ("cpt", "99213")


def test_look_alikes_come_before_parents_and_parents_before_typing_errors() -> None:
    near = offered("icd10cm", "EI19", ("icd10cm", "E119"), ("icd10cm", "EI1"), ("icd10cm", "E219"))
    assert near[0] == ("icd10cm", "E119")
    assert offered("icd10cm", "E1199", ("icd10cm", "E11"), ("icd10cm", "E119"), ("icd10cm", "E1199X")) == [
        ("icd10cm", "E119"), ("icd10cm", "E11"), ("icd10cm", "E1199X"),
    ]  # fmt: skip


def test_neighbours_in_another_system_are_not_offered() -> None:
    existing = (("icd10cm", "A00"), ("icd10cm", "A0000"), ("cpt", "90000"))
    assert offered("cpt", "A0001", *existing) == []
    assert offered("cpt", "00000", *existing) == [("cpt", "90000")]


def test_at_most_eight_are_offered() -> None:
    existing = [("icd10cm", f"E11{c}") for c in "ABCDEFGHJKLM"]
    assert len(offered("icd10cm", "E119", *existing)) == near_matches.MOST_OFFERED


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=40))
def test_candidates_are_bounded_for_any_code(code: str) -> None:
    assert len(near_matches.candidates(code)) < 1_000


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("code to identify resistance (Z16.-)", ("Z16",)),
        ("influenza (J00-J22)", ("J00", "J22")),
        ("subcategories S06.1- to S06.6-, and S06.81- to S06.89-", ("S061", "S066", "S0681", "S0689")),
        ("conditions (O00-O07, O08.0, C4A.-)", ("O00", "O07", "O080", "C4A")),
        ("diabetes NOS, multiple endocrine neoplasia [MEN] syndromes (E31.2-)", ("E312",)),
        ("adverse effect (T36-T50 with fifth or sixth character 5)", ("T36", "T50")),
    ],
)
def test_codes_named_in_notes_are_found(text: str, codes: tuple[str, ...]) -> None:
    assert codes_in(text) == codes
