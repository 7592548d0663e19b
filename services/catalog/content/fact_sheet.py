"""The form of facts.json: what government tables say about the codes that we have texts for.

The file is written by `facts.py` from real tables and read by `loading.py`. Nothing in it is worded by us, and
nothing in it is CPT text.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from services.catalog.content.format import CodeText5
from services.catalog.drugs.measures import MEASURES

Setting = Literal["practitioner", "outpatient", "dme"]
Table = Literal["pfs-indicators", "pfs-amounts", "mue", "add-on", "ptp", "hcpcs"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FactFile(_Frozen):
    """A table that the facts were read from. The dates are those of the edition, both inclusive."""

    name: str
    table: Table
    setting: Setting | None = None
    title: str
    publisher: str
    url: str
    edition: str
    effective_from: date
    effective_to: date
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class FeeRow(_Frozen):
    """One row of the physician fee schedule; `modifier` is "" for the global service.

    Indicators are the published values. RVUs are relative value units, never dollars. Where `non_facility_na` or
    `facility_na` is true, CMS marks that setting as not applicable and its amounts are not to be shown as payable.
    """

    modifier: str = ""
    status: str
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
    endoscopic_base: str = ""
    supervision: str
    imaging_family: str
    non_facility_na: bool = False
    facility_na: bool = False
    work: Decimal
    non_facility_pe: Decimal
    facility_pe: Decimal
    malpractice: Decimal
    non_facility_total: Decimal
    facility_total: Decimal


class MueValue(_Frozen):
    """A Medically Unlikely Edit: most units of the code for one patient by its adjudication indicator (MAI)."""

    setting: Setting
    units: int = Field(ge=0)
    mai: Literal[1, 2, 3]
    rationale: str


class AddOnRelation(_Frozen):
    """An add-on code and its primary; `primary` is absent where the contractor defines it (type 2)."""

    add_on: CodeText5
    primary: CodeText5 | None = None
    type: Literal[1, 2, 3]


class PtpEdit(_Frozen):
    """An active procedure-to-procedure edit between two of our codes, in each setting whose table holds it."""

    column_1: CodeText5
    column_2: CodeText5
    setting: Setting
    modifier_indicator: Literal["0", "1", "9"]
    rationale: str


class HcpcsRecord(_Frozen):
    """What the HCPCS Level II file says of a code; its descriptors are in the public domain."""

    long: str
    short: str
    coverage: str
    action: str
    added: date
    action_date: date


class BillingUnitFact(_Frozen):
    """One billing unit of a drug code, read from its descriptor in the HCPCS Level II file."""

    amount: Decimal = Field(gt=0)
    measure: str
    """Its id among the measures of drugs, e.g. "mg"."""
    up_to: bool = False
    """Whether it is any dose up to the amount."""

    @field_validator("measure")
    @classmethod
    def _is_a_measure(cls, value: str) -> str:
        if value not in MEASURES:
            raise ValueError(f"there is no measure '{value}'; there are {', '.join(MEASURES)}")
        return value


class CodeFacts(_Frozen):
    """The facts of one code, of itself; edits and add-on relations stand in the sheet."""

    system: Literal["cpt", "hcpcs"]
    code: CodeText5
    fees: tuple[FeeRow, ...] = ()
    mue: tuple[MueValue, ...] = ()
    hcpcs: HcpcsRecord | None = None
    billing_unit: BillingUnitFact | None = None


class FactSheet(_Frozen):
    """The facts of all our codes with the files that they come from."""

    files: tuple[FactFile, ...] = ()
    codes: tuple[CodeFacts, ...] = ()
    add_on: tuple[AddOnRelation, ...] = ()
    ptp: tuple[PtpEdit, ...] = ()

    def of(self, system: str, code: str) -> CodeFacts | None:
        """The facts of one code, or None when the sheet holds none."""
        return next((facts for facts in self.codes if facts.system == system and facts.code == code), None)

    def add_on_of(self, code: str) -> Iterator[AddOnRelation]:
        """Relations in which the code is the add-on or the primary."""
        return (relation for relation in self.add_on if code in (relation.add_on, relation.primary))

    def ptp_of(self, code: str) -> Iterator[PtpEdit]:
        """Edits in which the code stands in column 1 or column 2."""
        return (edit for edit in self.ptp if code in (edit.column_1, edit.column_2))
