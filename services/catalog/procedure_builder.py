"""Builds ICD-10-PCS codes from the values of their seven characters, offering only what forms a valid code.

The first three characters choose a table; each table has values of its own for the other four, and not every
combination of them is a code (ICD-10-PCS Official Guidelines A9: valid codes are the combinations of a table's rows).
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from services.catalog.holdings import sources_of
from services.catalog.records import CodeRecord, Library, ReleaseRecord
from services.catalog.systems import SYSTEMS
from shared.errors import InvalidInput, NotFound

SYSTEM = "icd10pcs"
LENGTH, TABLE_LENGTH = 7, 3
OPEN = "_"
MOST_LISTED = 50
_PATTERN = re.compile(r"[0-9A-HJ-NP-Z_]{0,7}", re.ASCII)
_USUAL = ("Section", "Body system", "Operation", "Body part", "Approach", "Device", "Qualifier")
_NAMES: Mapping[str, Sequence[str]] = {
    "2": ("Section", "Body system", "Operation", "Body region", "Approach", "Device", "Qualifier"),
    "3": ("Section", "Body system", "Operation", "Body system or region", "Approach", "Substance", "Qualifier"),
    "4": ("Section", "Body system", "Operation", "Body system", "Approach", "Function or device", "Qualifier"),
    "5": ("Section", "Body system", "Operation", "Body system", "Duration", "Function", "Qualifier"),
    "6": ("Section", "Body system", "Operation", "Body system", "Duration", "Qualifier", "Qualifier"),
    "7": ("Section", "Body system", "Operation", "Body region", "Approach", "Method", "Qualifier"),
    "8": ("Section", "Body system", "Operation", "Body region", "Approach", "Method", "Qualifier"),
    "9": ("Section", "Body system", "Operation", "Body region", "Approach", "Method", "Qualifier"),
    "B": ("Section", "Body system", "Type", "Body part", "Contrast", "Qualifier", "Qualifier"),
    "C": ("Section", "Body system", "Type", "Body part", "Radionuclide", "Qualifier", "Qualifier"),
    "D": ("Section", "Body system", "Modality", "Treatment site", "Modality qualifier", "Isotope", "Qualifier"),
    "F": ("Section", "Section qualifier", "Type", "Body system and region", "Type qualifier", "Equipment", "Qualifier"),
    "G": ("Section", "Body system", "Type", "Qualifier", "Qualifier", "Qualifier", "Qualifier"),
    "H": ("Section", "Body system", "Type", "Qualifier", "Qualifier", "Qualifier", "Qualifier"),
    "X": (
        "Section",
        "Body system",
        "Operation",
        "Body part",
        "Approach",
        "Device, substance or technology",
        "Qualifier",
    ),
}
"""What the characters tell, by section, as the heads of the official tables say; the others as `_USUAL`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that can be chosen."""

    value: str
    meaning: str
    codes: int


@dataclass(frozen=True, slots=True)
class Character:
    """One of the seven."""

    place: int
    name: str
    chosen: str
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Built:
    """What can be chosen, and what comes of it."""

    pattern: str
    characters: Sequence[Character]
    dropped: Sequence[str]
    total: int
    codes: Sequence[CodeRecord]
    table: CodeRecord | None
    release: ReleaseRecord


@dataclass(frozen=True, slots=True)
class Tables:
    """The first three characters of a release: headings of sections and body systems, and the tables."""

    headings: Mapping[str, str]
    """Names of sections and body systems, by their one or two characters."""
    tables: Mapping[str, CodeRecord]
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Codes of each table."""


class ProcedureTables(Protocol):
    """Where tables are read from."""

    async def tables(self, release_id: str) -> Tables:
        """Give every table, with what stands above it."""
        ...

    async def codes(self, release_id: str, table: str) -> Sequence[CodeRecord]:
        """Give the codes of one table, in order."""
        ...


