"""What every answer is made of: references to codes, sentences with their sources, releases."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum


class TextOrigin(IntEnum):
    """Whose words a text is in."""

    OFFICIAL = 1
    OURS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A one-line name of a code for lists and headings."""

    text: str = ""
    """The text."""
    origin: TextOrigin | None = None
    """Whose words it is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRef:
    """A code, as named in lists and links."""

    system: str = ""
    """Code system, e.g. "icd10cm"."""
    code: str = ""
    """The code without its dot."""
    display_code: str = ""
    """The code as it is written, e.g. "E11.9"."""
    heading: Heading | None = None
    """Its one-line name; absent when the code has no page here."""
    reportable: bool = False
    """Whether the code itself may be reported (a header or category may not)."""
    has_children: bool = False
    """Whether codes lie below it."""
    has_page: bool = False
    """Whether the code has a page here."""


class Validity(IntEnum):
    """Whether a code is valid on a day."""

    VALID = 1
    NOT_VALID = 2
    UNKNOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeStatus:
    """Whether a code is valid on a day, and what is known of its days."""

    validity: Validity | None = None
    """Whether it is valid."""
    asked: date | None = None
    """The day that was asked for; absent when none was, and the newest release answers."""
    sentence: str = ""
    """The same in a sentence."""
    first_day: date | None = None
    """Its first day, where a release before it is loaded and does not hold it."""
    last_day: date | None = None
    """Its last day, where a later release is loaded and does not hold it."""
    successors: tuple[CodeRef, ...] = ()
    """Codes that took its place; only where it is not valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a fact, rule or text comes from."""

    title: str = ""
    """The document or table, e.g. "Medicare Claims Processing Manual"."""
    locator: str = ""
    """The place in it, e.g. "ch. 12, section 30.5"; may be empty."""
    edition: str = ""
    """Its edition, e.g. "2024-07"; may be empty."""
    publisher: str = ""
    """Who publishes it, e.g. "CMS"."""
    url: str = ""
    """Where it can be read; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A sentence or short paragraph with its source."""

    text: str = ""
    """The text."""
    citations: tuple[Citation, ...] = ()
    """Where the rule comes from; empty for plain explanation in our words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRelease:
    """A table or text edition that a page draws on."""

    release_id: str = ""
    """The release's id."""
    kind: str = ""
    """What was imported, e.g. "icd10cm-tabular"."""
    title: str = ""
    """A name for readers, e.g. "ICD-10-CM Tabular List"."""
    edition: str = ""
    """Its edition, e.g. "April 2026"."""
    effective_from: date | None = None
    """First day it applies to; absent when the source does not say."""
    effective_to: date | None = None
    """Last day it applies to; absent when open or unknown."""
    current: bool = False
    """Whether it is current on the day of the answer."""
    in_force: bool = False
    """Whether readers who name no day get this release (the last of its kind and setting that answers)."""
    imported_at: datetime | None = None
    """When it was imported."""
    imported_by: str = ""
    """Who imported it."""
    checksum: str = ""
    """SHA-256 of the imported file, hexadecimal."""
    publisher: str = ""
    """Who publishes it."""
    entries: int = 0
    """Codes or rows in it."""
    setting: str = ""
    """The setting it is for, e.g. "practitioner"; empty where its kind has none."""
    answering: bool = False
    """Whether it answers for its days of service; several of a kind may, beside each other."""
