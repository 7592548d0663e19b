"""What catalog publishes reaches pages that are kept, and every process that checks claims, within a second.

Measured on both event logs, over imports and over going back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date

import httpx
import pytest
from codingahead.catalog.v1 import edits_pb2 as pb
from codingahead.catalog.v1 import edits_pb2_grpc
from google.type.date_pb2 import Date

import services.catalog.wiring
from services.catalog.imports.run import revert
from services.catalog.settings import Settings as CatalogSettings
from shared.database import Database
from shared.identity import InternalTokenSigner, Kind, Principal
from shared.rpc.client import invoke, open_channel
from tests.integration.catalog.payment_tables import publish_mue, publish_ptp
from tests.integration.gateway.rooms import Rooms
from tests.unit.catalog.small_tabular import SMALL

SCRATCH = "/codes/icd10cm/S09.0"
DAY = date(2024, 7, 15)
LATER = (date(2024, 7, 8), date(2024, 9, 30))
UNITS = 3


@pytest.fixture(params=["postgres", "kafka"])
def events_url(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> str:
    """Either event log; nothing else of a run uses the platform's own topics on its Kafka."""
    if request.param == "kafka":
        return str(request.getfixturevalue("kafka_url"))
    return new_database("events").replace("postgresql://", "postgres://", 1)


@pytest.fixture
async def database(rooms: Rooms) -> AsyncIterator[Database]:
    """Catalog's database, as an operator's command opens it."""
    database = Database(rooms.catalog_url)
    await database.open()
    yield database
    await database.close()


async def seconds_until(so: Callable[[], Awaitable[bool]]) -> float:
    """How long it takes until something is so."""
    began = time.monotonic()
    async with asyncio.timeout(10):
        while not await so():  # noqa: ASYNC110 - a poll
            await asyncio.sleep(0.02)
    return time.monotonic() - began


async def test_a_release_and_going_back_are_on_the_page_within_a_second(rooms: Rooms, database: Database) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:

        async def shows(words: str) -> bool:
            return words in (await guest.get(SCRATCH)).text

        first = await guest.get(SCRATCH)
        kept = await guest.get(SCRATCH, headers={"If-None-Match": first.headers["etag"]})
        await rooms.import_tabular(SMALL.replace("Invented scratch", "Invented graze"))
        imported = await seconds_until(lambda: shows("Invented graze"))
        later = await guest.get(SCRATCH, headers={"If-None-Match": first.headers["etag"]})
        await revert(database, "icd10cm-tabular")
        reverted = await seconds_until(lambda: shows("Invented scratch"))
    assert kept.status_code == 304
    assert "Invented scratch" in first.text
    assert (later.status_code, "Invented graze" in later.text) == (200, True)
    assert imported < 1
    assert reverted < 1


async def test_every_process_that_checks_claims_answers_from_a_release_within_a_second(
    rooms: Rooms, database: Database
) -> None:
    listen = f"unix:{rooms.folder}/catalog-2.sock"
    settings = CatalogSettings(**{**rooms._common(rooms.catalog_url, "catalog"), "listen": listen})
    second = services.catalog.wiring.build(settings)
    await second.start()
    channel = open_channel(listen)
    stub: edits_pb2_grpc.EditsServiceAsyncStub = edits_pb2_grpc.EditsServiceStub(channel)
    token = InternalTokenSigner.from_jwk_file(rooms.keys.internal_private).sign(
        Principal(Kind.SERVICE, "gateway", frozenset({"service"}))
    )
    async with httpx.AsyncClient(base_url=rooms.url, timeout=10, headers=rooms.account("coder")) as reader:

        async def both() -> tuple[set[str], set[str]]:
            """The denied codes, by the gateway's own catalog and by the second process."""
            return await _denied_by_http(reader), await _denied_by_rpc(stub, token)

        async def answer(denied: set[str]) -> float:
            return await seconds_until(lambda: _is(both, denied))

        await publish_mue(database, [("11720", 1, 2)])
        took = [await answer({"11720"})]
        await publish_mue(database, [("11720", 9, 2)], 2, LATER)
        took.append(await answer(set()))
        await publish_ptp(database, [("11720", "11055", date(2020, 1, 1), None, "0")])
        took.append(await answer({"11055"}))
        await revert(database, "ncci-mue", setting="practitioner")
        took.append(await answer({"11055", "11720"}))
    await channel.close()
    await second.drain(5)
    assert max(took) < 1, took


async def _is(both: Callable[[], Awaitable[tuple[set[str], set[str]]]], denied: set[str]) -> bool:
    return await both() == (denied, denied)


async def _denied_by_http(reader: httpx.AsyncClient) -> set[str]:
    lines = [{"code": "11720", "units": UNITS}, {"code": "11055"}]
    claim = {"setting": "practitioner", "date": str(DAY), "lines": lines}
    answer = await reader.post("/api/v1/edits/check", json={"claims": [claim]})
    return {f["code"] for f in answer.json()["claims"][0]["findings"] if f["outcome"] == "denied"}


async def _denied_by_rpc(stub: edits_pb2_grpc.EditsServiceAsyncStub, token: str) -> set[str]:
    claim = pb.Claim(
        setting=pb.CLAIM_SETTING_PRACTITIONER,
        date=Date(year=DAY.year, month=DAY.month, day=DAY.day),
        lines=[pb.ClaimLine(code="11720", units=UNITS), pb.ClaimLine(code="11055", units=1)],
    )
    answer = await invoke(stub.CheckEdits, pb.CheckEditsRequest(claims=[claim]), timeout=10, token=token)
    return {f.code for f in answer.claims[0].findings if f.outcome == pb.FINDING_OUTCOME_DENIED}
