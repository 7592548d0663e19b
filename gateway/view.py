"""What a reader sees of one code page, decided by metering's policy and drawn by the site and the API.

Plain values only: they are hashable, so that drawn pages can be kept by them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SECTIONS = (
    "official",
    "common",
    "guidelines",
    "documentation",
    "billing",
    "edits",
    "fees",
    "crosswalks",
    "coverage",
)
"""Section ids in the page's order."""

SECTION_TITLES = {
    "official": "Official description",
    "common": "Common language description",
    "guidelines": "Guidelines and when to report",
    "documentation": "Documentation requirements",
    "billing": "Billing, units and modifiers",
    "edits": "NCCI edits and MUE",
    "fees": "Fees and RVUs",
    "crosswalks": "Crosswalks and related codes",
    "coverage": "Medicare coverage and history",
}


class Tier(StrEnum):
    """What a reader pays to read."""

    __hash__ = str.__hash__  # as fast as text, for the keys of hot paths

    GUEST = "guest"
    FREE = "free"
    PRO = "pro"
    PARTNER = "partner"


PLAN_NAMES = {Tier.GUEST: "Guest", Tier.FREE: "Free account", Tier.PRO: "Pro", Tier.PARTNER: "Partner"}


class Visibility(StrEnum):
    """How much of a section is shown."""

    FULL = "full"
    FIRST_SENTENCE = "first-sentence"
    LOCKED = "locked"


class LockReason(StrEnum):
    """Why a section is locked, and so how the reader goes on."""

    REGISTER = "register"
    WAIT_OR_UPGRADE = "wait-or-upgrade"
    SIGN_IN = "sign-in"
    ACCEPT_LICENCE = "accept-licence"
    METERING_AWAY = "metering-away"
    NOT_SHOWN = "not-shown"
    NOT_COUNTABLE = "not-countable"


class OfficialText(StrEnum):
    """Whether the official text of the page's code set may appear for this reader."""

    __hash__ = str.__hash__  # as fast as text, for the keys of hot paths

    SHOWN = "shown"
    SIGN_IN = "sign-in"
    ACCEPT_LICENCE = "accept-licence"
    NEVER = "never"
    NOT_COUNTABLE = "not-countable"
    """Its display cannot be recorded at the moment, as its licence demands."""


OFFICIAL_LOCKS = {
    OfficialText.SIGN_IN: LockReason.SIGN_IN,
    OfficialText.ACCEPT_LICENCE: LockReason.ACCEPT_LICENCE,
    OfficialText.NEVER: LockReason.NOT_SHOWN,
    OfficialText.NOT_COUNTABLE: LockReason.NOT_COUNTABLE,
}
"""Why official text that a code has is withheld."""


@dataclass(frozen=True, slots=True)
class SectionView:
    """One section in one view."""

    section: str
    visibility: Visibility
    lock: LockReason | None = None


@dataclass(frozen=True, slots=True)
class PageView:
    """Which sections of a page are shown to a reader. Equal views draw equal pages."""

    tier: Tier
    granted: bool
    sections: tuple[SectionView, ...]
    official_text: OfficialText
    policy_version: int
    without_views_until: datetime | None = None
    """When new views come, for the sentence on locked sections; None when unknown or not applicable."""

    def __hash__(self) -> int:
        """Hash what tells views apart in practice: the sections follow from it, and there are many of them."""
        return hash((self.tier, self.granted, self.official_text, self.policy_version, self.without_views_until))

    def section(self, section: str) -> SectionView:
        """The view of one section; KeyError when the policy does not name it."""
        for view in self.sections:
            if view.section == section:
                return view
        raise KeyError(section)

    def visibility(self, section: str) -> Visibility:
        """How much of a section is shown; nothing of one that the policy does not name."""
        return next((view.visibility for view in self.sections if view.section == section), Visibility.LOCKED)


@dataclass(frozen=True, slots=True)
class Banner:
    """The reader's standing, as the banner above a code page tells it."""

    tier: Tier
    granted: bool
    limit: int | None
    """Pages in the window; None when unlimited or unknown."""
    remaining: int | None
    """Pages left; None when unlimited or unknown."""
    window_end: datetime | None
    register_pages: int
    """Pages that a free account adds, for guests."""
    network_capped: bool = False
    metering_away: bool = False
