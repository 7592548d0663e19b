"""Acts of operators: none is done without its row, each has one outcome, whatever fails in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psycopg
import pytest
from codingahead.metering.v1 import metering_pb2 as pb

from gateway.audit import Act, Audit, Standing
from shared.database import Database
from shared.errors import Conflict, FailedPrecondition, InvalidInput, Unavailable
from shared.identity import Kind, Principal
from shared.rpc.client import invoke
from tests.integration.gateway.rooms import Rooms

PLANS, CREDITS, ACTS = (f"/api/v1/operator/{name}" for name in ("plans", "credits", "acts"))
WANTED = {"principal": "account:payer", "plan": "pro", "reason": "paid by invoice 7"}
BEFORE: Standing = {"plan": "free", "limit": 5, "used": 0, "remaining": 5}
AFTER: Standing = {"plan": "pro", "limit": None, "used": 0, "remaining": None}


def act(**changed: Any) -> Act:
    """An act."""
    given: dict[str, Any] = {
        "operator": "account:ops", "act": "set the plan pro", "whom": "account:payer", "reason": "a test",
        "request_id": "a" * 32, "asked": {"plan": "pro"}, **changed,
    }  # fmt: skip
    return Act(**given)


@pytest.fixture
async def audit(rooms: Rooms) -> AsyncIterator[Audit]:
    """The audit in the gateway's database."""
    database = Database(rooms.gateway_url)
    await database.open()
    yield Audit(database)
    await database.close()


@pytest.fixture
async def operator(rooms: Rooms) -> AsyncIterator[httpx.AsyncClient]:
    """An operator's program, signed in with a second factor."""
    headers = {"Authorization": f"Bearer {rooms.keys.access_token('ops', ('operator',), rooms.url)}"}
    async with httpx.AsyncClient(base_url=rooms.url, headers=headers, timeout=20) as client:
        yield client


async def entries(rooms: Rooms) -> list[str]:
    """The kinds of the ledger's entries about the payer."""
    async with await psycopg.AsyncConnection.connect(rooms.metering_url) as connection:
        cursor = await connection.execute("SELECT kind FROM ledger WHERE principal = 'account:payer' ORDER BY id")
        return [row[0] for row in await cursor.fetchall()]


async def test_when_the_work_begins_the_row_is_there(audit: Audit) -> None:
    seen: list[str] = []

    async def work() -> Standing:
        (written,) = await audit.acts()
        seen.append("open" if written.open else "closed")
        return AFTER

    performed = await audit.perform(act(), BEFORE, work)
    assert (seen, performed.after, performed.repeated) == (["open"], AFTER, False)
    (written,) = await audit.acts(whom="account:payer")
    assert (written.before, written.after, written.open) == (BEFORE, AFTER, False)


async def test_an_act_whose_answer_was_lost_stays_open_until_it_is_sent_again(audit: Audit) -> None:
    calls = 0

    async def lost() -> Standing:
        raise Unavailable("METERING_AWAY", "no answer")

    async def work() -> Standing:
        nonlocal calls
        calls += 1
        return AFTER

    with pytest.raises(Unavailable):
        await audit.perform(act(), BEFORE, lost)
    assert (await audit.acts())[0].open
    await audit.perform(act(), {"plan": "later"}, work)
    (written,) = await audit.acts()
    assert (written.before, written.after) == (BEFORE, AFTER), "the standing before is that of the first try"
    assert (await audit.perform(act(), BEFORE, work)).repeated
    assert calls == 1


async def test_an_act_that_is_cut_off_leaves_its_row(audit: Audit) -> None:
    async def hangs() -> Standing:
        await asyncio.sleep(60)
        return AFTER

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(audit.perform(act(), BEFORE, hangs), 0.5)
    assert [written.open for written in await audit.acts()] == [True]


async def test_a_refusal_is_an_outcome_and_is_not_tried_again(audit: Audit) -> None:
    async def refused() -> Standing:
        raise InvalidInput("PLAN_INVALID", "no such plan")

    async def work() -> Standing:
        raise AssertionError("it is done without an outcome of its own")

    with pytest.raises(InvalidInput):
        await audit.perform(act(), BEFORE, refused)
    with pytest.raises(FailedPrecondition, match="PLAN_INVALID"):
        await audit.perform(act(), BEFORE, work)
    assert [written.refused for written in await audit.acts()] == ["PLAN_INVALID"]


@pytest.mark.parametrize(
    "other", [{"operator": "account:eve"}, {"whom": "account:x"}, {"reason": "another"}, {"asked": {"plan": "free"}}]
)
async def test_a_request_id_stands_for_one_act(audit: Audit, other: dict[str, Any]) -> None:
    async def work() -> Standing:
        return AFTER

    async def never() -> Standing:
        raise AssertionError("another act is done under the id of the first")

    await audit.perform(act(), BEFORE, work)
    with pytest.raises(Conflict):
        await audit.perform(act(**other), BEFORE, never)
    assert len(await audit.acts()) == 1


async def test_without_its_row_nothing_is_done(rooms: Rooms, operator: httpx.AsyncClient) -> None:
    async with await psycopg.AsyncConnection.connect(rooms.gateway_url, autocommit=True) as connection:
        await connection.execute("ALTER TABLE operator_act ADD CONSTRAINT full_disk CHECK (id < 0) NOT VALID")
        answer = await operator.post(PLANS, json=WANTED, headers=rooms.once())
        assert answer.status_code == 500
        assert await entries(rooms) == []
        await connection.execute("ALTER TABLE operator_act DROP CONSTRAINT full_disk")
    assert (await operator.post(PLANS, json=WANTED, headers=rooms.once())).status_code == 200


