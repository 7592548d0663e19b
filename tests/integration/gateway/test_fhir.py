"""FHIR R4 for partners: answers are valid by the specification, a client from outside drives it, and it is metered."""

from __future__ import annotations

from typing import Any

import httpx
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.codesystem import CodeSystem
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.parameters import Parameters
from fhir.resources.R4B.terminologycapabilities import TerminologyCapabilities
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
    for operation in offered - {"ValueSet/$expand", "ValueSet/$validate-code"}:  # in tests of their own
        async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.partner("ehr")) as partner:
            assert (await partner.get(f"/fhir/{operation}", params=SCRATCH)).status_code == 200


async def test_the_terminology_is_told_with_its_versions(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        answer = await guest.get("/fhir/metadata", params={"mode": "terminology"})
        named = await guest.get("/fhir/CodeSystem/icd10cm")
        wrong = await guest.get("/fhir/metadata", params={"mode": "x"})
        version = values(await guest.get(VALIDATE, params={"url": ICD, "code": "S09.0"}))["version"]
    TerminologyCapabilities.model_validate(answer.json())
    told = {each["uri"]: each for each in answer.json()["codeSystem"]}
    assert [(each["code"], each["isDefault"]) for each in told[ICD]["version"]] == [(version, True)]
    assert CodeSystem.model_validate(named.json()).content == "not-present"
    assert named.json()["version"] == version
    assert (wrong.status_code, issue(wrong)["code"]) == (400, "invalid")


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


async def test_a_look_up_gives_the_properties_that_are_asked_for(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        whole = await guest.get(LOOKUP, params=SCRATCH)
        two = await guest.get(LOOKUP, params={**SCRATCH, "property": ["parent", "inactive"]})
    assert set(properties(whole)) >= {"parent", "inactive", "notSelectable"}
    assert set(properties(two)) == {"parent", "inactive"}
    assert values(two)["display"] == "Invented scratch"


BY_CODING = {"resourceType": "Parameters", "parameter": [{"name": "coding", "valueCoding": SCRATCH}]}
FORMS: tuple[tuple[dict[str, str], dict[str, str], int], ...] = (
    ({"_format": "json"}, {}, 200),
    ({"_format": "application/fhir+json"}, {"Accept": "text/html"}, 200),
    ({}, {"Accept": "application/fhir+json; fhirVersion=4.0"}, 200),
    ({}, {"Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"}, 200),
    ({"_format": "xml"}, {}, 406),
    ({}, {"Accept": "application/fhir+xml"}, 406),
    ({}, {"Accept": "application/fhir+json; fhirVersion=5.0"}, 406),
    ({}, {"Accept": "application/json;q=0"}, 406),
)


async def test_json_of_r4_is_given_and_every_other_form_refused_as_an_outcome(rooms: Rooms) -> None:
    xml = {"Content-Type": "application/fhir+xml"}
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        for params, headers, status in FORMS:
            answer = await guest.get(VALIDATE, params={"url": ICD, "code": "S09.0", **params}, headers=headers)
            assert answer.status_code == status, (params, headers)
            assert answer.headers["content-type"].startswith("application/fhir+json")
            assert status == 200 or issue(answer)["code"] == "not-supported"
        sent = await guest.post(VALIDATE, content="<Parameters/>", headers=xml)
        removed = await guest.delete(VALIDATE)
        foreign = await guest.post(VALIDATE, json=BY_CODING, headers={"Origin": "https://elsewhere.example"})
    assert (sent.status_code, issue(sent)["code"]) == (415, "not-supported")
    assert (removed.status_code, issue(removed)["code"]) == (405, "not-supported")
    assert (foreign.status_code, issue(foreign)["code"]) == (403, "forbidden")


async def test_codings_are_validated_in_the_code_system_that_is_asked_for(rooms: Rooms) -> None:
    other = {"system": "http://snomed.info/sct", "code": "44054006"}
    cpt = {"system": "http://www.ama-assn.org/go/cpt", "code": "10001"}

    def concept(*codings: dict[str, str]) -> dict[str, Any]:
        given = {"name": "codeableConcept", "valueCodeableConcept": {"coding": codings}}
        return {"resourceType": "Parameters", "parameter": [{"name": "url", "valueUri": ICD}, given]}

    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        one_right = values(await guest.post(VALIDATE, json=concept(other, SCRATCH)))
        none_right = values(await guest.post(VALIDATE, json=concept(other, cpt)))
        instance = values(await guest.get("/fhir/CodeSystem/icd10cm/$validate-code", params={"code": "S09.0"}))
        unlike = values(await guest.get(VALIDATE, params={"url": ICD, "code": "?!"}))
        heading = {"url": ICD, "code": "S09", "abstract": "false"}
        barred = values(await guest.get(VALIDATE, params=heading))
        allowed = values(await guest.get(VALIDATE, params={**heading, "abstract": "true"}))
        two = await guest.get(VALIDATE, params={"url": ICD})
    assert one_right["result"] is instance["result"] is allowed["result"] is True
    assert none_right["result"] is unlike["result"] is barred["result"] is False
    assert "snomed.info/sct is not served" in none_right["message"]
    assert "named as a code of CPT, and ICD-10-CM was asked for" in none_right["message"]
    assert (two.status_code, issue(two)["code"]) == (400, "required")


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


WRONG: tuple[tuple[str, dict[str, str], int, str], ...] = (
    (LOOKUP, {"system": "http://example.org/x", "code": "1"}, 404, "http://example.org/x is not served"),
    (LOOKUP, {"code": "S09.0"}, 400, "name the code system by its URI"),
    (LOOKUP, {"system": ICD}, 400, "name a code"),
    (LOOKUP, {"system": ICD, "code": "Z99.9"}, 404, "Z99.9"),
    (TRANSLATE, {"system": ICD, "code": "S09.0", "targetsystem": "urn:x"}, 404, "urn:x is not served"),
    (TRANSLATE, {"system": ICD, "code": "S09.0", "reverse": "true"}, 400, "reverse: ask with the code"),
    (TRANSLATE, {"system": ICD, "code": "S09.0", "url": "urn:x"}, 400, "url: maps are not chosen"),
    ("/fhir/CodeSystem/none", {}, 404, "no CodeSystem/none here"),
    ("/fhir", {}, 404, "nothing at /fhir"),
    (LOOKUP, {"system": ICD, "code": "S09.0", "date": "yesterday"}, 400, "no date of service"),
    ("/fhir/Patient/1", {}, 404, "nothing at /fhir/Patient/1"),
)


async def test_errors_are_outcomes_with_a_sentence(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        for path, params, status, says in WRONG:
            answer = await guest.get(path, params=params)
            assert (path, params, answer.status_code) == (path, params, status)
            assert says in issue(answer)["diagnostics"]


async def test_a_body_that_is_no_parameters_is_refused(rooms: Rooms) -> None:
    patient, no_list = '{"resourceType": "Patient"}', '{"resourceType":"Parameters","parameter":7}'
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        for body in ("{", "[]", patient, no_list):
            answer = await guest.post(LOOKUP, content=body, headers={"Content-Type": "application/fhir+json"})
            assert (body, answer.status_code, issue(answer)["code"]) == (body, 400, "invalid")


async def test_a_fhir_client_from_outside_works_against_it(rooms: Rooms) -> None:
    client = AsyncFHIRClient(f"{rooms.url}/fhir")
    looked_up = await client.execute("CodeSystem/$lookup", method="get", params=SCRATCH)
    Parameters.model_validate(looked_up)
    coding = {"resourceType": "Parameters", "parameter": [{"name": "coding", "valueCoding": SCRATCH}]}
    valid = await client.execute("CodeSystem/$validate-code", method="post", data=coding)
    assert {"name": "result", "valueBoolean": True} in valid["parameter"]
