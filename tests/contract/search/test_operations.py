"""Words of surgeons in the terms of ICD-10-PCS: root operation and body part, without what it is done for."""

from datetime import date

import pytest

from services.search.adapters.engines import EnginePart
from services.search.engine import Narrowed
from services.search.found import Found
from tests.contract.search.small_index import ENDED, SmallIndex, code

PROCEDURES = Narrowed(systems=("icd10pcs",))
ENTRIES = (
    code("icd10pcs", "0FBG0ZZ", "Excision of Pancreas, Open Approach"),
    code("icd10pcs", "0FBG4ZZ", "Excision of Pancreas, Percutaneous Endoscopic Approach"),
    code("icd10pcs", "0FTG0ZZ", "Resection of Pancreas, Open Approach"),
    code("icd10pcs", "0FTG4ZZ", "Resection of Pancreas, Percutaneous Endoscopic Approach"),
    code("icd10pcs", "0KNT0ZZ", "Release Left Lower Leg Muscle, Open Approach"),
    code("icd10pcs", "0Y9M0ZZ", "Drainage of Right Foot, Open Approach"),
    code("icd10pcs", "0D160Z4", "Bypass Stomach to Cutaneous, Open Approach"),
    code("icd10pcs", "08R8XKZ", "Replacement of Right Cornea with Nonautologous Tissue Substitute, External Approach"),
    code("icd10cm", "Z93.1", "Gastrostomy status"),
    code("icd10cm", "L02.611", "Cutaneous abscess of right foot"),
    code("icd9pcs", "11.60", "Keratoplasty", last=ENDED),
)


@pytest.fixture
async def index(engine: EnginePart) -> SmallIndex:
    """A search over them."""
    return await SmallIndex.of(engine, ENTRIES)


def _codes(found: Found) -> list[str]:
    return [result.entry.code for result in found.results]


async def test_a_word_for_the_removal_of_a_part_or_of_all_of_it_offers_both_by_turns(index: SmallIndex) -> None:
    found = await index.found("pancreatectomy", narrowed=PROCEDURES)
    assert _codes(found) == ["0FBG0ZZ", "0FTG0ZZ", "0FBG4ZZ", "0FTG4ZZ"]
    assert found.results[0].words == "“pancreatectomy” is “excision of pancreas” in ICD-10-PCS"
    assert [result.group for result in found.results[:2]] == ["excision of pancreas", "resection of pancreas"]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("partial pancreatectomy", ["0FBG0ZZ", "0FBG4ZZ"]),
        ("total pancreatectomy", ["0FTG0ZZ", "0FTG4ZZ"]),
        ("radical pancreatectomy laparoscopic", ["0FTG4ZZ"]),
    ],
)
async def test_part_or_all_is_told_apart_where_it_is_said(index: SmallIndex, query: str, codes: list[str]) -> None:
    assert _codes(await index.found(query, narrowed=PROCEDURES))[: len(codes)] == codes


async def test_it_is_found_while_it_is_being_typed(index: SmallIndex) -> None:
    found = await index.found("pancreatect", narrowed=PROCEDURES, typing=True)
    assert {"0FBG0ZZ", "0FTG0ZZ"} <= set(_codes(found))


async def test_parts_of_the_body_are_called_as_icd_10_pcs_calls_them(index: SmallIndex) -> None:
    found = await index.found("left gastrocnemius release", narrowed=PROCEDURES)
    assert _codes(found)[:1] == ["0KNT0ZZ"]
    assert found.results[0].words == "“gastrocnemius” is “lower leg muscle” in ICD-10-PCS"
    assert "is “lower leg muscle”" not in (await index.found("left gastrocnemius release")).results[0].words


async def test_in_all_code_sets_what_a_valid_title_says_itself_is_not_read_otherwise(index: SmallIndex) -> None:
    assert _codes(await index.found("gastrostomy")) == ["Z931"]
    assert "0D160Z4" in _codes(await index.found("gastrostomy", narrowed=PROCEDURES))


async def test_what_only_deleted_titles_say_leads_to_valid_ones_before_them(index: SmallIndex) -> None:
    assert _codes(await index.found("keratoplasty")) == ["08R8XKZ", "1160"]


async def test_what_a_procedure_is_done_for_is_left_out_and_said(index: SmallIndex) -> None:
    found = await index.found("drainage of abscess right foot", narrowed=PROCEDURES)
    assert _codes(found)[:1] == ["0Y9M0ZZ"]
    assert "“abscess” is not looked for: titles of ICD-10-PCS name no diagnosis." in found.tried
    whole = await index.found("drainage of abscess right foot", narrowed=PROCEDURES, all_words=True)
    assert _codes(whole) == [], "who asks for all words gets what has all"
    assert _codes(await index.found("abscess right foot"))[0] == "L02611", "where diagnoses are looked for it counts"


async def test_a_reading_of_which_only_deleted_codes_are_takes_no_turn(engine: EnginePart) -> None:
    entries = (
        code("icd10cm", "I21.9", "Acute myocardial infarction, unspecified"),
        code("icd10cm", "I21.A1", "Myocardial infarction type 2"),
        code("icd10cm", "I34.0", "Mitral insufficiency", last=date(2020, 9, 30)),
    )
    index = await SmallIndex.of(engine, entries)
    assert await index.codes("MI") == ["I21.9", "I21.A1", "I34.0"]
