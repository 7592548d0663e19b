"""What is read: the key under which a code page is counted. Whether such a code exists is the catalog's knowledge."""

import re
from typing import NamedTuple

from shared.errors import InvalidInput

SYSTEMS = ("icd10cm", "icd10pcs", "icd9cm", "icd9pcs", "hcpcs", "cpt", "cdt", "modifier", "pos")
"""The code systems of the platform."""

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,15}")


class Content(NamedTuple):
    """System and undotted code: reading the same key again inside a window is free."""

    system: str
    code: str


def content_of(system: str, code: str) -> Content:
    """Give the key, checked; InvalidInput says which part is wrong."""
    if system not in SYSTEMS:
        raise InvalidInput("CONTENT_INVALID", f"content.system: {system[:40]!r} is none of {', '.join(SYSTEMS)}.")
    if not _CODE.fullmatch(code):
        raise InvalidInput(
            "CONTENT_INVALID", f"content.code: {code[:40]!r} is no code in capitals without its dot, such as E119."
        )
    return Content(system, code)
