"""Claims over HTTP: the form of the answer, what is refused and how it is named, and how many claims a call takes."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import httpx
import pytest
from codingahead.metering.v1 import metering_pb2 as metering

from shared.database import Database
from tests.integration.catalog.payment_tables import publish_add_on, publish_mue, publish_ptp
from tests.integration.gateway.rooms import Rooms

PATH = "/api/v1/edits/check"
MEMBERS = {
    "kind", "severity", "outcome", "lines", "code", "column_1", "column_2", "indicator", "value", "mai", "rule",
    "source", "edition", "message", "resolve", "other_lines", "diagnoses", "history_lines",
}  # fmt: skip


@pytest.fixture
async def tables(rooms: Rooms) -> None:
    """A few edits for practitioners, published while everything runs."""
    database = Database(rooms.catalog_url)
    await database.open()
    await publish_ptp(database, [("11055", "11720", date(2020, 1, 1), None, "1"), ("11055", "36000", None, None, "0")])
    await publish_mue(database, [("11720", 1, 2), ("11055", 2, 3)])
    await publish_add_on(database, [("99292", "99291", 1)])
    await database.close()


def claim(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A claim of lines."""
    return {"id": "A-17", "setting": "practitioner", "date": "2024-07-15", "lines": list(lines), **more}


