"""An entry of a code set as search keeps it, and the release that it is of."""

from dataclasses import dataclass
from datetime import date

import msgspec

Key = tuple[str, str]
"""System and undotted code."""

SYSTEMS = ("icd10cm", "icd10pcs", "cpt", "hcpcs", "cdt", "modifier", "pos", "icd9cm", "icd9pcs")
"""In the order in which equally good results of several systems stand."""


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A code, header, block or chapter, in the newest edition that holds it; kept as an array of its fields in JSON."""

    system: str
    code: str
    display: str
    title: str
    official: bool = True
    terms: tuple[str, ...] = ()
    """Inclusion terms, as published."""
    names: tuple[str, ...] = ()
    """Our one-line names, and short official ones."""
    summary: str = ""
    billable: bool = True
    has_page: bool = True
    has_children: bool = False
    ancestors: tuple[str, ...] = ()
    """From the root down to its parent."""
    first_day: date | None = None
    last_day: date | None = None
    successors: tuple[str, ...] = ()
    release: str = ""
    """The release's id."""
    ordinal: int = 0
    paths: tuple[str, ...] = ()
    """Paths of the indexes of ICD-10-CM that lead to it, where an operator loaded them."""

    @property
    def key(self) -> Key:
        """System and code."""
        return self.system, self.code

    def valid_on(self, day: date) -> bool:
        """Whether the code is valid on a day, as far as is known."""
        return not (self.first_day and day < self.first_day) and not (self.last_day and self.last_day < day)


@dataclass(frozen=True, slots=True)
class Release:
    """A release that entries are of."""

    id: str
    kind: str
    title: str
    edition: str
    effective_from: date | None = None
    effective_to: date | None = None
