"""Finds the ICD-10-CM codes that a note of the Tabular List names."""

import re
from functools import lru_cache

_CODE = re.compile(r"\b([A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?)(?![0-9A-Z])", re.ASCII)


@lru_cache(maxsize=20_000)
def codes_in(text: str) -> tuple[str, ...]:
    """Undotted codes in the order of the text, each once; ranges give both ends, "S06.1-" gives S061.

    A word of three capitals has the shape of a category too; whoever asks looks up which of them exist.
    """
    found = (match.replace(".", "") for match in _CODE.findall(text))
    return tuple(dict.fromkeys(code for code in found if any(c.isdigit() for c in code)))
