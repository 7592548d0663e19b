"""What is kept of one reader, as it may ask for it: entries of the ledger, counters, acceptances of licences."""

from dataclasses import dataclass
from datetime import datetime

from services.metering.content import Content
from services.metering.ledger import EntryKind
from services.metering.policy import Tier


@dataclass(frozen=True, slots=True)
class PastEntry:
    """One entry of the ledger as it was written."""

    id: int
    kind: EntryKind
    at: datetime
    pages: int
    content: Content | None
    tier: Tier
    tier_before: Tier | None
    limit: int | None
    used: int
    note: str


@dataclass(frozen=True, slots=True)
class WindowCounter:
    """A counter of one window."""

    window_no: int
    name: str
    value: int


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An acceptance of licence terms."""

    licence: str
    terms_edition: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A part of a history; counters and acceptances stand on its first page alone."""

    entries: tuple[PastEntry, ...]
    next: int | None
    """The id of the last entry, when there are more."""
    counters: tuple[WindowCounter, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
