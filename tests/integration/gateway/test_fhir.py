"""FHIR R4 for partners: answers are valid by the specification, a client from outside drives it, and it is metered."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.parameters import Parameters
from fhirpy import AsyncFHIRClient

from shared.identity import Kind, Principal
from tests.integration.gateway.rooms import Rooms

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SCRATCH = {"system": ICD, "code": "S09.0"}
LOOKUP, VALIDATE, TRANSLATE = (
    "/fhir/CodeSystem/$lookup",
    "/fhir/CodeSystem/$validate-code",
    "/fhir/ConceptMap/$translate",
)


def values(answer: httpx.Response) -> dict[str, Any]:
    """The simple parameters of an answer that the specification accepts."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/fhir+json")
    Parameters.model_validate(answer.json())
    parts = answer.json()["parameter"]
    return {part["name"]: next(value for key, value in part.items() if key != "name") for part in parts}


def properties(answer: httpx.Response) -> dict[str, Any]:
    """The properties of a concept that was looked up."""
    found: dict[str, Any] = {}
    for part in answer.json()["parameter"]:
        if part["name"] == "property":
            code, value = part["part"]
            found[code["valueCode"]] = next(value for key, value in value.items() if key != "name")
    return found


def issue(answer: httpx.Response) -> dict[str, Any]:
    """The issue of an outcome that the specification accepts."""
    OperationOutcome.model_validate(answer.json())
    [one] = answer.json()["issue"]
    assert isinstance(one, dict)
    return one


async def test_the_endpoint_says_what_it_can_do(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        answer = await guest.get("/fhir/metadata")
    statement = CapabilityStatement.model_validate(answer.json())
    assert statement.fhirVersion == "4.0.1"
    [rest] = answer.json()["rest"]
    offered = {f"{each['type']}/${operation['name']}" for each in rest["resource"] for operation in each["operation"]}
    for operation in offered - {"ValueSet/$expand"}:  # which search answers, in a test of its own
        async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.partner("ehr")) as partner:
            assert (await partner.get(f"/fhir/{operation}", params=SCRATCH)).status_code == 200


async def test_a_look_up_is_a_reading_of_the_page_and_counts_once(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        first = await guest.get(LOOKUP, params=SCRATCH)
        again = await guest.get(LOOKUP, params={"system": ICD, "code": "s090"})
        granted = await rooms.grants(Principal(Kind.GUEST, guest.cookies["guest"].split(".")[1]))
        refused = await guest.get(LOOKUP, params={"system": ICD, "code": "S90"})
    assert values(first)["display"] == values(again)["display"] == "Invented scratch"
    assert values(first)["name"] == "ICD-10-CM"
    assert granted == {"S090"}
    assert refused.status_code == 429
    assert issue(refused)["code"] == "throttled"
    assert "ratelimit" in {name.lower() for name in refused.headers} or "retry-after" in refused.headers


async def test_get_and_post_answer_alike_also_by_coding(rooms: Rooms) -> None:
    simple = [{"name": "system", "valueUri": ICD}, {"name": "code", "valueCode": "S09.0"}]
    coded = [{"name": "coding", "valueCoding": SCRATCH}]
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.partner("ehr")) as partner:
        got = await partner.get(LOOKUP, params=SCRATCH)
        for parameter in (simple, coded):
            posted = await partner.post(LOOKUP, json={"resourceType": "Parameters", "parameter": parameter})
            assert posted.json() == got.json()
    assert properties(got)["notSelectable"] in {True, False}


