"""What charts and patients say finds the code of what they mean."""

from __future__ import annotations

import pytest

from services.search.adapters.engines import EnginePart
from services.search.lexicon import lexicon
from services.search.searching import Standing
from tests.contract.search.small_index import SmallIndex, code

ENTRIES = [
    code("icd10cm", "E11.9", "Type 2 diabetes mellitus without complications"),
    code("icd10cm", "E23.2", "Diabetes insipidus"),
    code("icd10cm", "J18.9", "Pneumonia, unspecified organism"),
    code("icd10cm", "J15.9", "Unspecified bacterial pneumonia"),
    code("icd10cm", "R07.9", "Chest pain, unspecified"),
    code("icd10cm", "I10", "Essential (primary) hypertension"),
    code("icd10cm", "R55", "Syncope and collapse"),
    code("icd10cm", "R75", "Inconclusive evidence of HIV", "Positive HIV, not conclusive"),
    code("icd10cm", "B20", "HIV disease"),
    code("icd10cm", "R03.0", "Elevated blood-pressure reading, without diagnosis of hypertension"),
    code("icd10cm", "D62", "Acute posthemorrhagic anemia"),
    code("icd10cm", "F07.81", "Post-traumatic cerebral syndrome"),
    code("icd10cm", "F43.1", "Posttraumatic stress", "Post-traumatic stress"),
    code("icd10cm", "S62.102A", "Fracture of unspecified carpal bone, left wrist, initial encounter"),
    code("icd10cm", "W11.XXXA", "Fall on and from ladder, initial encounter"),
    code("icd10cm", "Z23", "Encounter for immunization"),
    code("icd10cm", "Z68.35", "Body mass index [BMI] 35.0-35.9, adult"),
    code("icd10cm", "Z68.41", "Body mass index [BMI] 40.0-44.9, adult"),
    code("icd10cm", "Z79.82", "Long term (current) use of aspirin"),
    code("icd10cm", "Z89.511", "Acquired absence of right leg below knee"),
    code("icd10cm", "Z89.512", "Acquired absence of left leg below knee"),
    code("icd10cm", "Z96.651", "Presence of right artificial knee joint"),
    code("icd10cm", "Z96.652", "Presence of left artificial knee joint"),
    code(
        "icd10cm",
        "V18.0XXA",
        "Pedal cycle driver injured in noncollision transport accident in nontraffic accident, initial encounter",
    ),
]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("s/p R TKA", "Z96.651"),
        ("hx of L TKR", "Z96.652"),
        ("status post lt BKA", "Z89.512"),
        ("BMI 42", "Z68.41"),
        ("BMI of 35.6", "Z68.35"),
        ("fell off a bike", "V18.0XXA"),
        ("falling off bike", "V18.0XXA"),
        ("passing out", "R55"),
        ("daily aspirin", "Z79.82"),
        ("takes aspirin", "Z79.82"),
        ("CAP", "J18.9"),
        ("diabetes", "E11.9"),
        ("diab", "E11.9"),
        ("diabetes insipidus", "E23.2"),
        ("here for flu vaccine", "Z23"),
        ("wants covid booster", "Z23"),
        ("pneumonia f/u", "J18.9"),
        ("45 yo M c/o chest pain x 2 days", "R07.9"),
        ("chest pain BP 180/110", "R07.9"),
        ("chest pain getting worse", "R07.9"),
        ("chestpain", "R07.9"),
        ("bacterialpneumonia", "J15.9"),
        ("hyper tension", "I10"),
        ("post hemorrhagic anemia", "D62"),
        ("post traumatic cerebral syndrome", "F07.81"),
        ("pt passed out", "R55"),
        ("+HIV", "R75"),
        ("white coat htn", "R03.0"),
        ("hypertension well controlled needs refill", "I10"),
    ],
)
async def test_everyday_words_lead_to_the_code(index: SmallIndex, query: str, first: str) -> None:
    assert (await index.codes(query))[:1] == [first]


async def test_an_injury_and_how_it_came_are_found_by_turns(index: SmallIndex) -> None:
    found = await index.found("fell off ladder, wrist fx left")
    assert {result.entry.display for result in found.results[:2]} == {"S62.102A", "W11.XXXA"}
    assert "“fell off ladder” is looked for as an external cause" in found.tried[0]
    assert (await index.codes("fell off ladder"))[0] == "W11.XXXA"


LISTED = [
    code("icd10cm", "R07.9", "Chest pain, unspecified"),
    code("icd10cm", "J18.9", "Pneumonia, unspecified organism"),
    code("icd10cm", "E78.5", "Hyperlipidemia, unspecified"),
]


async def test_a_list_is_looked_for_one_by_one(engine: EnginePart) -> None:
    found = await (await SmallIndex.of(engine, LISTED)).found("chest pain, pneumonia and HLD")
    assert sorted(result.entry.display for result in found.results) == ["E78.5", "J18.9", "R07.9"]
    assert {result.group for result in found.results} == {"chest pain", "pneumonia", "HLD"}
    assert found.tried[0].startswith("“chest pain”, “pneumonia” and “HLD” are looked for one by one")


async def test_a_code_that_combines_two_of_a_list_is_not_hidden_by_them(engine: EnginePart) -> None:
    small = await SmallIndex.of(engine, [*LISTED, code("icd10cm", "J99.1", "Chest pain in pneumonia")])
    assert (await small.codes("chest pain, pneumonia and HLD"))[0] == "J99.1"


async def test_what_is_typed_again_is_answered_as_before_and_anew_with_another_table(index: SmallIndex) -> None:
    first = await index.found("chest pa", typing=True)
    assert await index.found("chest pa", typing=True) is first
    assert index.standing is not None
    index.standing = Standing.of(index.standing.shelf, index.engine, lexicon())
    anew = await index.found("chest pa", typing=True)
    assert anew is not first
    assert anew == first
