"""The API keeps to its own document: generated calls of every operation find no failure and no other form of answer."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import schemathesis
from codingahead.metering.v1 import metering_pb2 as pb
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.integration.gateway.rooms import Rooms, running_rooms

CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance, status_code_conformance]
FEW, MANY = 5, 25
"""Generated calls of each operation."""


@pytest.fixture
async def rooms(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[Rooms]:
    """Catalog, metering and the gateway, running."""
    async with running_rooms(new_database, events_url, search=True, guest_burst=100_000) as rooms:
        yield rooms


def _call_everything(url: str, document: dict[str, object], headers: dict[str, str], examples: int) -> int:
    """Call every operation with generated values; gives the number of calls."""
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=url)
    calls = 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), "an operation of the document cannot be read"
        operation = result.ok()

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case: schemathesis.Case) -> None:  # type: ignore[type-arg]  # not generic at run time
            nonlocal calls
            calls += 1
            case.call_and_validate(headers=headers, checks=CHECKS)

        call()
    return calls


@pytest.mark.parametrize(
    ("who", "examples"),
    [
        ("account", FEW),
        pytest.param("account", MANY, marks=pytest.mark.long),
        pytest.param("guest", MANY, marks=pytest.mark.long),
    ],
)
async def test_the_api_answers_generated_calls_as_its_document_says(rooms: Rooms, who: str, examples: int) -> None:
    await rooms.set_plan("pia", pb.TIER_PRO)
    headers = rooms.account("pia") if who == "account" else {}
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        document = (await client.get("/api/openapi.json")).json()
    assert set(document["paths"]) >= {
        "/api/v1/codes",
        "/api/v1/codes/{system}",
        "/api/v1/codes/{system}/{code}",
        "/api/v1/meter",
    }
    calls = await asyncio.to_thread(_call_everything, rooms.url, document, headers, examples)
    assert calls >= examples


async def test_real_codes_answer_in_the_documented_form(rooms: Rooms) -> None:
    await rooms.set_plan("pia", pb.TIER_PRO)
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        schema = schemathesis.openapi.from_dict((await client.get("/api/openapi.json")).json())
    schema.config.update(base_url=rooms.url)
    one_code = schema["/api/v1/codes/{system}/{code}"]["GET"]
    for headers in ({}, rooms.account("pia")):
        for code in ("S09.0", "S06.1X7A", "s060xxd", "S90", "S06", "19", "NOPE"):
            case = one_code.Case(path_parameters={"system": "icd10cm", "code": code})
            await asyncio.to_thread(case.call_and_validate, headers=headers, checks=CHECKS)


async def test_the_document_is_built_without_a_warning_and_every_operation_has_an_id_of_its_own(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # the gateway runs in this process
            answer = await client.get("/api/openapi.json")
    assert answer.status_code == 200
    operations = [operation for path in answer.json()["paths"].values() for operation in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids)) >= 5


async def test_what_can_be_read_answers_head_as_well(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        for path in ("/api/v1/codes", "/api/v1/codes/icd10cm", "/api/v1/codes/icd10cm/S090", "/api/v1/meter"):
            answer = await client.head(path)
            assert (path, answer.status_code, answer.content) == (path, 200, b"")
            assert answer.headers["content-type"] == "application/json"
