"""A meter remembers readers, and is never wrong because another meter, or an operator, has changed them since."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from codingahead.metering.v1 import metering_pb2 as pb

from services.metering import accounts
from services.metering.adapters.policies import put_first
from services.metering.adapters.postgres import PostgresStore
from services.metering.batch import decide_all
from services.metering.content import Content
from services.metering.decision import Outcome, PageView
from services.metering.meter import Meter
from services.metering.policy import Tier, default_policy
from services.metering.recollection import Recollection
from shared.database import Database
from shared.errors import Conflict
from tests.integration.metering.conftest import Fleet, account, guest
from tests.stepped_clock import SteppedClock

START = datetime(2026, 3, 1, tzinfo=UTC)
PAGE, OTHER = Content("icd10cm", "A00"), Content("icd10cm", "A01")


async def test_an_upgrade_at_another_meter_works_on_the_next_request(fleet: Fleet) -> None:
    one, other = await fleet.start(), await fleet.start()
    for code in ("A00", "A01", "A02", "A03", "A04"):
        await one.consume(account("a"), code)
    assert (await one.consume(account("a"), "A00")).quota.remaining == 0
    assert (await one.consume(account("a"), "A05")).outcome == pb.OUTCOME_QUOTA_EXCEEDED
    await other.set_plan("account:a", pb.TIER_PRO)
    again = await one.consume(account("a"), "A00")
    assert (again.outcome, again.quota.tier) == (pb.OUTCOME_ALREADY_GRANTED, pb.TIER_PRO)
    assert (await one.consume(account("a"), "A05")).outcome == pb.OUTCOME_GRANTED


async def test_a_page_granted_at_another_meter_is_counted_in_the_next_answer(fleet: Fleet) -> None:
    one, other = await fleet.start(), await fleet.start()
    await one.consume(account("a"), "A00")
    assert (await one.consume(account("a"), "A00")).quota.remaining == 4
    await other.consume(account("a"), "A01")
    assert (await one.consume(account("a"), "A00")).quota.remaining == 3


async def test_a_guest_merged_at_another_meter_reads_no_remembered_page(fleet: Fleet) -> None:
    one, other = await fleet.start(), await fleet.start()
    await one.consume(guest("g"), "A00")
    assert (await one.consume(guest("g"), "A00")).outcome == pb.OUTCOME_ALREADY_GRANTED
    await other.merge("g", "a")
    assert (await one.consume(guest("g"), "A00")).outcome == pb.OUTCOME_GUEST_MERGED


async def test_terms_accepted_at_another_meter_are_known_to_the_next_answer(fleet: Fleet) -> None:
    one, other = await fleet.start(), await fleet.start()
    await one.consume(account("a"), "A00")
    assert not (await one.consume(account("a"), "A00")).quota.accepted_licences
    await other.accept(account("a"), "ama-cpt")
    assert list((await one.consume(account("a"), "A00")).quota.accepted_licences) == ["ama-cpt"]


async def test_a_remembered_grant_ends_with_its_window(fleet: Fleet) -> None:
    clock = SteppedClock(START)
    metering = await fleet.start(clock=clock)
    await metering.consume(account("a"), "A00")
    clock.step(timedelta(days=30, microseconds=-1))
    assert (await metering.consume(account("a"), "A00")).outcome == pb.OUTCOME_ALREADY_GRANTED
    clock.step(timedelta(microseconds=1))
    again = await metering.consume(account("a"), "A00")
    assert (again.outcome, again.quota.used) == (pb.OUTCOME_GRANTED, 1)


async def test_a_request_id_used_for_another_page_is_a_conflict_however_it_is_written(fleet: Fleet) -> None:
    metering = await fleet.start()
    await metering.consume(account("a"), "A00", request_id="first")
    await metering.consume(account("a"), "A01", request_id="second")
    with pytest.raises(Conflict, match="used before for another page"):
        await metering.consume(account("a"), "A02", request_id="first")
    assert (await metering.peek(account("a"))).quota.used == 2


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[PostgresStore]:
    """A store over a fresh database."""
    database = Database(database_url)
    await database.open()
    async with database.transaction() as conn:
        await put_first(conn, default_policy(), START)
    yield PostgresStore(database, clock=SteppedClock(START))
    await database.close()


@pytest.fixture
async def learned(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Meter]:
    """A meter that knows all pages of a reader; it cannot read rows any more."""
    meter = Meter(store)
    await meter.start()
    await meter.decide(PageView("account:a", PAGE, "r1"), 5)
    await meter.decide(PageView("account:a", PAGE, "r2"), 5)  # learns
    monkeypatch.setattr(store, "peek", None)  # reading rows would fail
    yield meter
    await meter.drain(1)


async def test_what_is_remembered_is_not_read_again(learned: Meter) -> None:
    again = await learned.decide(PageView("account:a", PAGE, "r3"), 5)
    assert again.outcome is Outcome.ALREADY_GRANTED


async def test_a_new_page_reads_no_rows_of_a_reader_whose_pages_are_all_known(learned: Meter) -> None:
    new = await learned.decide(PageView("account:a", OTHER, "r3"), 5)
    assert (new.outcome, new.quota.used) == (Outcome.GRANTED, 2)
    again = await learned.decide(PageView("account:a", OTHER, "r4"), 5)
    assert again.outcome is Outcome.ALREADY_GRANTED


async def test_a_reader_of_whose_pages_one_is_not_known_is_read_again(store: PostgresStore) -> None:
    for content, request in ((PAGE, "r1"), (OTHER, "r2")):
        await _grant(store, PageView("account:a", content, request))
    recollection = Recollection(store)
    await recollection.situations([PageView("account:a", PAGE)])  # learns of one of two
    (other,) = await recollection.situations([PageView("account:a", OTHER)])
    assert other.newest is not None


async def test_what_was_granted_before_the_window_is_read_again(store: PostgresStore) -> None:
    clock = SteppedClock(START)
    store._clock = clock
    for days, content, request in ((0, PAGE, "r1"), (31, OTHER, "r2")):
        clock.step(timedelta(days=days))
        await _grant(store, PageView("account:a", content, request))
    recollection = Recollection(store)
    await recollection.situations([PageView("account:a", OTHER)])  # learns of as many pages as the window counts
    (earlier,) = await recollection.situations([PageView("account:a", PAGE)])
    assert earlier.newest is not None


async def test_a_commit_writes_nobody_who_has_changed(store: PostgresStore) -> None:
    async with store.transaction() as tx:
        for name in ("account:a", "account:b"):
            await accounts.set_plan(tx, name, Tier.PRO, None, request_id="", actor="test", note="")
    views = [PageView("account:a", PAGE, "r1"), PageView("account:b", PAGE, "r2")]
    _, changes = decide_all(views, await store.peek(views))
    async with store.transaction() as tx:
        await accounts.set_plan(tx, "account:a", Tier.FREE, None, request_id="", actor="test", note="")
    assert list(await store.commit(changes)) == ["account:b"]
    kept = [situation.newest is not None for situation in await store.peek(views)]
    assert kept == [False, True]
    assert await store.commit(changes) == {}, "the same changes a second time"


async def test_the_memory_keeps_its_bound(store: PostgresStore) -> None:
    recollection = Recollection(store, most=3)
    for name in ("account:a", "account:b", "account:c"):
        for number, content in enumerate((PAGE, OTHER)):
            await _grant(store, PageView(name, content, f"r{number}"))
            await recollection.situations([PageView(name, content)])
    assert recollection._grants == sum(len(known.grants) for known in recollection._readers.values()) <= 3


async def _grant(store: PostgresStore, view: PageView) -> None:
    async with store.transaction() as tx:
        await tx.lock([view.principal])
        _, changes = decide_all([view], await tx.situations([view]))
        await tx.save(changes)