class ProcedureBuilder:
    """Answers which values can be chosen."""

    def __init__(self, library: Library, tables: ProcedureTables) -> None:
        """Take where releases and tables are read from."""
        self._library = library
        self._tables = tables

    async def build(self, pattern: str) -> Built:
        """What can be chosen beside the values of a pattern.

        Raises:
            InvalidInput: the pattern has other characters than values and "_", or more than seven.
            NotFound: no ICD-10-PCS codes are loaded.

        """
        asked = pattern.strip().upper()
        if not _PATTERN.fullmatch(asked):
            raise InvalidInput(
                "PATTERN_WRONG",
                "pattern: up to seven values are expected, digits and letters but I and O, and _ for one that is "
                "open, such as 0DB6_ZX.",
                metadata={"field": "pattern"},
            )
        asked = asked.ljust(LENGTH, OPEN)
        release = next(iter(sources_of(SYSTEMS[SYSTEM], await self._library.releases_in_force())), None)
        if release is None:
            raise NotFound("SYSTEM_EMPTY", f"No {SYSTEMS[SYSTEM].name} codes are loaded here yet.")
        known = await self._tables.tables(release.id)
        head, dropped = _fitting(asked[:TABLE_LENGTH], list(known.tables))
        rest, codes = OPEN * (LENGTH - TABLE_LENGTH), []
        if OPEN not in head:
            codes = list(await self._tables.codes(release.id, head))
            tail, more = _fitting(asked[TABLE_LENGTH:], [code.code[TABLE_LENGTH:] for code in codes], TABLE_LENGTH)
            rest, dropped = tail, [*dropped, *more]
        else:
            dropped += [_dropped(at, value) for at, value in enumerate(asked) if at >= TABLE_LENGTH and value != OPEN]
        return _built(head + rest, dropped, known, codes, release)


def _fitting(asked: str, known: Sequence[str], offset: int = 0) -> tuple[str, list[str]]:
    """The values asked for as far as one of the known has them, from left to right, and those that none has."""
    taken, dropped = OPEN * len(asked), []
    for at, value in enumerate(asked):
        if value == OPEN:
            continue
        wider = taken[:at] + value + taken[at + 1 :]
        if any(_matches(each, wider) for each in known):
            taken = wider
        else:
            dropped.append(_dropped(at + offset, value))
    return taken, dropped


def _dropped(at: int, value: str) -> str:
    return f"{at + 1}={value}"


def _matches(text: str, pattern: str) -> bool:
    return all(wanted in {OPEN, value} for value, wanted in zip(text, pattern, strict=True))


def _built(
    pattern: str, dropped: Sequence[str], known: Tables, codes: Sequence[CodeRecord], release: ReleaseRecord
) -> Built:
    table = known.tables.get(pattern[:TABLE_LENGTH])
    matching = [code for code in codes if _matches(code.code, pattern)]
    names = _NAMES.get(pattern[0], _USUAL)
    labels: Mapping[str, Mapping[str, str]] = table.body.get("labels", {}) if table else {}
    characters = []
    for at in range(LENGTH):
        if at < TABLE_LENGTH:
            sizes = {code: known.sizes.get(code, 0) for code in known.tables}
            choices = _choices(sizes, pattern[:TABLE_LENGTH], at, _heads(known, pattern, at))
        else:
            sizes = {code.code: 1 for code in codes}
            named = labels.get(str(at + 1), {})
            choices = _choices(sizes, pattern, at, partial(_label, named))
        characters.append(Character(at + 1, names[at], pattern[at].strip(OPEN), choices))
    of_tables = sum(size for code, size in known.sizes.items() if _matches(code, pattern[:TABLE_LENGTH]))
    total = len(matching) if table else of_tables
    return Built(pattern, characters, dropped, total, matching[:MOST_LISTED], table, release)


def _label(named: Mapping[str, str], value: str) -> str:
    return named.get(value, "")


def _choices(sizes: Mapping[str, int], pattern: str, at: int, meaning: Callable[[str], str]) -> list[Choice]:
    """The values of one place that stand beside the values of the others."""
    others = pattern[:at] + OPEN + pattern[at + 1 :]
    counted: Counter[str] = Counter()
    for code, size in sizes.items():
        if _matches(code, others):
            counted[code[at]] += size
    return [Choice(value, meaning(value), counted[value]) for value in sorted(counted)]


def _heads(known: Tables, pattern: str, at: int) -> Callable[[str], str]:
    """What the values of the first three characters stand for, as far as those before them are chosen."""

    def meaning(value: str) -> str:
        before = pattern[:at]
        if OPEN in before:
            return ""
        if at < TABLE_LENGTH - 1:
            return known.headings.get(before + value, "")
        table = known.tables.get(before + value)
        return _operation(table.heading, known.headings.get(before, "")) if table else ""

    return meaning


def _operation(heading: str, body_system: str) -> str:
    """The operation in a table's title, behind the body system."""
    _, found, rest = heading.partition(f"{body_system}, ")
    return rest if found and body_system else heading
