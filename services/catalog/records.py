"""What the catalog's database knows of a code, as plain values that pages are composed of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from services.catalog.editions import Editions
from services.catalog.validity import Presence

Key = tuple[str, str]
"""System and undotted code."""


class Holding(NamedTuple):
    """A release that holds codes of a system; where several do, the earlier in a list goes before."""

    system: str
    release_id: str


@dataclass(frozen=True, slots=True)
class CodeRecord:
    """A code, or a chapter, block or family, in the release that is in force."""

    system: str
    code: str
    display: str
    kind: str
    heading: str
    official: bool
    reportable: bool
    has_page: bool
    children: int
    reportable_below: int
    ordinal: int
    ancestors: tuple[str, ...]
    body: Mapping[str, Any]

    @property
    def key(self) -> Key:
        """System and code."""
        return self.system, self.code


class ExportedCode(NamedTuple):
    """A code with a page, as an export of all of them names it."""

    system: str
    code: str
    display: str
    heading: str
    official: bool
    reportable: bool
    has_children: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Table:
    """A published table that a compiled release was drawn from."""

    name: str
    kind: str
    setting: str
    title: str
    publisher: str
    url: str
    edition: str
    effective_from: date | None
    effective_to: date | None
    checksum: str


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release as answers name it."""

    id: str
    kind: str
    title: str
    publisher: str
    edition: str
    effective_from: date | None
    effective_to: date | None
    systems: tuple[str, ...]
    checksum: str
    entries: int
    imported_by: str
    imported_at: datetime
    in_force: bool
    """Whether it answers where no day is named."""
    tables: tuple[Table, ...] = ()
    setting: str = ""
    """The setting it is for; empty where its kind has none."""
    answering: bool = True
    """Whether it answers for its days."""
    number: int = 0
    """Its place in the order of imports."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A code with what stands around it in its system."""

    record: CodeRecord
    ancestors: tuple[CodeRecord, ...]
    children: tuple[CodeRecord, ...]
    siblings: tuple[CodeRecord, ...]
    reportable: tuple[CodeRecord, ...]
    """The first reportable codes below it."""
    previous: CodeRecord | None
    next: CodeRecord | None


@dataclass(frozen=True, slots=True)
class OfficialText:
    """Official descriptors that are loaded."""

    release_id: str
    long_text: str
    medium_text: str
    short_text: str


@dataclass(frozen=True, slots=True)
class AddOn:
    """An add-on relation; no primary where the contractor defines it."""

    add_on: str
    primary: str | None
    type: int


@dataclass(frozen=True, slots=True)
class Ptp:
    """A procedure-to-procedure edit."""

    setting: str
    column_1: str
    column_2: str
    modifier_indicator: str
    rationale: str
    effective_from: date | None = None
    """None where the file does not say."""
    deleted_on: date | None = None
    """The last day that it applies to."""


@dataclass(frozen=True, slots=True)
class PtpTotal:
    """How many edits a code has in one column of a setting's table."""

    setting: str
    column: int
    total: int


@dataclass(frozen=True, slots=True)
class Mue:
    """A Medically Unlikely Edit value."""

    setting: str
    units: int
    mai: int
    rationale: str


@dataclass(frozen=True, slots=True)
class CoverageMention:
    """A coverage document that lists a code."""

    document_type: str
    display_id: str
    title: str
    contractors: tuple[str, ...]
    effective_from: date | None
    url: str
    roles: tuple[str, ...]
    """As what it lists the code: procedure, modifier, supports, does-not-support, excluded."""


@dataclass(frozen=True, slots=True)
class Hcc:
    """A risk-adjustment category of a diagnosis."""

    model: str
    category: str
    label: str
    payment_year: int


@dataclass(frozen=True, slots=True)
class GuidelineMention:
    """A section of the Guidelines that names a code, something above it, or a range that holds it."""

    number: str
    title: str
    excerpt: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class IndexLead:
    """An entry of an index of ICD-10-CM with the code that it leads to."""

    index_name: str
    ordinal: int
    """The term's place in its index."""
    path: Sequence[str]
    """Terms from the main term down."""
    nonessential: Sequence[str]
    """The nonessential modifiers of each term; empty where it has none."""
    column_title: str
    code: str
    more: bool
    """Whether further characters must follow."""


