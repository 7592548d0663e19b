"""What a reader may open: the promises of the tiers, over the wire."""

from __future__ import annotations

import asyncio

import pytest
from codingahead.metering.v1 import metering_pb2 as pb

from shared.errors import Conflict, Denied, InvalidInput
from shared.identity import Kind, Principal
from tests.integration.metering.conftest import NETWORK, Fleet, Metering, account, guest, partner


async def test_forty_first_views_of_one_guest_at_once_grant_exactly_one(fleet: Fleet) -> None:
    one, other = await fleet.start(), await fleet.start()
    answers = await asyncio.gather(
        *((one, other)[number % 2].consume(guest("g"), f"A{number:02}") for number in range(40))
    )
    outcomes = [answer.outcome for answer in answers]
    assert outcomes.count(pb.OUTCOME_GRANTED) == 1
    assert outcomes.count(pb.OUTCOME_QUOTA_EXCEEDED) == 39
    assert not (await one.reconcile()).discrepancies


async def test_forty_first_views_of_a_free_account_at_once_grant_exactly_five(fleet: Fleet) -> None:
    one, other = await fleet.start(), await fleet.start()
    answers = await asyncio.gather(
        *((one, other)[number % 2].consume(account("a"), f"A{number:02}") for number in range(40))
    )
    assert [answer.outcome for answer in answers].count(pb.OUTCOME_GRANTED) == 5


async def test_with_a_carried_page_a_free_account_reads_six(fleet: Fleet) -> None:
    one, other = await fleet.start(), await fleet.start()
    carried = await one.consume(guest("g"), "B00")
    merged = await other.merge("g", "a")
    assert merged.carried.code == "B00"
    assert (merged.quota.limit, merged.quota.remaining, merged.quota.used) == (6, 5, 1)
    answers = await asyncio.gather(
        *((one, other)[number % 2].consume(account("a"), f"A{number:02}") for number in range(40))
    )
    assert [answer.outcome for answer in answers].count(pb.OUTCOME_GRANTED) == 5
    again = await one.consume(account("a"), "B00")
    assert again.outcome == pb.OUTCOME_ALREADY_GRANTED
    assert again.granted_at == carried.granted_at
    assert again.granted_until == carried.granted_until
    assert (again.quota.limit, again.quota.used, again.quota.remaining) == (6, 6, 0)


async def test_reading_a_page_again_is_free(metering: Metering) -> None:
    first = await metering.consume(guest("g"), "A00")
    again = await metering.consume(guest("g"), "A00")
    assert (first.outcome, again.outcome) == (pb.OUTCOME_GRANTED, pb.OUTCOME_ALREADY_GRANTED)
    assert again.granted_until == first.granted_until == first.quota.window_end
    assert again.quota.used == 1


async def test_a_repeat_of_a_request_gets_its_first_answer(metering: Metering) -> None:
    first = await metering.consume(account("a"), "A00", request_id="r")
    await metering.consume(account("a"), "A01")
    assert await metering.consume(account("a"), "A00", request_id="r") == first


async def test_a_request_id_used_for_another_page_is_a_conflict(metering: Metering) -> None:
    await metering.consume(account("a"), "A00", request_id="r")
    with pytest.raises(Conflict, match="request_id"):
        await metering.consume(account("a"), "A01", request_id="r")


async def test_peek_answers_as_consume_would_and_changes_nothing(metering: Metering) -> None:
    seen = await metering.peek(guest("g"), "A00")
    assert seen.outcome == pb.OUTCOME_GRANTED
    assert not seen.HasField("granted_at")
    assert (await metering.peek(guest("g"))).quota.remaining == 1
    await metering.consume(guest("g"), "A00")
    assert (await metering.peek(guest("g"), "A00")).outcome == pb.OUTCOME_ALREADY_GRANTED
    assert (await metering.peek(guest("g"), "A01")).outcome == pb.OUTCOME_QUOTA_EXCEEDED


async def test_a_pro_account_reads_without_a_limit_and_is_recorded(metering: Metering) -> None:
    await metering.set_plan("account:a", pb.TIER_PRO)
    for number in range(12):
        assert (await metering.consume(account("a"), f"A{number:02}")).outcome == pb.OUTCOME_GRANTED
    usage = await metering.usage(account("a"))
    assert len(usage.grants) == 12
    assert not usage.quota.HasField("limit")


async def test_a_partner_reads_its_quota_of_the_calendar_month(metering: Metering) -> None:
    await metering.set_plan("partner:p", pb.TIER_PARTNER, quota=2)
    for code in ("A00", "A01", "A00"):
        answer = await metering.consume(partner("p"), code)
    assert answer.outcome == pb.OUTCOME_ALREADY_GRANTED
    refused = await metering.consume(partner("p"), "A02")
    assert refused.outcome == pb.OUTCOME_QUOTA_EXCEEDED
    start, end = refused.quota.window_start.ToDatetime(), refused.quota.window_end.ToDatetime()
    assert (start.day, start.hour, end.day, end.hour, refused.quota.window_seconds) == (1, 0, 1, 0, 0)


async def test_a_network_gives_only_so_many_new_guests_a_first_page_a_day(metering: Metering) -> None:
    answers = await asyncio.gather(*(metering.consume(guest(f"g{number}"), "A00") for number in range(210)))
    outcomes = [answer.outcome for answer in answers]
    assert outcomes.count(pb.OUTCOME_GRANTED) == 200
    assert outcomes.count(pb.OUTCOME_NETWORK_CAP) == 10
    elsewhere = await metering.consume(guest("h"), "A00", network="net-2")
    assert elsewhere.outcome == pb.OUTCOME_GRANTED
    known = guest(f"g{outcomes.index(pb.OUTCOME_GRANTED)}")
    assert (await metering.consume(known, "A00")).outcome == pb.OUTCOME_ALREADY_GRANTED


@pytest.mark.parametrize(
    ("system", "code", "network"),
    [("icd11", "A00", NETWORK), ("icd10cm", "a00", NETWORK), ("icd10cm", "A0.0", NETWORK), ("icd10cm", "A00", "")],
)
async def test_a_wrong_field_is_named_in_a_sentence(metering: Metering, system: str, code: str, network: str) -> None:
    request = pb.ConsumeRequest(request_id="r", content=pb.ContentKey(system=system, code=code), network=network)
    from shared.rpc.client import invoke

    with pytest.raises(InvalidInput, match=r"content\.system|content\.code|network"):
        await invoke(metering.stub.Consume, request, timeout=5, token=metering.token(guest("g")))


async def test_a_service_reads_no_pages(metering: Metering) -> None:
    with pytest.raises(Denied):
        await metering.consume(Principal(Kind.SERVICE, "gateway"), "A00")
