"""What only the page of an ICD-10-CM entry has: notes of the Tabular List, seventh characters, HCC categories."""

from dataclasses import dataclass
from enum import IntEnum

from services.catalog.answers.basics import CodeRef, DataRelease


class TabularNoteKind(IntEnum):
    """Kinds of notes of the ICD-10-CM Tabular List."""

    INCLUSION_TERM = 1
    INCLUDES = 2
    EXCLUDES1 = 3
    EXCLUDES2 = 4
    CODE_FIRST = 5
    USE_ADDITIONAL = 6
    CODE_ALSO = 7
    NOTE = 8
    SEVENTH_CHARACTER = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class TabularNote:
    """One note of the Tabular List."""

    text: str = ""
    """Its text as published."""
    codes: tuple[CodeRef, ...] = ()
    """Codes that the text names, for links; ranges by their ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TabularNotes:
    """Notes of one kind that stand at one place of the Tabular List."""

    kind: TabularNoteKind | None = None
    """Their kind."""
    notes: tuple[TabularNote, ...] = ()
    """The notes."""
    inherited_from: CodeRef | None = None
    """Where they stand: absent when at the code itself, otherwise the ancestor they are inherited from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterMeaning:
    """A character and what it means."""

    character: str = ""
    """The character, e.g. "A"."""
    meaning: str = ""
    """Its meaning, e.g. "initial encounter"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeventhCharacters:
    """Seventh characters of an ICD-10-CM code."""

    characters: tuple[CharacterMeaning, ...] = ()
    """The characters."""
    inherited_from: CodeRef | None = None
    """Where they are defined: absent when at the code itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelineMention:
    """A section of the ICD-10-CM Official Guidelines that speaks of a code."""

    section: str = ""
    """How it is cited, e.g. "I.C.4.a.3"."""
    title: str = ""
    """Its title; may be empty."""
    excerpt: str = ""
    """The words that name the code, as published; empty where the title does."""
    named: str = ""
    """What is named there: the code, a category above it or a range, e.g. "E11" or "E08-E13"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexLead:
    """An entry of an index or a table of ICD-10-CM that leads to a code."""

    index: str = ""
    """Where it stands."""
    path: tuple[str, ...] = ()
    """The terms from the main term down, with their nonessential modifiers, as published."""
    column: str = ""
    """The column of a table; empty in an index."""
    named: str = ""
    """The code as it is written there."""
    index_name: str = ""
    """The index's short name, as ListMainTerms and GetTerm of the indexes take it."""
    ordinal: int = 0
    """The term's place in its index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListIndexLeadsResponse:
    """A page of entries."""

    entries: tuple[IndexLead, ...] = ()
    """The entries, in order."""
    total: int = 0
    """How many there are in all."""
    next_page_token: str = ""
    """The cursor of the next page; empty at the end."""
    release: DataRelease | None = None
    """The release that answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedAt:
    """A place of the Tabular List whose Excludes note names a code."""

    code: CodeRef | None = None
    """The place."""
    kind: TabularNoteKind | None = None
    """Excludes1 or Excludes2."""
    text: str = ""
    """The note as published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HccCategory:
    """A risk-adjustment category of a diagnosis."""

    model: str = ""
    """The model, e.g. "CMS-HCC V28"."""
    category: str = ""
    """The category, e.g. "37"."""
    label: str = ""
    """Its label, e.g. "Diabetes with Chronic Complications"."""
    payment_year: int = 0
    """Payment year of the mapping."""