async def test_validation_tells_right_from_wrong_and_uses_up_no_view(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        right = await guest.get(VALIDATE, params={"url": ICD, "code": "S09.0", "display": "invented scratch"})
        misnamed = await guest.get(VALIDATE, params={"url": ICD, "code": "S09.0", "display": "Bruise"})
        wrong = await guest.get(VALIDATE, params={"url": ICD, "code": "S09.9Z"})
        granted = await rooms.grants(Principal(Kind.GUEST, guest.cookies["guest"].split(".")[1]))
    assert values(right)["result"] is True
    assert values(misnamed)["result"] is False
    assert "not “Bruise”" in values(misnamed)["message"]
    assert values(wrong)["result"] is False
    assert granted == set()


async def test_a_version_is_an_edition_of_a_release(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        version = values(await guest.get(VALIDATE, params={"url": ICD, "code": "S09.0"}))["version"]
        named = await guest.get(VALIDATE, params={"url": ICD, "code": "S09.0", "version": version})
        unknown = await guest.get(VALIDATE, params={"url": ICD, "code": "S09.0", "version": "1999"})
    assert values(named)["version"] == version
    assert (unknown.status_code, issue(unknown)["code"]) == (404, "not-found")


async def test_a_translation_names_equivalents_with_their_closeness_where_crosswalks_are_open(rooms: Rooms) -> None:
    await rooms.import_code_sets()
    asked = {"system": "http://hl7.org/fhir/sid/icd-9-cm", "code": "001.0", "targetsystem": ICD}
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        refused = await guest.get(TRANSLATE, params=asked)
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.partner("ehr")) as partner:
        answer = await partner.get(TRANSLATE, params=asked)
        elsewhere = await partner.get(TRANSLATE, params={**asked, "targetsystem": "http://www.ama-assn.org/go/cpt"})
    assert (refused.status_code, issue(refused)["code"]) == (403, "forbidden")
    assert values(answer)["result"] is True
    [match] = [part for part in answer.json()["parameter"] if part["name"] == "match"]
    equivalence, concept, _source = match["part"]
    assert equivalence == {"name": "equivalence", "valueCode": "equivalent"}
    assert concept["valueCoding"] == {"system": ICD, "code": "A00.0"}
    assert values(elsewhere)["result"] is False


async def test_the_official_text_of_cpt_stays_closed_and_ours_is_labelled(rooms: Rooms) -> None:
    await rooms.import_procedures()
    await rooms.import_descriptors("10001\tInvented licensed words\n")
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        asked = {"system": "http://www.ama-assn.org/go/cpt", "code": "10001"}
        answers = [await guest.get(LOOKUP, params=asked), await guest.get(VALIDATE, params=asked)]
    assert all("licensed words" not in answer.text for answer in answers)
    assert properties(answers[0])["display-label"] == "Our summary, not the CPT descriptor"


@pytest.mark.parametrize(
    ("path", "params", "status", "says"),
    [
        (LOOKUP, {"system": "http://example.org/x", "code": "1"}, 404, "http://example.org/x is not served"),
        (LOOKUP, {"code": "S09.0"}, 400, "name the code system by its URI"),
        (LOOKUP, {"system": ICD}, 400, "name a code"),
        (LOOKUP, {"system": ICD, "code": "Z99.9"}, 404, "Z999"),
        (TRANSLATE, {"system": ICD, "code": "S09.0", "targetsystem": "urn:x"}, 404, "urn:x is not served"),
        (LOOKUP, {"system": ICD, "code": "S09.0", "date": "yesterday"}, 400, "no date of service"),
        ("/fhir/Patient/1", {}, 404, "nothing at /fhir/Patient/1"),
    ],
)
async def test_errors_are_outcomes_with_a_sentence(
    rooms: Rooms, path: str, params: dict[str, str], status: int, says: str
) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        answer = await guest.get(path, params=params)
    assert answer.status_code == status
    assert says in issue(answer)["diagnostics"]


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"resourceType": "Patient"}', '{"resourceType":"Parameters","parameter":7}']
)
async def test_a_body_that_is_no_parameters_is_refused(rooms: Rooms, body: str) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        answer = await guest.post(LOOKUP, content=body, headers={"Content-Type": "application/fhir+json"})
    assert (answer.status_code, issue(answer)["code"]) == (400, "invalid")


async def test_a_fhir_client_from_outside_works_against_it(rooms: Rooms) -> None:
    client = AsyncFHIRClient(f"{rooms.url}/fhir")
    looked_up = await client.execute("CodeSystem/$lookup", method="get", params=SCRATCH)
    Parameters.model_validate(looked_up)
    coding = {"resourceType": "Parameters", "parameter": [{"name": "coding", "valueCoding": SCRATCH}]}
    valid = await client.execute("CodeSystem/$validate-code", method="post", data=coding)
    assert {"name": "result", "valueBoolean": True} in valid["parameter"]
