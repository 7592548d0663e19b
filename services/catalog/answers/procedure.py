"""What only the page of a CPT or HCPCS Level II code has: modifiers, edits, rows of the fee schedule."""

import datetime as dt
from dataclasses import dataclass
from enum import IntEnum

from services.catalog.answers.basics import Citation, CodeRef, DataRelease, Statement


class Setting(IntEnum):
    """The Medicare settings that have edit tables of their own."""

    PRACTITIONER = 1
    OUTPATIENT = 2
    DME = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ModifierUse:
    """A modifier and how it goes with the code."""

    modifier: str = ""
    """The modifier, e.g. "59"."""
    use: Statement | None = None
    """When it fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingUnit:
    """One billing unit of a drug code."""

    amount: str = ""
    """Its amount, decimal, e.g. "10"."""
    measure: str = ""
    """The id of what it is measured in, e.g. "mg"."""
    up_to: bool = False
    """Whether it is any dose up to the amount."""
    words: str = ""
    """It in words, e.g. "10 mg"."""
    dose_measures: tuple[str, ...] = ()
    """The measures that a dose can be given in."""
    source: Citation | None = None
    """The descriptor that names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorInWords:
    """A payment indicator in words."""

    name: str = ""
    """Its name, e.g. "Global days"."""
    value: str = ""
    """Its value as published, e.g. "010"."""
    meaning: str = ""
    """What the value means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PtpEdit:
    """An NCCI procedure-to-procedure edit with this code."""

    setting: Setting | None = None
    """Whose table."""
    column_1: CodeRef | None = None
    """Column 1, the code that is paid."""
    column_2: CodeRef | None = None
    """Column 2, the code that is denied."""
    modifier_indicator: str = ""
    """0: no modifier helps; 1: an allowed modifier may bypass; 9: never applied."""
    rationale: str = ""
    """Why the edit exists, as published."""
    effective_from: dt.date | None = None
    """First day it applies to; absent when the file does not say."""
    deleted_on: dt.date | None = None
    """Last day it applies to; absent while it is not deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PtpTotal:
    """How many edits a code has in one column of a setting's table."""

    setting: Setting | None = None
    """Whose table."""
    column: int = 0
    """The column that the code stands in: 1 or 2."""
    total: int = 0
    """Edits on the page's day; the page holds the first of them, ListPtpEdits all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPtpEditsResponse:
    """A page of edits."""

    edits: tuple[PtpEdit, ...] = ()
    """The edits, by the other code within each column."""
    total: int = 0
    """How many there are in all."""
    next_page_token: str = ""
    """The cursor of the next page; empty at the end."""
    release: DataRelease | None = None
    """The release that answers."""
    scope: tuple[Statement, ...] = ()
    """What was looked at, and what the lack of an edit means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MueValue:
    """A Medically Unlikely Edit value."""

    setting: Setting | None = None
    """Whose table."""
    units: int = 0
    """Units."""
    mai: int = 0
    """MUE adjudication indicator 1, 2 or 3."""
    mai_meaning: str = ""
    """The indicator in words."""
    rationale: str = ""
    """Why the value is what it is, as published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOnRelation:
    """An add-on relation."""

    add_on: CodeRef | None = None
    """The add-on code."""
    primary: CodeRef | None = None
    """The primary code; absent when the contractor defines it (type 2, "CCCCC")."""
    type: int = 0
    """Type 1, 2 or 3."""
    type_meaning: str = ""
    """The type in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRow:
    """One row of the physician fee schedule."""

    modifier: str = ""
    """"" for the global service, else 26, TC or 53."""
    modifier_meaning: str = ""
    """The row in words, e.g. "Professional component"."""
    status: str = ""
    """Status code, e.g. "A"."""
    status_meaning: str = ""
    """The status in words."""
    work_rvu: str = ""
    """Work RVU, decimal."""
    non_facility_pe_rvu: str = ""
    """Non-facility practice expense RVU, decimal; empty where not applicable."""
    facility_pe_rvu: str = ""
    """Facility practice expense RVU, decimal; empty where not applicable."""
    malpractice_rvu: str = ""
    """Malpractice RVU, decimal."""
    non_facility_total: str = ""
    """Total non-facility RVUs, decimal; empty where not applicable."""
    facility_total: str = ""
    """Total facility RVUs, decimal; empty where not applicable."""
    indicators: tuple[IndicatorInWords, ...] = ()
    """The other payment indicators in words."""
