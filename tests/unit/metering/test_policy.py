"""The reading policy: what the default says, and what no policy may say."""

import copy
from typing import Any

import pytest

from services.metering.messages import policy_from, policy_message
from services.metering.policy import SECTIONS, Audience, LockReason, Tier, Visibility, default_policy, policy_of
from services.metering.store import PolicyVersion
from shared.errors import InvalidInput
from tests.unit.metering.example import NOW

FURTHER = [section for section in SECTIONS if section not in ("official", "common")]


def test_a_guest_reads_one_page_and_sees_two_sections_of_it_whole() -> None:
    guest = default_policy().tiers[Tier.GUEST]
    assert (guest.pages, guest.window_seconds) == (1, 30 * 86_400)
    assert {guest.granted[section].show for section in ("official", "common")} == {Visibility.FULL}
    assert {(guest.granted[section].show, guest.granted[section].lock) for section in FURTHER} == {
        (Visibility.LOCKED, LockReason.REGISTER)
    }


def test_a_free_account_reads_five_pages_and_carries_one() -> None:
    free = default_policy().tiers[Tier.FREE]
    assert (free.pages, free.carried_pages, free.window_seconds) == (5, 1, 30 * 86_400)


def test_pro_is_unlimited_and_a_partner_counts_by_calendar_month() -> None:
    assert default_policy().tiers[Tier.PRO].pages is None
    assert default_policy().tiers[Tier.PARTNER].monthly


@pytest.mark.parametrize("tier", [Tier.FREE, Tier.PRO, Tier.PARTNER])
def test_a_granted_page_of_an_account_shows_everything(tier: Tier) -> None:
    assert {rule.show for rule in default_policy().tiers[tier].granted.values()} == {Visibility.FULL}


@pytest.mark.parametrize("tier", list(Tier))
def test_without_views_the_code_can_still_be_recognised(tier: Tier) -> None:
    view = default_policy().tiers[tier].without_views
    assert view["official"].show is Visibility.FULL
    assert view["common"].show is Visibility.FIRST_SENTENCE
    reason = LockReason.REGISTER if tier is Tier.GUEST else LockReason.WAIT_OR_UPGRADE
    assert {(view[section].show, view[section].lock) for section in FURTHER} == {(Visibility.LOCKED, reason)}


def test_cpt_and_cdt_text_is_for_licensed_readers_and_the_rest_is_public() -> None:
    texts = default_policy().official_texts
    assert {system: rule.audience for system, rule in texts.items()} == {
        "cpt": Audience.LICENSED_READERS,
        "cdt": Audience.LICENSED_READERS,
    }
    assert texts["cpt"].licence == "ama-cpt"


def test_two_hundred_new_guests_of_a_network_a_day() -> None:
    assert default_policy().network_guests_per_day == 200


def test_a_policy_survives_being_written_down_and_being_sent() -> None:
    policy = default_policy()
    assert policy_of(policy.document()) == policy
    assert policy_from(policy_message(PolicyVersion(1, NOW, policy, policy.note))) == policy


WRONG: list[tuple[str, list[str], Any]] = [
    ("tiers.free.pages", ["tiers", "free", "pages"], -1),
    ("tiers.free.*window_seconds is 5", ["tiers", "free", "window_seconds"], 5),
    ("guests take over nothing", ["tiers", "guest", "carried_pages"], 1),
    ("needs `lock`", ["tiers", "pro", "granted", "fees"], {"show": "locked"}),
    ("only a locked section", ["tiers", "pro", "granted", "fees"], {"show": "full", "lock": "register"}),
    ("unknown prices", ["tiers", "pro", "granted", "prices"], {"show": "full"}),
    ("missing fees", ["tiers", "pro", "granted", "fees"], None),
    ("missing pro", ["tiers", "pro"], None),
    ("network_guests_per_day", ["network_guests_per_day"], None),
    ("official_texts names snomed", ["official_texts", "snomed"], {"audience": "none"}),
    ("a licence is named if", ["official_texts", "cpt"], {"audience": "licensed-readers"}),
    ("a licence is named if", ["official_texts", "cpt"], {"audience": "public", "licence": "ama-cpt"}),
    ("color", ["color"], "blue"),
]


@pytest.mark.parametrize(("sentence", "place", "value"), WRONG)
def test_what_no_policy_may_say_is_refused_by_place(sentence: str, place: list[str], value: Any) -> None:
    document = copy.deepcopy(default_policy().document())
    inner = document
    for step in place[:-1]:
        inner = inner[step]
    if value is None:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    with pytest.raises(InvalidInput, match=sentence):
        policy_of(document)


def test_something_that_is_no_policy_at_all_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not well-formed"):
        policy_of(["a list"])
