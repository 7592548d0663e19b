"""While no policy is known a page shows what needs none, and grants nothing."""

import pytest

from gateway.meter.policy import unheard_view
from gateway.view import SECTIONS, LockReason, OfficialText, Tier, Visibility


@pytest.mark.parametrize("tier", list(Tier))
def test_without_a_policy_only_the_teaser_is_open(tier: Tier) -> None:
    view = unheard_view("icd10cm", tier)
    assert not view.granted
    assert [section.section for section in view.sections] == list(SECTIONS)
    closed = [section for section in view.sections if section.section not in ("official", "common")]
    assert {(section.visibility, section.lock) for section in closed} == {(Visibility.LOCKED, LockReason.METERING_AWAY)}
    assert view.section("common").visibility is Visibility.FIRST_SENTENCE


@pytest.mark.parametrize(
    ("system", "official"),
    [
        ("icd10cm", OfficialText.SHOWN),
        ("hcpcs", OfficialText.SHOWN),
        ("cpt", OfficialText.SIGN_IN),
        ("cdt", OfficialText.SIGN_IN),
    ],
)
def test_without_a_policy_licensed_text_stays_closed(system: str, official: OfficialText) -> None:
    assert unheard_view(system, Tier.PRO).official_text is official
