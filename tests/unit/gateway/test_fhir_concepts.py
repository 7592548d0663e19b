"""What FHIR says of a code: displays, modifiers, closeness of translations."""

from __future__ import annotations

from typing import Any

import pytest
from codingahead.catalog.v1 import catalog_pb2 as pb

from gateway.fhir.code_systems import by_uri, fhir_system_of, system_holding
from gateway.fhir.concepts import looked_up, translated, validated

CPT, HCPCS = (
    by_uri("http://www.ama-assn.org/go/cpt"),
    by_uri("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"),
)
PLACE = by_uri("https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set")
OFFICIAL, OURS = pb.TEXT_ORIGIN_OFFICIAL, pb.TEXT_ORIGIN_OURS


def code(system: str, name: str, official: str = "", origin: pb.TextOrigin.ValueType = OFFICIAL) -> pb.Code:
    """A valid code with a name and an official text."""
    status = pb.CodeStatus(validity=pb.VALIDITY_VALID)
    heading, section = pb.Heading(text=name, origin=origin), pb.OfficialSection(text=official, short_text="Offc")
    return pb.Code(
        system=system, code="11", display_code="11", heading=heading, official=section, status=status, reportable=True
    )


def told(answer: dict[str, Any], name: str) -> Any:
    """A simple value of an answer."""
    return next(value for part in answer["parameter"] if part["name"] == name for value in list(part.values())[1:])


@pytest.mark.parametrize(
    ("modifier", "system"),
    [("25", CPT), ("P3", CPT), ("8P", CPT), ("LT", HCPCS), ("E2", HCPCS), ("P9", HCPCS), ("59", CPT), ("X1", HCPCS)],
)
def test_a_modifier_is_a_code_of_cpt_or_of_hcpcs(modifier: str, system: object) -> None:
    assert fhir_system_of("modifier", modifier) == system
    assert [each for each in (CPT, HCPCS) if system_holding(each, modifier) == "modifier"] == [system]


def test_codes_of_five_characters_stay_with_their_code_set() -> None:
    assert system_holding(HCPCS, "J1815") == "hcpcs"
    assert system_holding(CPT, "99213") == "cpt"


def test_a_place_of_service_is_named_shortly_and_its_text_is_the_definition() -> None:
    office = code("pos", "Office", "Location where examinations are made.")
    answer = looked_up(office, PLACE)
    assert told(answer, "display") == "Office"
    assert "Location where examinations are made." in str(answer)
    assert told(validated(office, PLACE, "office"), "result") is True
    assert told(validated(office, PLACE, "Hospital"), "result") is False


def test_a_display_that_cannot_be_compared_is_not_called_wrong() -> None:
    ours = code("cpt", "Our words", "", OURS)
    answer = validated(ours, CPT, "The licensed descriptor")
    assert told(answer, "result") is True
    assert "not compared" in told(answer, "message")


@pytest.mark.parametrize(
    ("relation", "note", "equivalence"),
    [
        ("equivalent", "From here, mapping to ICD-10-CM: identical.", "equivalent"),
        ("equivalent", "From here, mapping to ICD-10-CM: approximate.", "relatedto"),
        (
            "equivalent",
            "identical, one of several codes that are needed together (scenario 1, choice list 1).",
            "relatedto",
        ),
        ("successor", "Valid since October 1, 2025; assigned before: X.", "relatedto"),
    ],
)
def test_a_translation_says_no_more_of_its_closeness_than_the_mapping_does(
    relation: str, note: str, equivalence: str
) -> None:
    source = code("icd9cm", "Cholera")
    ref = pb.CodeRef(system="icd10cm", code="A000", display_code="A00.0")
    source.crosswalks.related.append(pb.RelatedCode(code=ref, relation=relation, note=pb.Statement(text=note)))
    answer = translated(source, None)
    assert told(answer, "result") is True
    [match] = [part for part in answer["parameter"] if part["name"] == "match"]
    assert match["part"][0]["valueCode"] == equivalence


def test_a_code_that_the_mappings_lead_nowhere_says_so() -> None:
    source = code("icd9cm", "Cholera")
    said = "The mappings say that no code of ICD-10-CM corresponds to 11."
    source.crosswalks.notes.append(pb.Statement(text=said))
    answer = translated(source, None)
    assert told(answer, "result") is False
    assert told(answer, "message") == said
