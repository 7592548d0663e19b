"""The reading policy: data with versions that says how much each tier may read and what its pages show.

The rules of well-formedness stand here; `default_policy.yaml` holds the first version, and documents in the same form
are put in force by operators.
"""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from services.metering.content import SYSTEMS
from services.metering.window import CALENDAR_MONTH
from shared.errors import InvalidInput

SECTIONS = (
    "official", "common", "guidelines", "documentation", "billing", "edits", "fees", "crosswalks", "coverage",
)  # fmt: skip
"""Section ids in the page's order."""

SHORTEST_WINDOW = 60
LONGEST_WINDOW = 400 * 86_400
MOST_PAGES = 1_000_000_000

_DEFAULT = Path(__file__).with_name("default_policy.yaml")


class Tier(StrEnum):
    """What a principal pays to read."""

    __hash__ = str.__hash__  # as fast as text, for the keys of hot paths

    GUEST = "guest"
    FREE = "free"
    PRO = "pro"
    PARTNER = "partner"


class Visibility(StrEnum):
    """How much of a section a view shows."""

    FULL = "full"
    FIRST_SENTENCE = "first-sentence"
    LOCKED = "locked"


class LockReason(StrEnum):
    """Why a section is locked, and so how a reader goes on."""

    REGISTER = "register"
    WAIT_OR_UPGRADE = "wait-or-upgrade"
    SIGN_IN = "sign-in"
    ACCEPT_LICENCE = "accept-licence"


class Audience(StrEnum):
    """Who may see the official text of a code set."""

    PUBLIC = "public"
    LICENSED_READERS = "licensed-readers"
    NONE = "none"


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SectionRule(_Rule):
    """How much of one section is shown, and why it is locked when it is."""

    show: Visibility
    lock: LockReason | None = None

    @model_validator(mode="after")
    def _reason_with_lock(self) -> "SectionRule":
        if self.show is Visibility.LOCKED and self.lock is None:
            raise ValueError("a locked section needs `lock`, the reason that says how a reader goes on")
        if self.show is not Visibility.LOCKED and self.lock is not None:
            raise ValueError("only a locked section has `lock`")
        return self


class TierRule(_Rule):
    """What one tier may read."""

    pages: Annotated[int, Field(ge=0, le=MOST_PAGES)] | None = None
    """Pages in a window; None is unlimited. For partners the default monthly quota."""
    window_seconds: int
    """Length of the window; CALENDAR_MONTH for a calendar month."""
    carried_pages: Annotated[int, Field(ge=0, le=1_000)] = 0
    """Most pages that an account takes over from a guest in one window."""
    granted: dict[str, SectionRule]
    without_views: dict[str, SectionRule]

    @property
    def monthly(self) -> bool:
        """Whether the window is a calendar month."""
        return self.window_seconds == CALENDAR_MONTH

    @model_validator(mode="after")
    def _whole(self) -> "TierRule":
        if self.window_seconds != CALENDAR_MONTH and not SHORTEST_WINDOW <= self.window_seconds <= LONGEST_WINDOW:
            raise ValueError(
                f"window_seconds is {self.window_seconds}; 0 for a calendar month, or {SHORTEST_WINDOW} to"
                f" {LONGEST_WINDOW} are possible"
            )
        for name, view in (("granted", self.granted), ("without_views", self.without_views)):
            missing = [section for section in SECTIONS if section not in view]
            unknown = [section for section in view if section not in SECTIONS]
            if missing or unknown:
                raise ValueError(f"{name} must name each section once:{_listed(missing, unknown)}")
        return self


class OfficialTextRule(_Rule):
    """Where the official text of one code set may appear."""

    audience: Audience
    licence: Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9-]*$")] = ""
    """The licence whose terms must be accepted, e.g. "ama-cpt"."""

    @model_validator(mode="after")
    def _licence_with_audience(self) -> "OfficialTextRule":
        if (self.audience is Audience.LICENSED_READERS) != bool(self.licence):
            raise ValueError("a licence is named if, and only if, the audience is licensed-readers")
        return self


class Policy(_Rule):
    """One version of the policy, without its number."""

    tiers: dict[Tier, TierRule]
    official_texts: dict[str, OfficialTextRule] = Field(default_factory=dict)
    """By code system; systems not named are public."""
    network_guests_per_day: Annotated[int, Field(ge=0, le=MOST_PAGES)]
    """New guests of one network that may take their first grant in a UTC day."""
    note: Annotated[str, Field(max_length=1_000)] = ""

    @model_validator(mode="after")
    def _whole(self) -> "Policy":
        missing = [tier.value for tier in Tier if tier not in self.tiers]
        if missing:
            raise ValueError(f"tiers must name each tier once:{_listed(missing, [])}")
        if self.tiers[Tier.GUEST].carried_pages:
            raise ValueError("carried_pages of the guest tier must be 0: guests take over nothing")
        unknown = [system for system in self.official_texts if system not in SYSTEMS]
        if unknown:
            raise ValueError(f"official_texts names {', '.join(unknown)}; the systems are {', '.join(SYSTEMS)}")
        return self

    def document(self) -> dict[str, Any]:
        """Give the policy as a document, in the form that `policy_of` reads."""
        return self.model_dump(mode="json", exclude_none=True)


def policy_of(document: object) -> Policy:
    """Read a document; InvalidInput names every place that is wrong and what would be right."""
    try:
        return Policy.model_validate(document)
    except ValidationError as error:
        problems = "; ".join(_sentence(problem) for problem in error.errors()[:20])
        raise InvalidInput("POLICY_INVALID", f"The policy is not well-formed: {problems}.") from None


@cache
def default_policy() -> Policy:
    """Give the policy that a new database begins with, as version 1."""
    return policy_of(yaml.safe_load(_DEFAULT.read_text(encoding="utf-8")))


def _listed(missing: list[str], unknown: list[str]) -> str:
    parts = [f" missing {', '.join(missing)}"] if missing else []
    parts += [f" unknown {', '.join(unknown)}"] if unknown else []
    return ";".join(parts)


def _sentence(problem: ErrorDetails) -> str:
    place = ".".join(str(step) for step in problem["loc"]) or "policy"
    return f"{place}: {problem['msg'].removeprefix('Value error, ')}"
