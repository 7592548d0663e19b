"""The documents that findings cite. Sections were read in the editions that are named."""

from functools import lru_cache

MANUAL = "NCCI Policy Manual for Medicare, January 1, 2026, ch. I"
PTP = f"{MANUAL}, A and E"
MUE = f"{MANUAL}, V"
ADD_ON = f"{MANUAL}, R and W"
FEE_SCHEDULE = "CMS, Physician Fee Schedule Relative Value Files, record layout and Attachment A"
GLOBAL_SURGERY = "Medicare Claims Processing Manual (Pub. 100-04), ch. 12, section 40; " + f"{MANUAL}, D"
TECHNICAL_COMPONENT = (
    "Medicare Claims Processing Manual (Pub. 100-04), ch. 13, section 20.2; CMS, Physician Fee Schedule Relative Value "
    "Files, Attachment A, PC/TC"
)
VISITS = "Medicare Claims Processing Manual (Pub. 100-04), ch. 12, sections 30.6.9 to 30.6.14"
PAYER = "NCCI Policy Manual for Medicare, January 1, 2026, Introduction"


@lru_cache
def guidelines(section: str) -> str:
    """A section of the ICD-10-CM Official Guidelines."""
    return f"ICD-10-CM Official Guidelines for Coding and Reporting FY 2026, section {section}"
