"""The official files of the code sets in the folder of real data, by import kind."""

from pathlib import Path

CODE_SETS: dict[str, tuple[str, ...]] = {
    "icd10cm-order": ("icd10cm/2026-code-descriptions-tabular-order.zip",),
    "icd10cm-index": tuple(f"icd10cm/icd10cm-{name}-April-1-2026.xml.gz" for name in ("drug", "eindex", "neoplasm")),
    "icd10cm-conversion": ("icd10cm/ICD-10-CM-CONVERSION-TABLE-FY2026.xlsx",),
    "icd10cm-poa": ("icd10cm/POAexemptCodesFY26.zip",),
    "icd10pcs-order": ("icd10pcs/2026-icd-10-pcs-order-file.zip",),
    "icd9cm": ("icd9cm/cmsv32-icd-9-descriptions.zip",),
    "gems": ("icd10cm/2018_I9gem.txt.gz", "icd10cm/2018_I10gem.txt.gz"),
    "hcpcs": ("hcpcs/hcpcs_level2_2024-07.csv.gz",),
}
"""One import of each kind."""
OTHER_EDITIONS: tuple[tuple[str, str], ...] = (
    ("icd10cm-order", "icd10cm/icd10cm-order-2026.txt.gz"),
    ("icd10cm-order", "icd10cm/2025-code-descriptions-tabular-order.zip"),
    ("hcpcs", "hcpcs/2019-Alpha-Numeric-HCPCS-File.zip"),
    ("hcpcs", "hcpcs/HCPC2020_OCT_ANWEB.xlsx"),
)


def files_of(folder: Path, kind: str) -> list[Path]:
    """The files of one import."""
    return [folder / name for name in CODE_SETS[kind]]
