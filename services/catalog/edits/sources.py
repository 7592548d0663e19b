"""The documents that findings cite. Sections were read in the editions that are named."""

_MANUAL = "NCCI Policy Manual for Medicare, January 1, 2026, ch. I"
PTP = f"{_MANUAL}, A and E"
MUE = f"{_MANUAL}, V"
ADD_ON = f"{_MANUAL}, R and W"
FEE_SCHEDULE = "CMS, Physician Fee Schedule Relative Value Files, record layout and Attachment A"
GLOBAL_SURGERY = "Medicare Claims Processing Manual (Pub. 100-04), ch. 12, section 40; " + f"{_MANUAL}, D"


def guidelines(section: str) -> str:
    """A section of the ICD-10-CM Official Guidelines."""
    return f"ICD-10-CM Official Guidelines for Coding and Reporting FY 2026, section {section}"
