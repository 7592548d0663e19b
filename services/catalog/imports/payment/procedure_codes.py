"""The shape of the codes in Medicare's payment tables, and whose code system a shape belongs to."""

import re

_CODE = re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}", re.ASCII)
EXPECTED = "a CPT code (four digits and a digit or letter) or a HCPCS Level II code (a letter and four digits)"


def is_code(text: str) -> bool:
    """Whether a text has the shape of a CPT, HCPCS Level II or CDT code."""
    return _CODE.fullmatch(text) is not None


def system_of(code: str) -> str:
    """The code system: CPT begins with a digit, CDT with D, HCPCS Level II with another letter."""
    if code[:1].isdigit():
        return "cpt"
    return "cdt" if code.startswith("D") else "hcpcs"
