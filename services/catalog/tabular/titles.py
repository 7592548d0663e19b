"""What the titles of ICD-10-CM say of a code by the conventions of the Official Guidelines FY 2026."""

import re
from enum import Enum

_MANIFESTATION = re.compile(
    r"\bin (?:[\w-]+ ){0,4}(?:diseases?|conditions|reactions) classified elsewhere", re.IGNORECASE
)
_DRUGS = re.compile(r"T(?:3[6-9]|4[0-9]|50)")
_OTHER_SUBSTANCES = re.compile(r"T(?:5[1-9]|6[0-5])")


class Toxicity(Enum):
    """How a substance came to harm the patient (I.C.19.e.5)."""

    ADVERSE_EFFECT = "Adverse effect of "
    POISONING = "Poisoning by "
    UNDERDOSING = "Underdosing of "
    TOXIC_EFFECT = "Toxic effect of "


_OF_DRUGS = (Toxicity.ADVERSE_EFFECT, Toxicity.POISONING, Toxicity.UNDERDOSING)


def is_manifestation(title: str) -> bool:
    """Whether a title marks a code that is never first-listed (I.A.13)."""
    return bool(_MANIFESTATION.search(title))


def toxicity(code: str, title: str) -> Toxicity | None:
    """What a code of T36 to T65 tells; None for others, and for categories whose title holds several."""
    if _OTHER_SUBSTANCES.match(code):
        return Toxicity.TOXIC_EFFECT
    if not _DRUGS.match(code):
        return None
    return next((kind for kind in _OF_DRUGS if title.startswith(kind.value)), None)
