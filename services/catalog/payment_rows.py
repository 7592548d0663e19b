"""Rows of Medicare's payment tables, as their importers give them and the database takes them.

What a file does not say is None.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from services.catalog.rows import PROCEDURE, Row, Subject, content

_FEES = (
    "modifier", "qpp", "status", "not_used_for_medicare", "work", "non_facility_pe", "non_facility_na", "facility_pe",
    "facility_na", "malpractice", "pctc", "global_days", "pre_operative", "intra_operative", "post_operative",
    "multiple_procedure", "bilateral", "assistant", "co_surgeons", "team", "endoscopic_base", "supervision",
    "imaging_family", "opps_non_facility_pe", "opps_facility_pe", "opps_malpractice",
)  # fmt: skip
"""What of the fee schedule is about a code: all but the conversion factor and what follows from other columns."""


@content
@dataclass(frozen=True, slots=True)
class NcciPtpRow(Row):
    """A procedure-to-procedure edit. A pair may have several rows."""

    table: ClassVar[str] = "ncci_ptp"
    subject: ClassVar[Subject | None] = Subject(
        content=("effective_from", "deleted_on", "modifier_indicator"),
        codes=("column_1", "column_2"),
        system=PROCEDURE,
    )
    column_1: str
    column_2: str
    effective_from: date | None
    deleted_on: date | None
    """The last day that the row applies to."""
    prior_1996: bool | None
    modifier_indicator: str
    """0: no modifier helps; 1: an allowed modifier may bypass; 9: the row never applied."""
    rationale: int
    """An id of `NcciPtpRationaleRow`."""


@content
@dataclass(frozen=True, slots=True)
class NcciPtpRationaleRow(Row):
    """Why edits exist, as published."""

    table: ClassVar[str] = "ncci_ptp_rationale"
    id: int
    text: str


@content
@dataclass(frozen=True, slots=True)
class NcciPtpCodeRow(Row):
    """A code that edits name, with a digest of its rows: comparing millions of them would take longer than a load."""

    table: ClassVar[str] = "ncci_ptp_code"
    subject: ClassVar[Subject | None] = Subject(
        content=("as_column_1", "as_column_2"), digest="digest", entries="ncci_ptp"
    )
    system: str
    code: str
    as_column_1: int
    """Rows without a last day that name it in column 1, indicator 9 left out."""
    as_column_2: int
    digest: bytes


@content
@dataclass(frozen=True, slots=True)
class NcciMueRow(Row):
    """A Medically Unlikely Edit value."""

    table: ClassVar[str] = "ncci_mue"
    subject: ClassVar[Subject | None] = Subject(content=("units", "mai", "rationale"), system=PROCEDURE, rows_by=())
    code: str
    units: int
    mai: int
    rationale: str


@content
@dataclass(frozen=True, slots=True)
class NcciAocRow(Row):
    """An add-on code and a primary code that it may be paid with."""

    table: ClassVar[str] = "ncci_aoc"
    subject: ClassVar[Subject | None] = Subject(
        content=("type", "effective_from", "deleted_on"), system=PROCEDURE, codes=("add_on", "primary_code")
    )
    add_on: str
    primary_code: str | None
    """None where the Medicare contractor defines it (CCCCC)."""
    type: int
    effective_from: date | None
    deleted_on: date | None


@content
@dataclass(frozen=True, slots=True)
class PfsRvuRow(Row):
    """A row of the physician fee schedule's relative value file: indicators as published, relative values in RVUs."""

    table: ClassVar[str] = "pfs_rvu"
    subject: ClassVar[Subject | None] = Subject(content=_FEES, system=PROCEDURE, rows_by=("modifier", "qpp"))
    code: str
    modifier: str
    """Empty for the whole service, else 26, TC or 53."""
    qpp: str
    """`qpp` or `non-qpp` where the edition has a conversion factor for each; else empty."""
    status: str
    not_used_for_medicare: bool
    work: Decimal
    non_facility_pe: Decimal
    non_facility_na: bool
    facility_pe: Decimal
    facility_na: bool
    malpractice: Decimal
    non_facility_total: Decimal
    facility_total: Decimal
    pctc: str
    global_days: str
    pre_operative: Decimal
    intra_operative: Decimal
    post_operative: Decimal
    multiple_procedure: str
    bilateral: str
    assistant: str
    co_surgeons: str
    team: str
    endoscopic_base: str
    conversion_factor: Decimal | None
    supervision: str
    calculation_flag: str | None
    imaging_family: str
    opps_non_facility_pe: Decimal
    opps_facility_pe: Decimal
    opps_malpractice: Decimal


@content
@dataclass(frozen=True, slots=True)
class CoverageArticleRow(Row):
    """A coverage document: an article, a local (LCD) or a national coverage determination (NCD)."""

    table: ClassVar[str] = "coverage_article"
    document_type: str
    """article, lcd or ncd."""
    document_id: int
    version: int
    display_id: str
    """As it is cited, e.g. A52975."""
    title: str
    article_type: str
    status: str
    contractors: list[str]
    effective_from: date | None
    effective_to: date | None
    retired_on: date | None
    updated_on: date | None
    url: str
    related: list[str]
    """Other documents: article/ID, lcd/ID or ncd/ID."""


@content
@dataclass(frozen=True, slots=True)
class CoverageCodeRow(Row):
    """A code that a coverage document lists."""

    table: ClassVar[str] = "coverage_code"
    subject: ClassVar[Subject | None] = Subject(content=("document_type", "document_id", "role", "group", "asterisk"))
    document_type: str
    document_id: int
    system: str
    code: str
    role: str
    """procedure, modifier, supports, does-not-support or excluded."""
    group: int
    asterisk: bool