async def test_a_plan_by_the_api_holds_on_the_next_request_and_a_repeat_changes_nothing(
    rooms: Rooms, operator: httpx.AsyncClient
) -> None:
    key = rooms.once()
    answers = [await operator.post(PLANS, json=WANTED, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json() == {"principal": "account:payer", "standing": AFTER}
    assert await rooms.metering_call(_plan, Principal(Kind.ACCOUNT, "payer")) == pb.TIER_PRO
    assert (await operator.post(PLANS, json={**WANTED, "plan": "free"}, headers=rooms.once())).status_code == 200
    credit = {"principal": "account:payer", "pages": 3, "reason": "an outage"}
    assert (await operator.post(CREDITS, json=credit, headers=rooms.once())).json()["standing"]["limit"] == 8
    assert await entries(rooms) == ["plan", "plan", "credit"]
    listed = (await operator.get(ACTS, params={"principal": "account:payer", "limit": 2})).json()
    assert [written["act"] for written in listed["acts"]] == ["credit 3 pages", "set the plan free"]
    older = (await operator.get(ACTS, params={"cursor": listed["next_cursor"]})).json()
    assert [(written["act"], written["before"], written["after"]) for written in older["acts"]] == [
        ("set the plan pro", BEFORE, AFTER)
    ]
    assert older["next_cursor"] == ""
    wrong = await operator.get(ACTS, params={"cursor": "x"})
    assert (wrong.status_code, wrong.json()["reason"]) == (400, "CURSOR_MALFORMED")


async def test_what_is_wrong_is_said_and_counts_for_nothing(rooms: Rooms, operator: httpx.AsyncClient) -> None:
    for path, body, status in (
        (PLANS, WANTED | {"plan": "gold"}, 422),
        (PLANS, WANTED | {"reason": ""}, 422),
        (PLANS, WANTED | {"principal": "guest:x"}, 400),
        (PLANS, WANTED | {"monthly_quota": 5}, 400),
        (CREDITS, {"principal": "account:payer", "pages": 0, "reason": "none"}, 400),
    ):
        answer = await operator.post(path, json=body, headers=rooms.once())
        assert (path, body, answer.status_code) == (path, body, status)
        assert answer.headers["content-type"] == "application/problem+json"
    missing = await operator.post(PLANS, json=WANTED)
    assert (missing.status_code, missing.json()["reason"]) == (400, "IDEMPOTENCY_KEY_MISSING")
    one = rooms.keys.access_token("ops", ("operator",), rooms.url, acr="1")
    refused = await operator.post(PLANS, json=WANTED, headers=rooms.once() | {"Authorization": f"Bearer {one}"})
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/second-factor-needed")
    assert await entries(rooms) == []


async def test_an_answer_lost_between_meter_and_gateway_is_found_again_by_the_same_key(
    rooms: Rooms, operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = invoke

    async def loses(call: Any, request: Any, **options: Any) -> Any:
        answer = await real(call, request, **options)
        if isinstance(request, pb.SetPlanRequest):
            raise Unavailable("PEER_AWAY", "the answer was lost")
        return answer

    key = rooms.once()
    monkeypatch.setattr("gateway.operators.invoke", loses)
    assert (await operator.post(PLANS, json=WANTED, headers=key)).status_code == 503
    page = (await operator.get("/operator/audit")).text
    assert "not known" in page
    assert json.dumps("pro").strip('"') in page
    monkeypatch.setattr("gateway.operators.invoke", real)
    done = await operator.post(PLANS, json=WANTED, headers=key)
    assert (done.status_code, done.json()["standing"]) == (200, AFTER)
    assert await entries(rooms) == ["plan"], "the meter did it once"
    (written,) = (await operator.get(ACTS)).json()["acts"]
    assert (written["before"], written["after"], written["refused"]) == (BEFORE, AFTER, "")


async def test_an_open_act_is_completed_by_the_button_of_its_row(
    rooms: Rooms, operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = invoke

    async def away(call: Any, request: Any, **options: Any) -> Any:
        if isinstance(request, pb.CreditRequest):
            raise Unavailable("PEER_AWAY", "metering is away")
        return await real(call, request, **options)

    form = {"principal": "account:payer", "pages": "3", "reason": "an outage", "request_id": "c" * 32}
    monkeypatch.setattr("gateway.operators.invoke", away)
    assert (await operator.post("/operator/accounts/credit", data=form)).status_code == 503
    monkeypatch.setattr("gateway.operators.invoke", real)
    row = (await operator.get("/operator/audit")).text.partition('action="/operator/accounts/credit"')[2]
    sent = {part.split('"')[0]: part.split('value="')[1].split('"')[0] for part in row.split('name="')[1:]}
    assert sent == form
    assert (await operator.post("/operator/accounts/credit", data=sent)).status_code == 303
    assert await entries(rooms) == ["credit"]
    assert "Complete" not in (await operator.get("/operator/audit")).text


async def _plan(stub: Any, token: str) -> int:
    answer = await invoke(stub.GetUsage, pb.GetUsageRequest(), timeout=10, token=token)
    return int(answer.quota.tier)
