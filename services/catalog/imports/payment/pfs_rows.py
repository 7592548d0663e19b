"""Reads the values of a line of the fee schedule, each as what its column holds."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from services.catalog.imports.payment.fields import Fields
from services.catalog.imports.payment.procedure_codes import EXPECTED, is_code
from services.catalog.payment_rows import PfsRvuRow

Values: TypeAlias = dict[str, Any]
"""The values of a line by the column of `PfsRvuRow`."""
Reader: TypeAlias = Callable[[Fields, int], Any]


def _amount(name: str, places: int = 2) -> Reader:
    return lambda fields, place: fields.decimal(place, name, places)


def _mark(name: str, mark: str) -> Reader:
    def read(fields: Fields, place: int) -> bool:
        return fields.one_of(place, name, lambda text: text in ("", mark), f"{mark} or nothing") == mark

    return read


def _indicator(name: str, allowed: str, expected: str) -> Reader:
    """An indicator; a spreadsheet may have made 5.0 of 5."""
    pattern = re.compile(allowed, re.ASCII)

    def read(fields: Fields, place: int) -> str:
        said = fields.one_of(place, name, lambda text: bool(pattern.fullmatch(text.removesuffix(".0"))), expected)
        return said.removesuffix(".0")

    return read


def _base(fields: Fields, place: int) -> str:
    return fields.one_of(
        place, "the endoscopic base code", lambda text: not text or is_code(text), f"nothing, or {EXPECTED},"
    )


def _conversion_factor(fields: Fields, place: int) -> Decimal | None:
    return fields.decimal(place, "the conversion factor", 4) if fields.record.cell(place) else None


READERS: Mapping[str, Reader] = {
    "code": lambda fields, place: fields.code(place, "the code"),
    "modifier": _indicator("the modifier", r"|[0-9A-Z]{2}", "nothing, 26, TC or 53"),
    "status": _indicator("the status code", r"[A-Z]", "a letter"),
    "not_used_for_medicare": _mark("the mark of what Medicare does not pay by", "+"),
    "work": _amount("the work RVU"),
    "non_facility_pe": _amount("the non-facility practice expense RVU"),
    "non_facility_na": _mark("the non-facility NA indicator", "NA"),
    "facility_pe": _amount("the facility practice expense RVU"),
    "facility_na": _mark("the facility NA indicator", "NA"),
    "malpractice": _amount("the malpractice RVU"),
    "non_facility_total": _amount("the non-facility total"),
    "facility_total": _amount("the facility total"),
    "pctc": _indicator("the PC/TC indicator", r"\d", "a digit"),
    "global_days": _indicator("the global days", r"\d{3}|[A-Z]{3}", "three digits or letters, such as 090 or XXX,"),
    "pre_operative": _amount("the preoperative share"),
    "intra_operative": _amount("the intraoperative share"),
    "post_operative": _amount("the postoperative share"),
    "multiple_procedure": _indicator("the multiple procedure indicator", r"\d", "a digit"),
    "bilateral": _indicator("the bilateral surgery indicator", r"\d", "a digit"),
    "assistant": _indicator("the assistant at surgery indicator", r"\d", "a digit"),
    "co_surgeons": _indicator("the co-surgeons indicator", r"\d", "a digit"),
    "team": _indicator("the team surgery indicator", r"\d", "a digit"),
    "endoscopic_base": _base,
    "conversion_factor": _conversion_factor,
    "supervision": _indicator("the supervision indicator", r"[0-9A-Z]{2}", "two digits or letters"),
    "calculation_flag": _indicator("the calculation flag", r"[0-9A-Z]?", "a digit or nothing"),
    "imaging_family": _indicator("the imaging family", r"\d{2}", "two digits"),
    "opps_non_facility_pe": _amount("the non-facility practice expense RVU for OPPS"),
    "opps_facility_pe": _amount("the facility practice expense RVU for OPPS"),
    "opps_malpractice": _amount("the malpractice RVU for OPPS"),
}


def values_of(fields: Fields, columns: Mapping[str, int]) -> Values:
    """The values of a line; one that is wrong is a defect, and then they count for nothing."""
    return {column: READERS[column](fields, place) for column, place in columns.items()}


def row_of(values: Mapping[str, Any], qpp: str) -> PfsRvuRow:
    """A row; what its file does not say is None."""
    return PfsRvuRow(**{"calculation_flag": None, "qpp": qpp, **values})