@dataclass(frozen=True, slots=True)
class TabularMention:
    """A note of the Tabular List that names a code, something above it, or a range that holds it."""

    code: str
    """Where the note stands."""
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Gem:
    """A general equivalence mapping; `target` is empty where nothing maps."""

    system: str
    code: str
    target_system: str
    target: str
    approximate: bool
    no_map: bool
    combination: bool
    scenario: int
    choice_list: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """A row of the ICD-10-CM conversion table: a code, its first day, and what stood for it before, as published."""

    code: str
    effective: date
    previous: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What releases beside the code set say of one code."""

    our_text: Mapping[str, Any] | None = None
    code_facts: Mapping[str, Any] | None = None
    official: OfficialText | None = None
    add_on: tuple[AddOn, ...] = ()
    """The first `MOST_ADD_ON`."""
    add_on_total: int = 0
    ptp: tuple[Ptp, ...] = ()
    """Of a table that is loaded whole the first of each column."""
    ptp_totals: tuple[PtpTotal, ...] = ()
    """Of the tables that are loaded whole."""
    mue: tuple[Mue, ...] = ()
    fees: tuple[Mapping[str, Any], ...] = ()
    """Rows of the fee schedule, by columns of `payment_rows.PfsRvuRow`."""
    coverage: tuple[CoverageMention, ...] = ()
    """The first `MOST_COVERAGE`."""
    coverage_total: int = 0
    hcc: tuple[Hcc, ...] = ()
    guidelines: tuple[GuidelineMention, ...] = ()
    excluded_at: tuple[TabularMention, ...] = ()
    """The most specific first, up to `MOST_EXCLUDED_AT`."""
    excluded_at_total: int = 0
    index_leads: tuple[IndexLead, ...] = ()
    """The first of those that lead to the code."""
    index_leads_total: int = 0
    gems: tuple[Gem, ...] = ()
    """From the code, and from others to it."""
    conversions: tuple[Conversion, ...] = ()
    """That bring the code, and that name it as the previous one."""
    poa_exempt: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Everything a page is composed of, but the codes that its texts name."""

    place: Neighbourhood
    facts: Facts
    source: ReleaseRecord
    """The release that the code was found in."""
    releases: Mapping[str, ReleaseRecord] = field(default_factory=dict)
    """The releases that answer, by slot: the kind, or "kind/setting"."""
    editions: tuple[Presence, ...] = ()
    """What the editions of the code set say of the code, oldest first."""
    asked: date | None = None
    """The date of service; None where none was named."""
    unreached: Mapping[str, ReleaseRecord] = field(default_factory=dict)
    """By slot the oldest release of those that do not reach back to the date of service."""


class Library(Protocol):
    """Where codes are read from."""

    async def releases_in_force(self) -> Mapping[str, ReleaseRecord]:
        """Give the releases in force, by slot: the kind, or "kind/setting" (`editions.slot_key`)."""
        ...

    async def editions(self) -> Editions[ReleaseRecord]:
        """Give every release that answers, to ask which one answers on a day."""
        ...

    async def neighbourhood(self, release_id: str, system: str, code: str) -> Neighbourhood | None:
        """Give a code with what stands around it; None when the release does not hold it."""
        ...

    async def presences(self, editions: Sequence[ReleaseRecord], system: str, code: str) -> list[Presence]:
        """Give what each of some editions of a code set says of a code, in their order."""
        ...

    async def facts(self, releases: Mapping[str, ReleaseRecord], system: str, code: str, day: date) -> Facts:
        """Give what the releases say of a code on a day."""
        ...

    async def records(self, held: Sequence[Holding], keys: list[Key]) -> dict[Key, CodeRecord]:
        """Give those of the codes that exist."""
        ...

    async def same_in_any_system(self, held: Sequence[Holding], codes: list[str]) -> list[CodeRecord]:
        """Give every code that bears one of the names, in whatever system."""
        ...
