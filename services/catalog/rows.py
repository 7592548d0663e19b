"""Rows of a release, as importers give them and the database takes them.

A table of content is a class with `@content`: its fields are the columns, in order, behind the release's id. Nothing
else has to know of a new one: it is copied into, analysed, compared and pruned by what stands here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, ClassVar, TypeAlias, TypeVar

PROCEDURE = "procedure"
"""In place of a system's name: CPT, HCPCS Level II or CDT, as the shape of the code says."""


@dataclass(frozen=True, slots=True)
class Subject:
    """How the rows of a table are compared between two releases: by the code that they speak of."""

    content: tuple[str, ...]
    """The columns that say something of the code: when one of them differs, the code is revised."""
    system: str = ""
    """The system of every code, or PROCEDURE; empty where the table has a column `system`."""
    codes: tuple[str, ...] = ("code",)
    """The columns that name a code; of a pair, both codes are changed when the pair is."""
    digest: str = ""
    """A column that holds a digest of all that is said of the code, in the only row of it; `content` is then what a
    person is shown of a difference."""
    official: tuple[str, ...] = ()
    """Columns that the publisher fills, where the column `official` is set. When they are the same, the code is not
    revised: what changed of its page is said by its neighbours, such as a new code below it."""
    rows_by: tuple[str, ...] | None = None
    """The columns that tell the rows of one code apart, where a row has many values: a person is then shown those
    values, by the names of their columns, that one release alone has."""
    entries: str = ""
    """The table whose rows are counted as the release's entries, and shown of a difference, where it is another one."""


class Row:
    """A row of one of the tables that hold a release's content; fields are columns, in order."""

    __slots__ = ()
    table: ClassVar[str]
    subject: ClassVar[Subject | None] = None
    """How releases are compared by this table; None where nobody compares them by it."""

    def values(self) -> tuple[Any, ...]:
        """The values in the order of the columns."""
        return tuple(getattr(self, name) for name in COLUMNS[self.table])


COLUMNS: dict[str, tuple[str, ...]] = {}
"""Columns by table, without the release's id, which comes first."""
SUBJECTS: dict[str, Subject] = {}
"""How releases are compared, by the table that they are compared by."""
_Row = TypeVar("_Row", bound=Row)


def content(kind: type[_Row]) -> type[_Row]:
    """Register a dataclass of rows as a table of content."""
    COLUMNS[kind.table] = tuple(column.name for column in fields(kind))  # type: ignore[arg-type]
    if kind.subject is not None:
        SUBJECTS[kind.table] = kind.subject
    return kind


@content
@dataclass(frozen=True, slots=True)
class CodeRow(Row):
    """A code, or a chapter, block or family of codes."""

    table: ClassVar[str] = "code"
    subject: ClassVar[Subject | None] = Subject(
        content=("heading",), digest="content_hash", official=("heading", "reportable", "body")
    )
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


@content
@dataclass(frozen=True, slots=True)
class OfficialTextRow(Row):
    """Official descriptors of a code."""

    table: ClassVar[str] = "official_text"
    subject: ClassVar[Subject | None] = Subject(content=("long_text", "medium_text", "short_text"))
    system: str
    code: str
    long_text: str
    medium_text: str
    short_text: str


@dataclass(frozen=True, slots=True)
class DocumentRow(Row):
    """A document about a code: our text, or the facts of tables."""

    table: ClassVar[str] = ""
    system: str
    code: str
    body: Mapping[str, Any]


@content
class OurTextRow(DocumentRow):
    """Our text about a code."""

    table: ClassVar[str] = "our_text"
    __slots__ = ()


@content
class CodeFactsRow(DocumentRow):
    """What tables say of a code by itself."""

    table: ClassVar[str] = "code_facts"
    __slots__ = ()


@content
@dataclass(frozen=True, slots=True)
class AddOnRow(Row):
    """An add-on relation."""

    table: ClassVar[str] = "add_on"
    add_on: str
    primary_code: str | None
    type: int


@content
@dataclass(frozen=True, slots=True)
class PtpRow(Row):
    """A procedure-to-procedure edit."""

    table: ClassVar[str] = "ptp_edit"
    setting: str
    column_1: str
    column_2: str
    modifier_indicator: str
    rationale: str


@content
@dataclass(frozen=True, slots=True)
class HccRow(Row):
    """A risk-adjustment category of a diagnosis."""

    table: ClassVar[str] = "hcc"
    subject: ClassVar[Subject | None] = Subject(
        content=("model", "category", "label", "payment_year"), system="icd10cm"
    )
    code: str
    model: str
    category: str
    label: str
    payment_year: int


@content
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


@content
@dataclass(frozen=True, slots=True)
class GuidelineRow(Row):
    """A section of the Guidelines."""

    table: ClassVar[str] = "guideline_section"
    number: str
    ordinal: int
    title: str
    text: str


@content
@dataclass(frozen=True, slots=True)
class GuidelineMentionRow(Row):
    """A span of codes that a section of the Guidelines names."""

    table: ClassVar[str] = "guideline_mention"
    subject: ClassVar[Subject | None] = Subject(
        content=("number", "last", "excerpt"), system="icd10cm", codes=("first",)
    )
    number: str
    first: str
    last: str
    excerpt: str


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
    setting: str = ""
    """The setting that the file states; empty where it states none. One that is not the import's is refused."""
    systems: tuple[str, ...] = ()
    """The code systems that the files hold, where they may hold fewer than those of their kind; else empty."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole rows as PostgreSQL's COPY takes them in its text format.

    Columns in the order of `COLUMNS`, without the release's id, divided by tabs; each row ends with a line feed; NULL
    is `\\N`; a backslash, tab, line feed or carriage return within a value is escaped by a backslash.
    """

    data: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class Blocks:
    """Rows of a large table, made ready by the importer: a tenth of the work of one object a row.

    Blocks are read ahead by one, so a megabyte or so each keeps both memory and waiting small.
    """

    blocks: Iterator[Block]


Rows: TypeAlias = Iterator[tuple[str, Iterator[Row] | Blocks]]
"""Rows of one table after the other."""
