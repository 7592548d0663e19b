"""Charts in short: several abbreviations in a query, what is not there, and terms of which no more is known."""

from __future__ import annotations

import pytest

from services.search.adapters.engines import EnginePart
from tests.contract.search.small_index import SmallIndex, code

WITH, WITHOUT = (f"Saddle pulmonary embolism {how} acute cor pulmonale" for how in ("with", "without"))
SITES = 130
"""More than an engine is asked for."""
ENTRIES = [
    code("icd10cm", "F50.02", "Anorexia nervosa, binge eating/purging type"),
    code("icd10cm", "C34.12", "Malignant neoplasm of upper lobe, left bronchus or lung"),
    code("icd10cm", "C34.90", "Malignant neoplasm of unspecified part of unspecified bronchus or lung"),
    code("icd10cm", "C34.92", "Malignant neoplasm of unspecified part of left bronchus or lung"),
    code("icd10cm", "O41.02X0", "Oligohydramnios, second trimester, not applicable or unspecified"),
    code("icd10cm", "O41.03X0", "Oligohydramnios, third trimester, not applicable or unspecified"),
    code("icd10cm", "P07.35", "Preterm newborn, gestational age 32 completed weeks"),
    code("icd10cm", "P27.1", "Bronchopulmonary dysplasia"),
    code("icd10cm", "I26.02", "Saddle embolus of pulmonary artery with acute cor pulmonale", WITH),
    code("icd10cm", "I26.92", "Saddle embolus of pulmonary artery without acute cor pulmonale", WITHOUT),
    code("icd10cm", "J90", "Pleural effusion, not elsewhere classified"),
    code("icd10cm", "L12.0", "Bullous pemphigoid"),
    code("icd10cm", "M81.0", "Age-related osteoporosis without current pathological fracture", "Brittle osteoporosis"),
    code("icd10cm", "M80.0", "Age-related osteoporosis with current pathological fracture"),
    code("icd10cm", "N39.0", "Urinary tract infection, site not specified"),
    code("icd10cm", "O86.20", "Urinary tract infection following delivery, unspecified"),
    code("icd10cm", "R03.0", "Elevated blood-pressure reading, without diagnosis of hypertension"),
    code("icd10cm", "S72.001A", "Fracture of right femur, initial encounter", "Fracture of right hip"),
    code("icd10cm", "T23.2", "Burn of second degree of hand"),
    code("icd10cm", "T23.3", "Burn of third degree of hand"),
    code("icd10cm", "Z3A.32", "32 weeks gestation of pregnancy"),
    code("icd10pcs", "0DB68ZX", "Excision of Stomach, Via Natural or Artificial Opening Endoscopic, Diagnostic"),
    code("icd10pcs", "0DB98ZX", "Excision of Duodenum, Via Natural or Artificial Opening Endoscopic, Diagnostic"),
    code("icd10pcs", "5A1935Z", "Ventilation"),
    code("icd10pcs", "5A1955Z", "Ventilation over 96 hours"),
    code("icd10cm", "Z01.30", "Encounter for examination of blood pressure"),
]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("saddle PE w/o cor pulmonale", "I26.92"),
        ("saddle PE w/ cor pulmonale", "I26.02"),
        ("R hip fx", "S72.001A"),
        ("UTI NOS", "N39.0"),
        ("brittle osteoporosis no fx", "M81.0"),
        ("elevated BP no dx of htn", "R03.0"),
        ("3rd degree burn of hand", "T23.3"),
        ("anorexia binge purge", "F50.02"),
        ("NSCLC", "C34.90"),
        ("NSCLC left", "C34.92"),
        ("NSCLC left upper lobe", "C34.12"),
        ("bronchopulm dysplasia", "P27.1"),
        ("egd with gastric bx", "0DB68ZX"),  # the lexicon has it with EGD in short and the biopsy in full
        ("egd with duodenal bx", "0DB98ZX"),
    ],
)
async def test_every_abbreviation_of_a_query_is_written_out_together(index: SmallIndex, query: str, first: str) -> None:
    assert (await index.codes(query))[:1] == [first]


async def test_what_is_to_be_ruled_out_is_found_beside_what_the_visit_is_for(index: SmallIndex) -> None:
    found = await index.found("pleural effusion r/o UTI")
    assert {"J90", "N39.0"} <= {result.entry.display for result in found.results[:3]}
    assert "“UTI” is to be ruled out" in found.tried[0]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("oligohydramnios 20w3d", "O41.02X0"),
        ("oligohydramnios at 32 weeks", "O41.03X0"),
        ("32 weeks pregnant", "Z3A.32"),
        ("preterm newborn 32 weeks", "P07.35"),
    ],
)
async def test_weeks_of_gestation_are_the_trimester_of_a_title(index: SmallIndex, query: str, first: str) -> None:
    assert (await index.codes(query))[:1] == [first]


async def test_how_long_it_lasts_is_left_out_unless_a_title_says_it(index: SmallIndex) -> None:
    assert (await index.codes("ventilation over 96 hours"))[0] == "5A1955Z"
    assert (await index.codes("ventilation over 96 hrs"))[0] == "5A1955Z"
    assert (await index.codes("ventilation over 48 hours"))[0] == "5A1935Z"
    assert (await index.codes("pleural effusion for 2 weeks"))[0] == "J90"


async def test_a_reading_of_which_nothing_has_all_words_takes_no_turn_beside_one_of_which_something_has(
    index: SmallIndex,
) -> None:
    found = (await index.found("PE w/o cor pulmonale")).results
    assert [result.group for result in found[:2]] == ["pulmonary embolism"] * 2


async def test_what_lies_below_a_title_does_not_crowd_out_what_has_the_words_itself(engine: EnginePart) -> None:
    below = [code("icd10cm", f"M85.{site}", f"Cyst, place {site}") for site in range(SITES)]
    above = code("icd10cm", "M85", "Disorders of bone density", billable=False)
    own = code("icd10cm", "Z99.9", "Other long and winding disorders of the density that a bone has")
    index = await SmallIndex.of(engine, [above, *below, own])
    assert "Z99.9" in await index.codes("disorders of bone density")
