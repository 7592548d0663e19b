"""Plans, credits, merges, usage, licences, counters, and pages served while metering was away; and who may ask."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from codingahead.metering.v1 import events_pb2
from codingahead.metering.v1 import metering_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from services.metering import events
from services.metering.adapters.retention import remove_outdated
from shared.database import Database
from shared.errors import Conflict, Denied, FailedPrecondition, InvalidInput, NotFound
from shared.rpc.client import invoke
from tests.integration.metering.conftest import (
    NETWORK,
    OPERATOR,
    SERVICE,
    Fleet,
    Metering,
    account,
    guest,
    key,
    new_id,
    partner,
)
from tests.stepped_clock import SteppedClock


async def test_an_upgrade_works_on_the_next_request(metering: Metering) -> None:
    for number in range(6):
        answer = await metering.consume(account("a"), f"A{number:02}")
    assert answer.outcome == pb.OUTCOME_QUOTA_EXCEEDED
    await metering.set_plan("account:a", pb.TIER_PRO)
    assert (await metering.consume(account("a"), "A05")).outcome == pb.OUTCOME_GRANTED
    await metering.set_plan("account:a", pb.TIER_FREE)
    assert (await metering.consume(account("a"), "A06")).outcome == pb.OUTCOME_QUOTA_EXCEEDED
    assert (await metering.consume(account("a"), "A05")).outcome == pb.OUTCOME_ALREADY_GRANTED


async def test_a_repeated_change_is_made_once_and_answered_the_same(metering: Metering) -> None:
    first = await metering.credit("account:a", 3, request_id="c")
    assert first.quota.limit == 8
    assert await metering.credit("account:a", 3, request_id="c") == first
    assert (await metering.peek(account("a"))).quota.limit == 8
    with pytest.raises(Conflict, match="request_id"):
        await metering.credit("account:a", 4, request_id="c")


async def test_a_negative_credit_takes_no_more_than_is_unread(metering: Metering) -> None:
    await metering.consume(account("a"), "A00")
    taken = await metering.credit("account:a", -10)
    assert (taken.quota.used, taken.quota.limit, taken.quota.remaining) == (1, 1, 0)
    assert not (await metering.reconcile()).discrepancies


async def test_a_credit_of_an_unlimited_plan_is_refused_in_a_sentence(metering: Metering) -> None:
    await metering.set_plan("account:a", pb.TIER_PRO)
    with pytest.raises(FailedPrecondition, match="without a limit"):
        await metering.credit("account:a", 1)


async def test_a_merged_guest_is_told_so_and_carries_nothing_twice(metering: Metering) -> None:
    await metering.consume(guest("g"), "A00")
    await metering.consume(guest("h"), "A01")
    first = await metering.merge("g", "a", request_id="m")
    assert await metering.merge("g", "a", request_id="m") == first
    again = await metering.merge("g", "b")
    assert again.already_merged
    assert not again.HasField("carried")
    assert not (await metering.merge("h", "a")).HasField("carried"), "one carried page a window"
    for name in ("g", "h"):
        assert (await metering.consume(guest(name), "A00")).outcome == pb.OUTCOME_GUEST_MERGED
    assert (await metering.peek(account("b"), "A00")).outcome == pb.OUTCOME_GRANTED
    assert not (await metering.reconcile()).discrepancies


async def test_a_guest_that_never_read_is_tombstoned_too(metering: Metering) -> None:
    await metering.merge("g", "a")
    assert (await metering.consume(guest("g"), "A00")).outcome == pb.OUTCOME_GUEST_MERGED
    assert (await metering.peek(account("a"))).quota.limit == 5


async def test_the_account_s_window_begins_with_its_carried_page(fleet: Fleet) -> None:
    clock = SteppedClock(datetime(2026, 3, 1, tzinfo=UTC))
    metering = await fleet.start(clock=clock)
    read = await metering.consume(guest("g"), "A00")
    clock.step(timedelta(days=10))
    merged = await metering.merge("g", "a")
    assert merged.quota.window_start == read.granted_at
    assert merged.quota.window_end == read.granted_until
    clock.step(timedelta(days=20))
    fresh = await metering.peek(account("a"))
    assert (fresh.quota.limit, fresh.quota.used) == (5, 0)


async def test_a_page_that_guest_and_account_opened_at_one_moment_is_carried_into_the_account_s_next_window(
    fleet: Fleet,
) -> None:
    clock = SteppedClock(datetime(2026, 3, 1, tzinfo=UTC))
    metering = await fleet.start(clock=clock)
    await metering.consume(account("a"), "A00")
    clock.step(timedelta(days=1))
    for who in (account("a"), guest("g")):
        read = await metering.consume(who, "A01")
    clock.step(timedelta(days=29))
    merged = await metering.merge("g", "a")
    assert (merged.carried.code, merged.quota.used) == ("A01", 1)
    again = await metering.consume(account("a"), "A01")
    assert (again.outcome, again.granted_until) == (pb.OUTCOME_ALREADY_GRANTED, read.granted_until)
    assert not (await metering.reconcile()).discrepancies


async def test_a_guest_reading_while_it_merges_loses_and_gains_no_page(fleet: Fleet) -> None:
    one, other = await fleet.start(), await fleet.start()
    for number in range(20):
        read, merged = await asyncio.gather(
            one.consume(guest(f"g{number}"), "A00"), other.merge(f"g{number}", f"a{number}")
        )
        assert merged.HasField("carried") == (read.outcome == pb.OUTCOME_GRANTED)
        assert read.outcome in (pb.OUTCOME_GRANTED, pb.OUTCOME_GUEST_MERGED)
    assert not (await one.reconcile()).discrepancies


async def test_usage_is_listed_newest_first_page_by_page(metering: Metering) -> None:
    await metering.set_plan("account:a", pb.TIER_PRO)
    for number in range(7):
        await metering.consume(account("a"), f"A{number:02}")
    codes, cursor = [], ""
    while True:
        usage = await metering.usage(account("a"), page_size=3, page_token=cursor)
        codes += [grant.content.code for grant in usage.grants]
        cursor = usage.next_page_token
        if not cursor:
            break
    assert codes == [f"A{number:02}" for number in reversed(range(7))]


@pytest.mark.parametrize("cursor", ["x", "%%%", "W10", "WyIyMDI2IiwiY3B0IiwiMSJd"])
async def test_a_malformed_cursor_is_refused_in_a_sentence(metering: Metering, cursor: str) -> None:
    with pytest.raises(InvalidInput, match="page_token"):
        await metering.usage(account("a"), page_token=cursor)


async def test_others_usage_is_for_operators_and_services(metering: Metering) -> None:
    await metering.consume(account("a"), "A00")
    assert len((await metering.usage(OPERATOR, principal="account:a")).grants) == 1
    assert len((await metering.usage(SERVICE, principal="account:a")).grants) == 1
    with pytest.raises(Denied):
        await metering.usage(account("b"), principal="account:a")


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("SetPlan", pb.SetPlanRequest(request_id="r", principal="account:a", tier=pb.TIER_PRO)),
        ("Credit", pb.CreditRequest(request_id="r", principal="account:a", pages=1, note="please")),
        ("Reconcile", pb.ReconcileRequest()),
        ("PutPolicy", pb.PutPolicyRequest(request_id="r")),
        ("RecordServed", pb.RecordServedRequest()),
        ("MergeGuest", pb.MergeGuestRequest(request_id="r", guest_id="g", account_id="somebody-else")),
    ],
)
async def test_a_reader_cannot_help_itself(metering: Metering, method: str, request_: object) -> None:
    with pytest.raises(Denied):
        await invoke(getattr(metering.stub, method), request_, timeout=5, token=metering.token(account("a")))  # type: ignore[type-var]


async def test_terms_are_accepted_by_signed_in_readers_once(metering: Metering) -> None:
    async def accept(who: object, edition: str, licence: str = "ama-cpt") -> pb.AcceptLicenceResponse:
        request = pb.AcceptLicenceRequest(request_id=new_id(), licence=licence, terms_edition=edition)
        return await invoke(metering.stub.AcceptLicence, request, timeout=5, token=metering.token(who))  # type: ignore[arg-type]

    first = await accept(account("a"), "2026")
    assert await accept(account("a"), "2027") == first
    assert list((await metering.peek(account("a"))).quota.accepted_licences) == ["ama-cpt"]
    with pytest.raises(FailedPrecondition, match="signed-in"):
        await accept(guest("g"), "2026")
    with pytest.raises(InvalidInput, match="ama-cpt"):
        await accept(account("a"), "2026", "gpl")


async def test_look_ups_have_counters_of_their_own(metering: Metering) -> None:
    counters = [pb.Counter(name="lookup", value=2), pb.Counter(name="official-text:cpt", value=1)]
    request = pb.CountRequest(request_id="c", counters=counters)
    for _ in range(2):
        await invoke(metering.stub.Count, request, timeout=5, token=metering.token(partner("p")))
    request = pb.CountRequest(request_id="d", counters=counters[:1])
    answer = await invoke(metering.stub.Count, request, timeout=5, token=metering.token(partner("p")))
    assert answer.counters[0].value == 4
    usage = await metering.usage(partner("p"))
    assert {one.name: one.value for one in usage.counters} == {"lookup": 4, "official-text:cpt": 1}
    assert usage.quota.used == 0


async def _record(metering: Metering, *pages: pb.ServedPage) -> pb.RecordServedResponse:
    request = pb.RecordServedRequest(pages=pages)
    return await invoke(metering.stub.RecordServed, request, timeout=20, token=metering.token(SERVICE))


def _served(principal: str, code: str, seconds_ago: float = 60) -> pb.ServedPage:
    stamp = Timestamp()
    stamp.FromDatetime(datetime.now(UTC) - timedelta(seconds=seconds_ago))
    return pb.ServedPage(request_id=f"{principal}/{code}", principal=principal, content=key(code), served_at=stamp)


async def test_pages_served_while_metering_was_away_are_recorded_once(metering: Metering) -> None:
    await metering.set_plan("account:a", pb.TIER_PRO)
    pages = [
        _served("account:a", "A00", -60),
        _served("account:free", "A00"),
        _served("guest:g", "A00"),
        _served("?", "A"),
    ]
    for _ in range(2):
        answer = await _record(metering, *pages)
        assert list(answer.recorded) == ["account:a/A00"]
        assert [one.request_id for one in answer.refused] == [page.request_id for page in pages[1:]]
    assert (await metering.usage(account("a"))).quota.used == 1
    assert not (await metering.reconcile()).discrepancies


async def test_a_page_served_under_an_unlimited_plan_counts_after_a_downgrade_too(metering: Metering) -> None:
    await metering.set_plan("account:a", pb.TIER_PRO)
    page = _served("account:a", "A00", seconds_ago=0)
    await metering.set_plan("account:a", pb.TIER_FREE)
    assert list((await _record(metering, page)).recorded) == [page.request_id]


async def test_a_policy_is_put_in_force_by_an_operator_and_kept_by_version(metering: Metering) -> None:
    token = metering.token(OPERATOR)
    policy = (await invoke(metering.stub.GetPolicy, pb.GetPolicyRequest(), timeout=5, token=token)).policy
    assert policy.version == 1
    policy.tiers[0].pages = 2
    policy.note = "guests read two pages"
    request = pb.PutPolicyRequest(request_id="p", policy=policy)
    put = await invoke(metering.stub.PutPolicy, request, timeout=5, token=token)
    assert put.policy.version == 2
    assert await invoke(metering.stub.PutPolicy, request, timeout=5, token=token) == put
    quota = (await metering.consume(guest("g"), "A00")).quota
    assert (quota.policy_version, quota.limit, quota.remaining) == (2, 2, 1)
    first = await invoke(metering.stub.GetPolicy, pb.GetPolicyRequest(version=1), timeout=5, token=token)
    assert first.policy.tiers[0].pages == 1
    with pytest.raises(NotFound, match="no version 9"):
        await invoke(metering.stub.GetPolicy, pb.GetPolicyRequest(version=9), timeout=5, token=token)
    del policy.tiers[3]
    wrong = pb.PutPolicyRequest(request_id="q", policy=policy)
    with pytest.raises(InvalidInput, match="missing partner"):
        await invoke(metering.stub.PutPolicy, wrong, timeout=5, token=token)


async def test_what_happened_lies_in_the_outbox(metering: Metering, database: Database) -> None:
    await metering.consume(guest("g"), "A00")
    for number in range(3):
        await metering.consume(guest("g"), f"B{number:02}")
    await metering.merge("g", "a")
    async with database.connection() as conn:
        rows = await (await conn.execute("SELECT topic, key, payload FROM outbox ORDER BY id")).fetchall()
    assert [(row["topic"], row["key"]) for row in rows] == [
        (events.PAGE_VIEWED, "guest:g"),
        (events.LIMIT_REACHED, "guest:g"),
        (events.PAGE_VIEWED, "account:a"),
        (events.PLAN_CHANGED, "account:a"),
    ]
    assert events_pb2.PageViewed.FromString(rows[2]["payload"]).carried
    assert events_pb2.PlanChanged.FromString(rows[3]["payload"]).merged_guest == "guest:g"


@pytest.mark.parametrize("statement", ["UPDATE ledger SET pages = 0", "DELETE FROM ledger", "TRUNCATE ledger"])
async def test_the_ledger_takes_no_change(metering: Metering, database: Database, statement: str) -> None:
    await metering.consume(guest("g"), "A00")
    async with database.connection() as conn:
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            await conn.execute(statement)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("UPDATE reader SET used = used + 1", "the ledger has 1 used.*the counters have 2"),
        ("UPDATE reader SET credits = 4", "the counters have 1, 0, 4"),
        ("DELETE FROM page_grant", "A00: the ledger has 1, the grants have 0"),
        ("UPDATE page_grant SET code = 'A01'", "A01: the ledger has 0, the grants have 1"),
        ("DELETE FROM reader", "the reader is not kept"),
        ("UPDATE reader SET tier = 'pro'", "the ledger has the tier partner, the reader pro"),
        ("UPDATE reader SET merged_into = 'account:x'", "the ledger has a merge into nothing"),
    ],
)
async def test_reconciling_finds_damage(metering: Metering, database: Database, damage: str, sentence: str) -> None:
    await metering.set_plan("partner:p", pb.TIER_PARTNER, quota=5)
    await metering.consume(partner("p"), "A00")
    assert not (await metering.reconcile()).discrepancies
    async with database.connection() as conn:
        await conn.execute(damage)
    details = [one.detail for one in (await metering.reconcile()).discrepancies]
    assert any(re.search(sentence, detail) for detail in details), details


async def test_guests_are_forgotten_after_their_retention_and_the_books_still_agree(
    fleet: Fleet, database: Database
) -> None:
    old = await fleet.start(clock=SteppedClock(datetime(2024, 1, 1, tzinfo=UTC)))
    await old.consume(guest("old"), "A00")
    await old.consume(account("a"), "A00")
    now = await fleet.start()
    await now.consume(guest("new"), "A00")
    async with database.connection() as conn:
        assert await remove_outdated(conn, 400, 30) == 1
        assert await remove_outdated(conn, 400, 30) == 0
    assert not (await now.reconcile()).discrepancies
    assert (await now.peek(guest("new"), "A00")).outcome == pb.OUTCOME_ALREADY_GRANTED
    assert (await now.consume(guest("old"), "A00", network=NETWORK)).outcome == pb.OUTCOME_GRANTED
    assert not (await now.reconcile()).discrepancies


async def until_it_waits_for_a_row(database: Database) -> None:
    """Return when a statement waits for a row that another transaction holds."""
    waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR UPDATE%'"
    async with database.connection() as watch, asyncio.timeout(10):
        while await (await watch.execute(waits)).fetchone() is None:  # noqa: ASYNC110 - a server is polled
            await asyncio.sleep(0.01)


async def test_a_guest_that_reads_while_it_is_forgotten_is_a_new_guest(fleet: Fleet, database: Database) -> None:
    old = await fleet.start(clock=SteppedClock(datetime(2024, 1, 1, tzinfo=UTC)))
    await old.consume(guest("old"), "A00")
    now = await fleet.start()
    async with database.transaction() as conn:
        await remove_outdated(conn, 400, 30)
        reading = asyncio.create_task(now.consume(guest("old"), "A01"))
        await until_it_waits_for_a_row(database)
    assert (await reading).outcome == pb.OUTCOME_GRANTED
    assert not (await now.reconcile()).discrepancies


async def test_a_guest_that_merges_while_it_is_forgotten_gets_its_row_again(fleet: Fleet, database: Database) -> None:
    old = await fleet.start(clock=SteppedClock(datetime(2024, 1, 1, tzinfo=UTC)))
    await old.consume(guest("old"), "A00")
    now = await fleet.start()
    async with database.transaction() as conn:
        await remove_outdated(conn, 400, 30)
        merging = asyncio.create_task(now.merge("old", "a"))
        await until_it_waits_for_a_row(database)
    assert not (await merging).HasField("carried")
    assert not (await now.reconcile()).discrepancies