async def check(rooms: Rooms, *claims: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    """Send claims."""
    async with httpx.AsyncClient(base_url=rooms.url, timeout=60) as client:
        return await client.post(PATH, json={"claims": list(claims)}, headers=headers or {})


@pytest.mark.usefixtures("tables")
async def test_findings_have_the_documented_members_and_say_what_was_asked(rooms: Rooms) -> None:
    lines = ({"code": " 11055 "}, {"code": "11720", "units": 2, "modifiers": []}, {"code": "99292"}, {"code": "36000"})
    answer = await check(rooms, claim(*lines, diagnoses=["e11.9"]))
    assert answer.status_code == 200
    (checked,) = answer.json()["claims"]
    assert checked["id"] == "A-17"
    assert all(set(finding) == MEMBERS for finding in checked["findings"])
    pairs = {(f["column_1"], f["column_2"]): f for f in checked["findings"] if f["kind"] == "ptp"}
    assert {pair: (f["outcome"], f["indicator"], f["lines"]) for pair, f in pairs.items()} == {
        ("11055", "11720"): ("denied", "1", [2]),
        ("11055", "36000"): ("denied", "0", [4]),
    }
    units = {f["code"]: (f["outcome"], f["value"], f["mai"]) for f in checked["findings"] if f["kind"] == "mue"}
    assert units == {"11720": ("denied", 1, 2), "99292": ("info", None, None), "36000": ("info", None, None)}
    assert [(f["code"], f["outcome"]) for f in checked["findings"] if f["kind"] == "add_on"] == [("99292", "denied")]
    assert {"ptp", "mue", "add_on"} <= set(checked["checked"])
    assert "fee_schedule" in checked["not_loaded"]
    assert {"global_period", "sex", "age"} <= set(checked["not_checked"])
    for finding in checked["findings"]:
        assert all(finding[member] for member in ("source", "edition", "message", "resolve")), finding


@pytest.mark.usefixtures("tables")
async def test_a_clean_claim_lists_what_was_asked_and_a_claim_for_equipment_what_does_not_apply(rooms: Rooms) -> None:
    answer = await check(
        rooms,
        claim({"code": "11720", "modifiers": ["59"]}, {"code": "11055", "modifiers": ["XS"]}),
        claim({"code": "E0100"}, setting="dme", id=4711),
    )
    aside, equipment = answer.json()["claims"]
    assert [f["outcome"] for f in aside["findings"]] == ["bypassed"]
    assert all(asked["edition"] for asked in aside["asked"] if asked["state"] == "checked")
    assert equipment["id"] == 4711
    assert "ptp" in equipment["not_applicable"]
    assert "mue" in equipment["not_loaded"]


async def test_values_in_the_forms_of_spreadsheets_and_of_x12_are_understood(rooms: Rooms) -> None:
    lines = [{"code": 11720, "units": "2", "modifiers": [" 59", "", "xs"], "diagnoses": ["A", 2], "date": "20240716"}]
    more = {"setting": " DME ", "diagnoses": ["e11.9", "L84"], "patient": {"sex": "F", "birth_date": "1950-02-03"}}
    answer = await check(rooms, claim(*lines, **more, place_of_service=11, payer="Medicare", history=None))
    assert answer.status_code == 200, answer.text


WRONG: list[tuple[bytes | dict[str, Any], str, str]] = [
    (b"{", "body", "no JSON"),
    (b"[]", "claims", "claims"),
    (b'{"claims": []}', "claims", "claims"),
    (b'{"claims": [7]}', "claims.0", "claim 1"),
    (claim(), "claims.0.lines", 'claim 1 ("A-17"), lines'),
    (claim({"code": "11055"}, {"code": "11720", "units": 0}), "claims.0.lines.1.units", '"A-17"), line 2, units'),
    (claim({"code": "11055", "modifiers": ["599"]}), "claims.0.lines.0.modifiers.0", "such as 25 or LT"),
    (claim({"code": "11055", "units": True}), "claims.0.lines.0.units", "a whole number is expected"),
    (claim({"code": "11055", "units": 1.5}), "claims.0.lines.0.units", "a whole number is expected"),
    (claim({"code": "11055"}, id={}), "claims.0.id", "a text or a whole number"),
    (claim({"code": "11055"}, place_of_service="1"), "claims.0.place_of_service", "two digits"),
    (
        claim({"code": "11055", "diagnoses": [2]}, diagnoses=["I10"]),
        "claims.0.lines.0.diagnoses",
        "diagnoses 1 to 1",
    ),
    (claim({"code": "11055", "unit": 1}), "claims.0.lines.0.unit", "line 1, unit: a claim has no such member"),
    (claim({"code": "11055"}, date="2024-02-31"), "claims.0.date", "no such day"),
    (
        claim({"code": "11055"}, setting="inpatient"),
        "claims.0.setting",
        "'practitioner', 'outpatient' or 'dme' is expected",
    ),
    (claim({"code": "11055", "date_to": "2024-07-01"}), "claims.0.lines.0.date_to", "before the first day"),
    (claim({"code": "11055"}, history=[{"code": "27447"}]), "claims.0.history.0.date", "history line 1, date"),
    (
        claim({"code": "11055"}, patient={"birth_date": "2030-01-01"}),
        "claims.0.patient.birth_date",
        "after the day",
    ),
]
"""A body or its only claim, where it is wrong, and words of what is said."""


async def test_what_is_wrong_is_named_with_claim_line_and_field(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        for body, where, words in WRONG:
            content = body if isinstance(body, bytes) else json.dumps({"claims": [body]}).encode()
            client.cookies.clear()  # a program, which has no page that it would come from
            answer = await client.post(PATH, content=content, headers={"Content-Type": "application/json"})
            assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), where
            problem = answer.json()
            assert problem["reason"] == "REQUEST_INVALID"
            assert where in [defect["where"] for defect in problem["defects"]]
            assert words in problem["detail"]


@pytest.mark.usefixtures("tables")
async def test_guests_send_a_hundred_claims_and_accounts_and_partners_more(rooms: Rooms) -> None:
    await rooms.set_plan("pia", metering.TIER_FREE)
    many = [claim({"code": "11055"}, {"code": "11720"}, id=number) for number in range(101)]
    refused = await check(rooms, *many)
    assert (refused.status_code, refused.json()["reason"]) == (400, "CLAIMS_TOO_MANY")
    assert "100" in refused.json()["detail"]
    assert (await check(rooms, *many[:100])).status_code == 200
    for headers in (rooms.account("pia"), rooms.partner("ehr-vendor")):
        answer = await check(rooms, *(many * 4), headers=headers)
        assert answer.status_code == 200
        claims = answer.json()["claims"]
        assert [checked["id"] for checked in claims] == list(range(101)) * 4
        assert all(checked["findings"][0]["outcome"] == "denied" for checked in claims)
    lines = await check(rooms, *[claim(*[{"code": "11055"}] * 31)] * 100)
    assert lines.json()["reason"] == "CLAIMS_TOO_MANY"


async def test_bodies_are_bounded_by_who_sends_them(rooms: Rooms) -> None:
    large = claim({"code": "11055"}, id="x" * 90)
    body = {"claims": [large] * 9_000}
    async with httpx.AsyncClient(base_url=rooms.url, timeout=60) as client:
        guest = await client.post(PATH, json=body)
        account = await client.post(PATH, json={"claims": [large] * 7_000}, headers=rooms.account("pia"))
    assert (guest.status_code, guest.json()["reason"]) == (413, "BODY_TOO_LARGE")
    assert account.status_code == 200
    assert len(account.json()["claims"]) == 7_000


async def test_a_key_needs_the_scope(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        for scope, status in (("edits:check", 200), ("codes:read", 403)):
            wanted = {"name": "claims", "scopes": [scope]}
            made = await client.post("/api/v1/keys", json=wanted, headers=rooms.account("kay") | rooms.once())
            key = {"Authorization": f"Bearer {made.json()['secret']}"}
            assert (await check(rooms, claim({"code": "11055"}), headers=key)).status_code == status
