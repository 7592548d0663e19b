"""How one page view is decided, moment by moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.metering.decision import Outcome
from services.metering.news import LimitReached, PageViewed
from services.metering.policy import Policy, Tier, default_policy
from shared.errors import Conflict, InvalidInput
from tests.unit.metering.example import DAYS, MICROSECOND, NOW, Desk, page


def changed(**tiers: dict[str, object]) -> Policy:
    """The default policy with other values for some tiers."""
    policy = default_policy()
    rules = {tier: policy.tiers[tier].model_copy(update=tiers.get(tier.value, {})) for tier in Tier}
    return policy.model_copy(update={"tiers": rules})


def test_a_window_opens_with_the_first_grant_and_ends_before_its_end() -> None:
    desk = Desk("guest:g")
    first = desk.ask(page(1), NOW)
    end = NOW + 30 * DAYS
    assert first.quota.window == (NOW, end)
    assert desk.ask(page(1), end - MICROSECOND).outcome is Outcome.ALREADY_GRANTED
    assert desk.ask(page(2), end - MICROSECOND).outcome is Outcome.QUOTA_EXCEEDED
    again = desk.ask(page(1), end)
    assert again.outcome is Outcome.GRANTED
    assert again.quota.window == (end, end + 30 * DAYS)


def test_every_grant_of_a_window_ends_with_it() -> None:
    desk = Desk("account:a")
    desk.ask(page(1), NOW)
    late = desk.ask(page(2), NOW + 29 * DAYS)
    assert late.grant is not None
    assert late.grant.until == NOW + 30 * DAYS


def test_before_the_first_grant_there_is_no_window() -> None:
    desk = Desk("guest:g", policy=changed(guest={"pages": 0}))
    refused = desk.ask(page(1), NOW)
    assert refused.outcome is Outcome.QUOTA_EXCEEDED
    assert refused.quota.window is None


def test_a_month_of_a_partner_ends_at_midnight_utc_of_the_first() -> None:
    desk = Desk("partner:p", policy=changed(partner={"pages": 1}))
    end = datetime(2024, 3, 1, tzinfo=UTC)
    assert desk.ask(page(1), datetime(2024, 2, 29, 23, 0, tzinfo=UTC)).outcome is Outcome.GRANTED
    assert desk.ask(page(2), end - MICROSECOND).outcome is Outcome.QUOTA_EXCEEDED
    assert desk.ask(page(1), end - MICROSECOND).outcome is Outcome.ALREADY_GRANTED
    assert desk.ask(page(1), end).outcome is Outcome.GRANTED, "one unit a month for each code"
    assert desk.ask(page(2), end).outcome is Outcome.QUOTA_EXCEEDED


def test_a_clock_that_steps_back_reopens_nothing() -> None:
    desk = Desk("guest:g")
    desk.ask(page(1), NOW)
    end = NOW + 30 * DAYS
    desk.ask(page(2), end)
    back = desk.ask(page(3), NOW + 3 * DAYS)
    assert back.outcome is Outcome.QUOTA_EXCEEDED
    assert back.quota.window == (end, end + 30 * DAYS)
    assert desk.ask(page(1), NOW + 3 * DAYS).outcome is Outcome.QUOTA_EXCEEDED
    assert desk.ask(page(2), NOW - 3 * DAYS).outcome is Outcome.ALREADY_GRANTED


def test_a_repeat_gets_the_first_answer_even_after_the_window() -> None:
    desk = Desk("account:a")
    first = desk.ask(page(1), NOW, request_id="r")
    desk.ask(page(2), NOW)
    for later in (NOW, NOW + 10 * DAYS, NOW + 40 * DAYS):
        again = desk.ask(page(1), later, request_id="r")
        assert (again.outcome, again.quota, again.grant) == (first.outcome, first.quota, first.grant)
    assert desk.reader.used == 2


def test_a_request_id_belongs_to_one_page() -> None:
    desk = Desk("account:a")
    desk.ask(page(1), NOW, request_id="r")
    with pytest.raises(Conflict, match="another page"):
        desk.ask(page(2), NOW, request_id="r")


def test_the_limit_is_announced_once_in_a_window() -> None:
    desk = Desk("guest:g")
    for number in range(4):
        desk.ask(page(number), NOW)
    desk.ask(page(1), NOW + 30 * DAYS)
    desk.ask(page(2), NOW + 30 * DAYS)
    news = [one for changes in desk.written for one in changes.news]
    reached = [one for one in news if isinstance(one, LimitReached)]
    assert [one.window_end for one in reached] == [NOW + 30 * DAYS, NOW + 60 * DAYS]
    assert [one.remaining for one in news if isinstance(one, PageViewed)] == [0, 0]


def test_a_refusal_that_was_announced_writes_nothing_more() -> None:
    desk = Desk("guest:g")
    desk.ask(page(0), NOW)
    desk.ask(page(1), NOW)
    assert not desk.ask(page(2), NOW).changes


def test_a_network_over_its_cap_gives_no_new_guest_a_page_but_known_guests_read_on() -> None:
    known, new = Desk("guest:known"), Desk("guest:new")
    known.ask(page(1), NOW)
    known.network_guests = new.network_guests = 200
    assert new.ask(page(1), NOW).outcome is Outcome.NETWORK_CAP
    assert known.ask(page(2), NOW + 31 * DAYS).outcome is Outcome.GRANTED
    new.network_guests = 199
    assert new.ask(page(1), NOW).new_guest


def test_a_tombstone_reads_nothing_not_even_what_it_read() -> None:
    desk = Desk("guest:g")
    desk.ask(page(1), NOW)
    desk.reader = replace(desk.reader, merged_into="account:a")
    assert desk.ask(page(1), NOW).outcome is Outcome.GUEST_MERGED


def test_a_policy_that_changes_inside_a_window_counts_from_the_next_decision() -> None:
    desk = Desk("account:a")
    for number in range(5):
        desk.ask(page(number), NOW)
    desk.policy = changed(free={"pages": 6})
    assert desk.ask(page(5), NOW).outcome is Outcome.GRANTED
    desk.policy = changed(free={"pages": 2})
    refused = desk.ask(page(6), NOW)
    assert (refused.outcome, refused.quota.remaining) == (Outcome.QUOTA_EXCEEDED, 0)
    assert desk.ask(page(0), NOW).outcome is Outcome.ALREADY_GRANTED


def test_a_window_that_runs_keeps_its_end_when_the_policy_changes_its_length() -> None:
    desk = Desk("account:a")
    desk.ask(page(1), NOW)
    desk.policy = changed(free={"window_seconds": 3600})
    assert desk.ask(page(2), NOW + DAYS).quota.window == (NOW, NOW + 30 * DAYS)
    later = desk.ask(page(3), NOW + 30 * DAYS)
    assert later.quota.window == (NOW + 30 * DAYS, NOW + 30 * DAYS + timedelta(hours=1))


@pytest.mark.parametrize("principal", ["service:gateway", "a", "guest:", "account:" + "x" * 300, "guest:a\nb"])
def test_who_reads_no_pages_is_told_so(principal: str) -> None:
    with pytest.raises(InvalidInput, match="principal"):
        Desk(principal)
