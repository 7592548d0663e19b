"""Rows of a release, as importers give them and the database takes them."""

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field, fields
from datetime import date
from typing import Any, ClassVar


class Row:
    """A row of one of the tables that hold a release's content; fields are columns, in order."""

    table: ClassVar[str]

    def values(self) -> tuple[Any, ...]:
        """The values in the order of the columns."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class CodeRow(Row):
    """A code, or a chapter, block or family of codes."""

    table: ClassVar[str] = "code"
    system: str
    code: str
    display: str
    kind: str
    level: int
    ordinal: int
    last_ordinal: int
    parent: str | None
    ancestors: list[str]
    heading: str
    official: bool
    reportable: bool
    has_page: bool
    children: int
    reportable_below: int
    body: Mapping[str, Any]
    content_hash: bytes

    def values(self) -> tuple[Any, ...]:
        """The values in the order of the columns."""
        return tuple(getattr(self, name) for name in COLUMNS[self.table])


@dataclass(frozen=True, slots=True)
class OfficialTextRow(Row):
    """Official descriptors of a code."""

    table: ClassVar[str] = "official_text"
    system: str
    code: str
    long_text: str
    medium_text: str
    short_text: str

    def values(self) -> tuple[Any, ...]:
        """The values in the order of the columns."""
        return astuple(self)


@dataclass(frozen=True, slots=True)
class DocumentRow(Row):
    """A document about a code: our text, or the facts of tables."""

    table: ClassVar[str] = ""
    system: str
    code: str
    body: Mapping[str, Any]

    def values(self) -> tuple[Any, ...]:
        """The values in the order of the columns."""
        return (self.system, self.code, self.body)


class OurTextRow(DocumentRow):
    """Our text about a code."""

    table: ClassVar[str] = "our_text"
    __slots__ = ()


class CodeFactsRow(DocumentRow):
    """What tables say of a code by itself."""

    table: ClassVar[str] = "code_facts"
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class AddOnRow(Row):
    """An add-on relation."""

    table: ClassVar[str] = "add_on"
    add_on: str
    primary_code: str | None
    type: int

    def values(self) -> tuple[Any, ...]:
        """The values in the order of the columns."""
        return astuple(self)


@dataclass(frozen=True, slots=True)
class PtpRow(Row):
    """A procedure-to-procedure edit."""

    table: ClassVar[str] = "ptp_edit"
    setting: str
    column_1: str
    column_2: str
    modifier_indicator: str
    rationale: str

    def values(self) -> tuple[Any, ...]:
        """The values in the order of the columns."""
        return astuple(self)


@dataclass(frozen=True, slots=True)
class HccRow(Row):
    """A risk-adjustment category of a diagnosis."""

    table: ClassVar[str] = "hcc"
    code: str
    model: str
    category: str
    label: str
    payment_year: int

    def values(self) -> tuple[Any, ...]:
        """The values in the order of the columns."""
        return astuple(self)


@dataclass(frozen=True, slots=True)
class TabularMentionRow(Row):
    """A span of codes that an Excludes note of the Tabular List names."""

    table: ClassVar[str] = "tabular_mention"
    code: str
    """Where the note stands."""
    kind: str
    text: str
    first: str
    last: str

    def values(self) -> tuple[Any, ...]:
        """The values in the order of the columns."""
        return astuple(self)


@dataclass(frozen=True, slots=True)
class GuidelineRow(Row):
    """A section of the Guidelines."""

    table: ClassVar[str] = "guideline_section"
    number: str
    ordinal: int
    title: str
    text: str

    def values(self) -> tuple[Any, ...]:
        """The values in the order of the columns."""
        return astuple(self)


@dataclass(frozen=True, slots=True)
class GuidelineMentionRow(Row):
    """A span of codes that a section of the Guidelines names."""

    table: ClassVar[str] = "guideline_mention"
    number: str
    first: str
    last: str
    excerpt: str

    def values(self) -> tuple[Any, ...]:
        """The values in the order of the columns."""
        return astuple(self)


COLUMNS = {
    "code": tuple(column.name for column in fields(CodeRow)),
    "official_text": tuple(column.name for column in fields(OfficialTextRow)),
    "our_text": ("system", "code", "body"),
    "code_facts": ("system", "code", "body"),
    "add_on": tuple(column.name for column in fields(AddOnRow)),
    "ptp_edit": tuple(column.name for column in fields(PtpRow)),
    "hcc": tuple(column.name for column in fields(HccRow)),
    "tabular_mention": tuple(column.name for column in fields(TabularMentionRow)),
    "guideline_section": tuple(column.name for column in fields(GuidelineRow)),
    "guideline_mention": tuple(column.name for column in fields(GuidelineMentionRow)),
}
"""Columns by table, without the release's id, which comes first."""


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A published table that a compiled release was drawn from."""

    name: str
    kind: str
    setting: str | None
    title: str
    publisher: str
    url: str
    edition: str
    effective_from: date | None
    effective_to: date | None
    checksum: str


@dataclass(frozen=True, slots=True)
class Edition:
    """What a file says of itself: its edition and the days it applies to, both inclusive."""

    name: str
    effective_from: date | None = None
    effective_to: date | None = None
    tables: tuple[SourceTable, ...] = field(default=())


Rows = Iterator[tuple[str, Iterator[Row]]]
"""Rows of one table after the other."""
