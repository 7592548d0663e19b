"""Further names of ICD-10-CM codes: what other places of official publications call what they are for.

Notes of the Tabular List name conditions with the code they belong to, and ICD-9-CM had inclusion terms of its own,
whose codes the General Equivalence Mappings lead on. `tests/search/gathered_names.py` gathers them; every row says
where it stands.
"""

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "names" / "icd10cm.csv"
COLUMNS = ("code", "name", "source")
SYSTEM = "icd10cm"
BOOKS = {"icd10cm": "a note of ICD-10-CM at", "icd9cm": "ICD-9-CM at"}
_Names = Mapping[str, str]
_NONE: _Names = {}


def further_names(system: str, code: str) -> _Names:
    """The names of an undotted code, each with its source such as "icd9cm: 300.5"."""
    return _all().get(code, _NONE) if system == SYSTEM else _NONE


def named_where(name: str, source: str) -> str:
    """The sentence that says where a code is named so."""
    book, _, place = source.partition(": ")
    return f"“{name}” leads here by {BOOKS[book]} {place}"


@lru_cache(maxsize=1)
def _all() -> Mapping[str, _Names]:
    found: dict[str, dict[str, str]] = {}
    with FILE.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            found.setdefault(line["code"], {})[line["name"]] = line["source"]
    return found
