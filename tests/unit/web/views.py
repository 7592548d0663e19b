"""Views and banners for the tests of the site: the default policy's, and every other combination."""

from datetime import UTC, datetime

from gateway.view import (
    SECTIONS,
    Banner,
    LockReason,
    OfficialText,
    PageView,
    SectionView,
    Tier,
    Visibility,
)

UNTIL = datetime(2026, 12, 24, 12, tzinfo=UTC)


def whole(tier: Tier = Tier.FREE, official: OfficialText = OfficialText.SHOWN) -> PageView:
    """Everything shown."""
    sections = tuple(SectionView(section, Visibility.FULL) for section in SECTIONS)
    return PageView(tier, True, sections, official, 1)


def guest_granted(official: OfficialText = OfficialText.SIGN_IN) -> PageView:
    """Official and common-language text whole, seven locks."""
    sections = tuple(
        SectionView(section, Visibility.FULL)
        if section in {"official", "common"}
        else SectionView(section, Visibility.LOCKED, LockReason.REGISTER)
        for section in SECTIONS
    )
    return PageView(Tier.GUEST, True, sections, official, 1)


def without_views(
    lock: LockReason = LockReason.REGISTER,
    tier: Tier = Tier.GUEST,
    official: OfficialText = OfficialText.SIGN_IN,
    until: datetime | None = UNTIL,
) -> PageView:
    """The official text and one sentence, the rest locked."""
    visible = {"official": Visibility.FULL, "common": Visibility.FIRST_SENTENCE}
    sections = tuple(
        SectionView(
            section,
            visible.get(section, Visibility.LOCKED),
            None if section == "official" else lock,
        )
        for section in SECTIONS
    )
    return PageView(tier, False, sections, official, 1, until)


GUEST_AT_ZERO = Banner(Tier.GUEST, True, 1, 0, UNTIL, 5)
FREE_WITH_THREE = Banner(Tier.FREE, True, 6, 3, UNTIL, 0)
FREE_AT_ZERO = Banner(Tier.FREE, False, 6, 0, UNTIL, 0)
