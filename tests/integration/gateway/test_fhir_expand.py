"""Value sets: $expand by a text filter, a page at a time, and $validate-code, valid by the specification."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.parameters import Parameters
from fhir.resources.R4B.valueset import ValueSet
from fhirpy import AsyncFHIRClient

from gateway.fhir import value_sets
from tests.integration.gateway.rooms import Rooms, running_rooms

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
EXPAND = "/fhir/ValueSet/$expand"
VALIDATE = "/fhir/ValueSet/$validate-code"


@pytest.fixture
async def rooms(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[Rooms]:
    """Every service, running, over the small Tabular List."""
    async with running_rooms(new_database, events_url, search=True) as rooms:
        yield rooms


def expansion(answer: httpx.Response) -> dict[str, Any]:
    """The expansion of a value set that the specification accepts."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/fhir+json")
    ValueSet.model_validate(answer.json())
    found: dict[str, Any] = answer.json()["expansion"]
    return found


async def test_codes_of_a_filter_come_page_by_page_without_doubles_and_cost_nothing(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        before = (await guest.get("/api/v1/meter")).json()
        whole = expansion(await guest.get(EXPAND, params={"url": ICD, "filter": "invented"}))
        pages = [
            expansion(await guest.get(EXPAND, params={"url": ICD, "filter": "invented", "offset": at, "count": 1}))
            for at in range(whole["total"])
        ]
        assert (await guest.get("/api/v1/meter")).json() == before
    codes = [each["code"] for page in pages for each in page["contains"]]
    assert len(codes) == len(set(codes)) == whole["total"] > 1
    assert codes == [each["code"] for each in whole["contains"]]
    scratch = next(each for each in whole["contains"] if each["code"] == "S09.0")
    assert (scratch["system"], scratch["display"]) == (ICD, "Invented scratch")
    assert scratch["version"]


async def test_get_post_and_a_client_from_outside_answer_alike(rooms: Rooms) -> None:
    parameter = [
        {"name": "url", "valueUri": f"{ICD}?fhir_vs"},
        {"name": "filter", "valueString": "wound head"},
        {"name": "activeOnly", "valueBoolean": True},
    ]
    body = {"resourceType": "Parameters", "parameter": parameter}
    async with httpx.AsyncClient(base_url=rooms.url) as partner:
        posted = expansion(await partner.post(EXPAND, json=body))
        asked = {"url": ICD, "filter": "wound head", "activeOnly": "true"}
        assert expansion(await partner.get(EXPAND, params=asked))["contains"] == posted["contains"]
    client = AsyncFHIRClient(f"{rooms.url}/fhir")
    driven = await client.execute("ValueSet/$expand", method="get", params=asked)
    assert driven["expansion"]["contains"] == posted["contains"]


async def test_a_small_set_is_expanded_whole_and_page_by_page_and_a_large_one_is_too_costly(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        whole = expansion(await guest.get(EXPAND, params={"url": ICD}))
        of_instance = expansion(await guest.post("/fhir/ValueSet/icd10cm/$expand", json={"resourceType": "Parameters"}))
        pages = [
            expansion(await guest.get(EXPAND, params={"url": ICD, "offset": at, "count": 4}))
            for at in range(0, whole["total"] + 4, 4)
        ]
        none = expansion(await guest.get(EXPAND, params={"url": ICD, "count": 0}))
        named = (await guest.get("/fhir/ValueSet/icd10cm")).json()
        monkeypatch.setattr(value_sets, "WHOLE", whole["total"] - 1)
        refused = await guest.get(EXPAND, params={"url": ICD})
    assert whole["total"] == len(whole["contains"]) > 8
    assert of_instance["contains"] == whole["contains"]
    assert [each for page in pages for each in page.get("contains", ())] == whole["contains"]
    assert {page["total"] for page in (*pages, none)} == {whole["total"]}
    assert "contains" not in none
    assert any(each.get("abstract") for each in whole["contains"])
    assert ValueSet.model_validate(named).url == f"{ICD}?fhir_vs"
    [issue] = refused.json()["issue"]
    assert (refused.status_code, issue["code"]) == (422, "too-costly")
    assert f"{whole['total']} codes" in issue["diagnostics"]


WRONG: tuple[tuple[dict[str, str], int, str, str], ...] = (
    ({"filter": "x"}, 400, "required", "url: name the value set"),
    ({"url": "urn:x", "filter": "x"}, 404, "not-found", "urn:x is not served"),
    ({"url": ICD, "date": "2026-01-01"}, 400, "not-supported", "unless a filter is given"),
    ({"url": "urn:codingahead:modifiers"}, 404, "not-found", "No Modifiers codes are loaded here"),
    ({"url": ICD, "filter": "x", "offset": "-1"}, 400, "invalid", "offset: a whole number"),
    ({"url": ICD, "filter": "x", "offset": "2000"}, 422, "too-costly", "offset: up to 1,000"),
    ({"url": ICD, "filter": "x" * 201}, 400, "invalid", "filter: up to 200 characters"),
    ({"url": ICD, "filter": "x", "context": "y"}, 400, "not-supported", "context: this parameter"),
)


async def test_what_cannot_be_expanded_is_an_outcome(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        for params, status, code, says in WRONG:
            answer = await guest.get(EXPAND, params=params)
            OperationOutcome.model_validate(answer.json())
            [issue] = answer.json()["issue"]
            assert (answer.status_code, issue["code"]) == (status, code), params
            assert says in issue["diagnostics"]


async def test_a_code_is_validated_in_a_value_set_by_get_by_post_and_in_that_of_modifiers(rooms: Rooms) -> None:
    async def said(answer: httpx.Response) -> dict[str, Any]:
        assert answer.status_code == 200, answer.text
        Parameters.model_validate(answer.json())
        return {part["name"]: next(v for k, v in part.items() if k != "name") for part in answer.json()["parameter"]}

    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        named = {"url": f"{ICD}?fhir_vs", "system": ICD, "code": "S09.0"}
        right = await said(await guest.get(VALIDATE, params=named))
        assert (right["result"], right["display"]) == (True, "Invented scratch")
        assert not (await said(await guest.get(VALIDATE, params=named | {"display": "Invented spoon"})))["result"]
        assert not (await said(await guest.get(VALIDATE, params=named | {"system": "http://www.ama-assn.org/go/cpt"})))[
            "result"
        ]
        assert (await guest.get(VALIDATE, params=named | {"systemVersion": "1912"})).status_code == 404
        refused = await guest.get(VALIDATE, params=named | {"valueSetVersion": "2"})
        assert (refused.status_code, "valueSetVersion" in refused.text) == (400, True)
        concept = {"coding": [{"system": ICD, "code": "S09.9"}, {"system": ICD, "code": "S09.0"}]}
        body = {
            "resourceType": "Parameters",
            "parameter": [{"name": "codeableConcept", "valueCodeableConcept": concept}],
        }
        assert (await said(await guest.post("/fhir/ValueSet/icd10cm/$validate-code", json=body)))["result"]
        assert (await guest.get(VALIDATE, params=named | {"url": "http://example.org/vs"})).status_code == 404
        modifiers = {"url": "urn:codingahead:modifiers", "system": ICD, "code": "S09.0"}
        told = await said(await guest.get(VALIDATE, params=modifiers))
        assert (told["result"], told["message"]) == (False, "S09.0 is no modifier of ICD-10-CM.")
