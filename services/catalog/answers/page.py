"""The page of a code: its sections, and what stands around them."""

import datetime as dt
from dataclasses import dataclass

from services.catalog.answers.basics import CodeRef, CodeStatus, DataRelease, Heading, Statement
from services.catalog.answers.diagnosis import (
    ExcludedAt,
    GuidelineMention,
    HccCategory,
    IndexLead,
    SeventhCharacters,
    TabularNotes,
)
from services.catalog.answers.procedure import (
    AddOnRelation,
    BillingUnit,
    FeeRow,
    ModifierUse,
    MueValue,
    PtpEdit,
    PtpTotal,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialSection:
    """Section "official"."""

    text: str = ""
    """The long official description; empty when none is loaded or shown."""
    short_text: str = ""
    """The short official description; may be empty."""
    copyright: str = ""
    """The line of copyright that must stand with it; empty for public domain."""
    absence: str = ""
    """When text is empty: the sentence that says why and how to see it."""
    licence: str = ""
    """Licence whose terms must be accepted to see the text; empty for public domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonSection:
    """Section "common"."""

    paragraphs: tuple[str, ...] = ()
    """Plain-language paragraphs; the first sentence of the first stands on teasers."""
    label: str = ""
    """The label to print with it, e.g. "Our summary, not the CPT descriptor"."""
    absence: str = ""
    """When there are no paragraphs: the sentence that says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelinesSection:
    """Section "guidelines"."""

    report_when: tuple[Statement, ...] = ()
    """When to report the code."""
    do_not_report: tuple[Statement, ...] = ()
    """When not to."""
    tabular_notes: tuple[TabularNotes, ...] = ()
    """Notes of the Tabular List, own first, then inherited from near to far."""
    seventh_characters: SeventhCharacters | None = None
    """Seventh characters that complete the code."""
    mentions: tuple[GuidelineMention, ...] = ()
    """Sections of the ICD-10-CM Official Guidelines that speak of the code, the most specific first."""
    excluded_at: tuple[ExcludedAt, ...] = ()
    """Notes at other places of the Tabular List that exclude the code, the most specific first."""
    excluded_at_total: int = 0
    """How many places exclude it in all; excluded_at holds the first of them."""
    index_entries: tuple[IndexLead, ...] = ()
    """Entries of the ICD-10-CM indexes and tables that lead to the code, those that name it whole first."""
    index_entries_total: int = 0
    """How many entries lead to it in all; index_entries holds the first of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentationSection:
    """Section "documentation"."""

    requirements: tuple[Statement, ...] = ()
    """What the record must show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedCode:
    """A code that belongs with this one."""

    code: CodeRef | None = None
    """The code."""
    relation: str = ""
    """How it goes along: successor, predecessor, equivalent, add-on, primary, companion, neighbour, alternative, drug,
    administration, parent, child, sibling."""
    note: Statement | None = None
    """How it differs or why it goes along; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingSection:
    """Section "billing"."""

    guidance: tuple[Statement, ...] = ()
    """Units, time rules and billing guidance."""
    modifiers: tuple[ModifierUse, ...] = ()
    """Modifiers that matter for the code."""
    reportable: str = ""
    """Whether the code itself may be reported, in a sentence."""
    reportable_codes: tuple[CodeRef, ...] = ()
    """When it may not: the reportable codes below it, up to 200."""
    reportable_codes_total: int = 0
    """All reportable codes below it."""
    unit: BillingUnit | None = None
    """For drugs: one billing unit; absent when the descriptor names no amount that doses can be counted in."""
    administration: tuple[RelatedCode, ...] = ()
    """For drugs: the codes of their administration, chosen by us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditsSection:
    """Section "edits"."""

    ptp: tuple[PtpEdit, ...] = ()
    """Procedure-to-procedure edits: the first of each column of a table that is loaded whole (see ptp_totals), else
    those among the codes that have a page."""
    mue: tuple[MueValue, ...] = ()
    """MUE values."""
    add_on: tuple[AddOnRelation, ...] = ()
    """Add-on relations, as add-on and as primary."""
    scope: tuple[Statement, ...] = ()
    """What was looked at, where, and what the lack of a row means."""
    ptp_totals: tuple[PtpTotal, ...] = ()
    """All edits of the code, by setting and column, in tables that are loaded whole."""
    add_on_total: int = 0
    """All add-on relations of the code; add_on holds the first of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeesSection:
    """Section "fees"."""

    rows: tuple[FeeRow, ...] = ()
    """Rows of the physician fee schedule."""
    hcc: tuple[HccCategory, ...] = ()
    """Risk-adjustment categories (diagnoses)."""
    notes: tuple[Statement, ...] = ()
    """How to read the section, and what is not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrosswalksSection:
    """Section "crosswalks"."""

    related: tuple[RelatedCode, ...] = ()
    """Related and similar codes."""
    notes: tuple[Statement, ...] = ()
    """How to read the section, and what is not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """Something that happened to the code."""

    date: dt.date | None = None
    """When; absent when unknown."""
    event: Statement | None = None
    """What, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageSection:
    """Section "coverage"."""

    coverage: tuple[Statement, ...] = ()
    """Medicare coverage."""
    history: tuple[HistoryEvent, ...] = ()
    """History, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Everything about one code."""

    system: str = ""
    """Code system."""
    code: str = ""
    """The code without its dot, in capitals."""
    display_code: str = ""
    """The code as it is written."""
    heading: Heading | None = None
    """Its one-line name."""
    kind: str = ""
    """"chapter", "block", "category", "subcategory", "code"."""
    reportable: bool = False
    """Whether the code itself may be reported."""
    ancestors: tuple[CodeRef, ...] = ()
    """From the root of the code system down to the parent."""
    children: tuple[CodeRef, ...] = ()
    """The codes directly below, in order."""
    previous: CodeRef | None = None
    """The code before it on its level, in order; absent at the first."""
    next: CodeRef | None = None
    """The code after it on its level; absent at the last."""
    releases: tuple[DataRelease, ...] = ()
    """The data the page draws on."""
    official: OfficialSection | None = None
    """Section "official"."""
    common: CommonSection | None = None
    """Section "common"."""
    guidelines: GuidelinesSection | None = None
    """Section "guidelines"."""
    documentation: DocumentationSection | None = None
    """Section "documentation"."""
    billing: BillingSection | None = None
    """Section "billing"."""
    edits: EditsSection | None = None
    """Section "edits"."""
    fees: FeesSection | None = None
    """Section "fees"."""
    crosswalks: CrosswalksSection | None = None
    """Section "crosswalks"."""
    coverage: CoverageSection | None = None
    """Section "coverage"."""
    status: CodeStatus | None = None
    """Whether the code is valid on the day asked for."""
