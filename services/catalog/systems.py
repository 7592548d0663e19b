"""The code systems of the platform: their names, rights and spelling, and which import kind brings their codes."""

import re
from dataclasses import dataclass

from shared.errors import InvalidInput, NotFound

LONGEST_CODE = 64
_CODE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class System:
    """A code system."""

    id: str
    name: str
    source: str
    """The import kind whose release in force holds its codes."""
    rights: str


SYSTEMS = {
    system.id: system
    for system in (
        System(
            "icd10cm",
            "ICD-10-CM",
            "icd10cm-tabular",
            "ICD-10-CM is published by the National Center for Health Statistics and is in the public domain in the "
            "United States; ICD-10 is copyright of the World Health Organization.",
        ),
        System(
            "cpt",
            "CPT",
            "house",
            "CPT is copyright and a registered trademark of the American Medical Association. The texts here are our "
            "own summaries, not the CPT descriptors.",
        ),
        System(
            "hcpcs",
            "HCPCS Level II",
            "house",
            "HCPCS Level II codes and descriptors are published by the Centers for Medicare & Medicaid Services and "
            "are in the public domain; D-codes are copyright of the American Dental Association and are not shown.",
        ),
    )
}
"""Every code system that an importer exists for, by id."""

PLATFORM_SYSTEMS = ("icd10cm", "icd10pcs", "icd9cm", "icd9pcs", "hcpcs", "cpt", "cdt", "modifier", "pos")
"""Ids that contracts may name, whether codes are loaded or not."""


def system_of(text: str) -> System:
    """The system a caller names, in any case; NotFound names those that exist."""
    system = SYSTEMS.get(text.strip().lower())
    if system is None:
        known = ", ".join(SYSTEMS)
        raise NotFound(
            "SYSTEM_UNKNOWN",
            f'system: no codes of "{printable(text, 30)}" are loaded here; the code systems are {known}.',
            metadata={"field": "system", "systems": known},
        )
    return system


def undotted(text: str) -> str:
    """The code without dots and blanks, in capitals; InvalidInput when it has no shape of any code."""
    code = text.strip().replace(".", "").replace(" ", "").upper()
    if len(code) > LONGEST_CODE or not _CODE.fullmatch(code):
        raise InvalidInput(
            "CODE_MALFORMED",
            f'code: "{printable(text, 30)}" has not the shape of a code; letters A-Z and digits are expected, '
            f"at most {LONGEST_CODE} of them, with or without the dot.",
            metadata={"field": "code"},
        )
    return code


def dotted(system: str, code: str) -> str:
    """The code as it is written: ICD-10-CM with a dot after the third character."""
    if system == "icd10cm" and len(code) > 3 and "-" not in code:
        return f"{code[:3]}.{code[3:]}"
    return code


def printable(text: str, limit: int) -> str:
    """The text fit to be quoted in a sentence: printable and cut to a length."""
    shown = "".join(c for c in text if c.isprintable())
    return shown if len(shown) <= limit else f"{shown[:limit]}…"
