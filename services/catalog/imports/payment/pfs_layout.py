"""The layouts of the physician fee schedule's relative value files.

CMS's PPRRVU has 31 columns, whose names stand below each other on several lines behind a notice (CMS, National
Physician Fee Schedule Relative Value File). Its third column holds the AMA's descriptors and is read past. A CSV
edition comes as a pair of files, amounts and indicators.
"""

import re
from collections.abc import Mapping, Sequence

from services.catalog.imports.payment.records import Record

NAME_LINES = 6
_OFFICIAL = (
    ("code", "hcpcs"), ("modifier", "mod"), ("", "description"), ("status", "status"),
    ("not_used_for_medicare", "medicare"), ("work", "work"), ("non_facility_pe", "non-fac", "pe"),
    ("non_facility_na", "na", "indicator"), ("facility_pe", "facility", "pe"), ("facility_na", "na", "indicator"),
    ("malpractice", "mp"), ("non_facility_total", "non-facility", "total"), ("facility_total", "facility", "total"),
    ("pctc", "pctc"), ("global_days", "glob"), ("pre_operative", "pre"), ("intra_operative", "intra"),
    ("post_operative", "post"), ("multiple_procedure", "mult"), ("bilateral", "bilat"), ("assistant", "asst"),
    ("co_surgeons", "co-"), ("team", "team"), ("endoscopic_base", "endo"), ("conversion_factor", "conv"),
    ("supervision", "diagnostic", "procedures"), ("calculation_flag", "calculation"), ("imaging_family", "family"),
    ("opps_non_facility_pe", "amount"), ("opps_facility_pe", "amount"), ("opps_malpractice", "amount"),
)  # fmt: skip
"""Columns of `PfsRvuRow` in the order of CMS's, each with what its name holds; the descriptors have none."""
AMOUNTS = {
    "hcpcs_code": "code", "mod": "modifier", "rvu_work": "work", "rvu_non_pe": "non_facility_pe",
    "rvu_fac_pe": "facility_pe", "rvu_mp": "malpractice", "rvu_non_sum": "non_facility_total",
    "rvu_fac_sum": "facility_total", "rvu_opps_non_pe": "opps_non_facility_pe", "rvu_opps_fac_pe": "opps_facility_pe",
    "rvu_opps_mp": "opps_malpractice", "cf": "conversion_factor",
}  # fmt: skip
INDICATORS = {
    "hcpcs_code": "code", "mod": "modifier", "status": "status", "pctc": "pctc", "glob": "global_days",
    "pre_op": "pre_operative", "intra_op": "intra_operative", "post_op": "post_operative",
    "mult_proc": "multiple_procedure", "bilat_surg": "bilateral", "asst_surg": "assistant", "co_surg": "co_surgeons",
    "team_surg": "team", "endo_base": "endoscopic_base", "phys_diag_pro": "supervision",
    "diag_img_fam": "imaging_family", "non_na": "non_facility_na", "fac_na": "facility_na",
    "not_used_mcr": "not_used_for_medicare",
}  # fmt: skip
PAIRED = (set(AMOUNTS.values()) | set(INDICATORS.values())) - {"code", "modifier"}
"""What the two files of a pair hold together."""


def official_columns(above: Sequence[Record]) -> Mapping[str, int] | str:
    """The places of CMS's columns by the lines that name them, the lowest last; else a sentence on what is wrong.

    A column that is none of these is passed over; a column that is missing, or not in its order, is not.
    """
    names = [
        " ".join(record.cell(place).lower() for record in above[-NAME_LINES:]) for place in range(len(above[-1].raw))
    ]
    places: dict[str, int] = {}
    place = 0
    for column, *parts in _OFFICIAL:
        while place < len(names) and not all(part in names[place] for part in parts):
            place += 1
        if place == len(names):
            return f'no column is headed "{" ".join(parts).upper()}" in the place where a PPRRVU file has it'
        if column:
            places[column] = place
        place += 1
    return places


def is_official(record: Record) -> bool:
    """Whether a line holds the lowest names of CMS's columns."""
    return [re.sub(r"\s+", "", cell.lower()) for cell in record.cells[:3]] == ["hcpcs", "mod", "description"]


def pair_columns(record: Record) -> Mapping[str, int] | None:
    """The places of the columns of amounts or of indicators; None for any other line."""
    for names in (AMOUNTS, INDICATORS):
        if record.cells == list(names):
            return {column: place for place, column in enumerate(names.values())}
    return None
