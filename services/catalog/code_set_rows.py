"""Rows of the official tables beside the code sets: how codes of editions and of classifications go together."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from services.catalog.rows import Row, Subject, content


@content
@dataclass(frozen=True, slots=True)
class ConversionRow(Row):
    """A code that was added, and a span of codes that stood for it before; both ends empty where none did."""

    table: ClassVar[str] = "conversion"
    subject: ClassVar[Subject | None] = Subject(content=("effective", "previous"), system="icd10cm")
    ordinal: int
    """The row of the table; one row gives a span or several."""
    code: str
    effective: date
    previous: str
    """As published."""
    first: str
    last: str


@content
@dataclass(frozen=True, slots=True)
class PoaExemptRow(Row):
    """A code that is exempt from present-on-admission reporting."""

    table: ClassVar[str] = "poa_exempt"
    subject: ClassVar[Subject | None] = Subject(content=("code",), system="icd10cm")
    code: str


@content
@dataclass(frozen=True, slots=True)
class GemRow(Row):
    """A general equivalence mapping, in one direction."""

    table: ClassVar[str] = "gem"
    subject: ClassVar[Subject | None] = Subject(
        content=("target_system", "target", "approximate", "no_map", "combination", "scenario", "choice_list"),
        codes=("code",),
    )
    system: str
    code: str
    """The source code."""
    target_system: str
    target: str
    """Empty where nothing maps."""
    approximate: bool
    no_map: bool
    combination: bool
    scenario: int
    choice_list: int


@content
@dataclass(frozen=True, slots=True)
class IndexEntryRow(Row):
    """A term of the Alphabetic Index, the External Cause Index, the Neoplasm Table or the Table of Drugs.

    A term with codes in several columns, or with a code and its manifestation, has one row for each.
    """

    table: ClassVar[str] = "icd10cm_index_entry"
    subject: ClassVar[Subject | None] = Subject(
        content=("index_name", "path", "column_title", "relation"), system="icd10cm"
    )
    index_name: str
    """"index", "external-cause", "neoplasm" or "drug"."""
    ordinal: int
    """The term's place in its file."""
    level: int
    """0 for a main term."""
    path: list[str]
    """Titles from the main term down to the term itself."""
    nonessential: list[str]
    """The nonessential modifiers of each title of the path, as published; empty where it has none."""
    see: str
    see_also: str
    column_title: str
    """The table's column; empty in an index."""
    relation: str
    """"code", "manifestation", "subcategory" or "category"; empty for a term without a code."""
    code: str | None
    """Without its dot and dash; None for a term without a code."""
    more: bool
    """Whether further characters must follow, as a dash behind the code says."""
