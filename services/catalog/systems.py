"""The code systems of the platform: their names, rights and spelling, and which import kind brings their codes."""

import re
from dataclasses import dataclass

from shared.errors import InvalidInput, NotFound

LONGEST_CODE = 64
_CODE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*", re.ASCII)


SELECTION = "house"
"""The kind that holds our own texts: a selection of codes, so that what it lacks may exist all the same."""


@dataclass(frozen=True, slots=True)
class System:
    """A code system."""

    id: str
    name: str
    sources: tuple[str, ...]
    """The import kinds whose releases hold its codes; of those that hold it whole, the one that says most first."""
    rights: str
    joined: bool = False
    """Whether each source holds codes of its own, so that all of them are listed: HCPCS and CPT modifiers."""
    licensed: tuple[str, ...] = ()
    """Import kinds that list all its codes for operators with a licence; their text makes no page by itself."""

    @property
    def whole(self) -> tuple[str, ...]:
        """The kinds that hold it whole."""
        return tuple(kind for kind in self.sources if kind != SELECTION)


_PUBLIC_DOMAIN = "is published by the Centers for Medicare & Medicaid Services and is in the public domain"
SYSTEMS = {
    system.id: system
    for system in (
        System(
            "icd10cm",
            "ICD-10-CM",
            ("icd10cm-tabular", "icd10cm-order"),
            "ICD-10-CM is published by the National Center for Health Statistics and is in the public domain in the "
            "United States; ICD-10 is copyright of the World Health Organization.",
        ),
        System(
            "cpt",
            "CPT",
            (SELECTION,),
            "CPT is copyright and a registered trademark of the American Medical Association. The texts here are our "
            "own summaries, not the CPT descriptors.",
            licensed=("cpt",),
        ),
        System(
            "hcpcs",
            "HCPCS Level II",
            ("hcpcs", SELECTION),
            "HCPCS Level II codes and descriptors are published by the Centers for Medicare & Medicaid Services and "
            "are in the public domain; D-codes are copyright of the American Dental Association and are not shown.",
        ),
        System("icd10pcs", "ICD-10-PCS", ("icd10pcs-order",), f"ICD-10-PCS {_PUBLIC_DOMAIN}."),
        System(
            "icd9cm",
            "ICD-9-CM",
            ("icd9cm",),
            "The diagnoses of ICD-9-CM are published by the National Center for Health Statistics and are in the "
            "public domain in the United States; ICD-9 is copyright of the World Health Organization.",
        ),
        System("icd9pcs", "ICD-9-CM procedures", ("icd9cm",), f"Volume 3 of ICD-9-CM {_PUBLIC_DOMAIN}."),
        System(
            "cdt",
            "CDT",
            ("cdt",),
            "CDT is copyright of the American Dental Association; its text is shown to readers who accept its licence.",
        ),
        System(
            "modifier",
            "Modifiers",
            ("hcpcs", SELECTION),
            "HCPCS Level II modifiers are published by the Centers for Medicare & Medicaid Services and are in the "
            "public domain; of CPT modifiers only our own summaries are shown.",
            joined=True,
        ),
        System("pos", "Places of service", (SELECTION,), f"The code set of places of service {_PUBLIC_DOMAIN}."),
    )
}
"""Every code system that an importer exists for, by id."""

LICENSED = frozenset({"cpt", "cdt"})
"""Systems whose official texts are shown to holders of a licence alone."""

FINAL = frozenset({"icd9cm"})
"""Kinds whose code set ended: ICD-10 took its place for services from October 1, 2015 (45 CFR 162.1002(c))."""

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


_BEFORE_DOT = {"icd10cm": 3, "icd9cm": 3, "icd9pcs": 2}


def dotted(system: str, code: str) -> str:
    """The code as it is written: ICD-10-CM E11.9, ICD-9-CM 250.00, V10.41 and E880.9, its procedures 81.54."""
    place = _BEFORE_DOT.get(system, len(code))
    if system == "icd9cm" and code.startswith("E"):
        place = 4
    if len(code) > place and "-" not in code:
        return f"{code[:place]}.{code[place:]}"
    return code


def printable(text: str, limit: int) -> str:
    """The text fit to be quoted in a sentence: printable and cut to a length."""
    shown = "".join(c for c in text if c.isprintable())
    return shown if len(shown) <= limit else f"{shown[:limit]}…"
