"""The government tables that facts come from: where each lies in the data folder and what a reader is told of it."""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.catalog.content.fact_sheet import FactFile, Setting, Table

QUARTER = (date(2024, 7, 1), date(2024, 9, 30))  # what the editions below apply to, both days inclusive

_NCCI = "https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits"
_PFS = "https://www.cms.gov/medicare/payment/fee-schedules/physician/pfs-relative-value-files"
_HCPCS = "https://www.cms.gov/medicare/coding-billing/healthcare-common-procedure-system/quarterly-update"
_MUE = f"{_NCCI}/medicare-ncci-medically-unlikely-edits"
_PTP = f"{_NCCI}/medicare-ncci-procedure-procedure-ptp-edits"
_ADD_ON = f"{_NCCI}/medicare-ncci-add-code-edits"


class TableError(ValueError):
    """A table that cannot be read, with file, line and what would be right."""


@dataclass(frozen=True)
class TableFile:
    """Where a table lies in the data folder and what a reader is told of it."""

    name: str
    table: Table
    title: str
    url: str
    setting: Setting | None = None
    edition: str = "July 2024"

    def described(self, folder: Path) -> FactFile:
        """The file as facts.json names it; raises TableError when it is missing."""
        path = folder / self.name
        if not path.is_file():
            raise TableError(f"{path}: missing; --data must name a folder that holds {self.name}")
        return FactFile(
            name=self.name,
            table=self.table,
            setting=self.setting,
            title=self.title,
            publisher="CMS",
            url=self.url,
            edition=self.edition,
            effective_from=QUARTER[0],
            effective_to=QUARTER[1],
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        )


INDICATORS = TableFile("pfs/pfs_rvu_ind_2024-07.csv.gz", "pfs-indicators", "Physician Fee Schedule indicators", _PFS)
AMOUNTS = TableFile("pfs/pfs_rvu_amt_2024-07.csv.gz", "pfs-amounts", "Physician Fee Schedule RVUs", _PFS)
ADD_ON = TableFile("ncci/ncci_aoc_2024-07.csv.gz", "add-on", "NCCI Add-on Code Edits", _ADD_ON)
HCPCS = TableFile("hcpcs/hcpcs_level2_2024-07.csv.gz", "hcpcs", "HCPCS Level II", _HCPCS)
MUE = (
    TableFile("ncci/ncci_mue_prac_2024-07.csv.gz", "mue", "NCCI MUE, practitioner services", _MUE, "practitioner"),
    TableFile("ncci/ncci_mue_out_2024-07.csv.gz", "mue", "NCCI MUE, outpatient hospital services", _MUE, "outpatient"),
    TableFile("ncci/ncci_mue_dme_2024-07.csv.gz", "mue", "NCCI MUE, DME supplier services", _MUE, "dme"),
)
PTP = (
    TableFile("ncci/ncci_ptp_prac_2024-07-01.csv.gz", "ptp", "NCCI PTP edits, practitioners", _PTP, "practitioner"),
    TableFile("ncci/ncci_ptp_out_2024-07-01.csv.gz", "ptp", "NCCI PTP edits, outpatient hospital", _PTP, "outpatient"),
)
ALL_TABLES = (INDICATORS, AMOUNTS, *MUE, ADD_ON, *PTP, HCPCS)
