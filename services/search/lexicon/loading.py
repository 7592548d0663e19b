"""Reads terms/*.csv and refuses rows that are double, lead to another row, or say no source; names file and line."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from services.search.lexicon.row import PART_OF_A_WORD, Kind, Match, Row, Scope

FOLDER = Path(__file__).parent / "terms"
COLUMNS = ("term", "kind", "expansion", "match", "scope", "source")
SOURCE_COLUMNS = ("key", "title", "address")
_IN_WORDS = frozenset({Kind.SPELLING, Kind.PLURAL})
_APART = frozenset({Kind.ANATOMY, Kind.ICD10PCS})
"""Kinds whose terms may be expansions of others: of two words for a part, and of one that a title may say itself."""
_NOT_PLAIN = re.compile(r"(?:^|\s)(?:\s|$)|[^\S \n]")
"""Finds among the values of a row, one a line, an empty one and blanks that do not belong there; all rows are looked at
whenever a service starts.
"""


class LexiconDefects(ValueError):
    """A lexicon that is not right: every defect with file and line."""

    def __init__(self, defects: Sequence[str]) -> None:
        """Take the defects, at least one."""
        super().__init__("\n".join(defects))
        self.defects = tuple(defects)


@dataclass(frozen=True, slots=True)
class Source:
    """A public publication that rows cite."""

    key: str
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class _Placed:
    row: Row
    place: str
    """File and line."""


@lru_cache(maxsize=1)
def own_rows() -> tuple[Row, ...]:
    """Give the rows that come with the platform."""
    return load(FOLDER)


def load(folder: Path) -> tuple[Row, ...]:
    """Give the rows of a folder's files. Raises LexiconDefects."""
    defects: list[str] = []
    known = {source.key for source in sources(folder)}
    placed: list[_Placed] = []
    for file in sorted(folder.glob("*.csv")):
        if file.name != "sources.csv":
            placed += _rows(file, known, defects)
    defects += _doubles(placed)
    defects += _chains(placed)
    if defects:
        raise LexiconDefects(defects)
    return tuple(found.row for found in placed)


def sources(folder: Path = FOLDER) -> tuple[Source, ...]:
    """Give the publications that rows may cite. Raises LexiconDefects."""
    file = folder / "sources.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if tuple(reader.fieldnames or ()) != SOURCE_COLUMNS:
            raise LexiconDefects([f"{file.name}:1: the columns are {', '.join(SOURCE_COLUMNS)}"])
        found = tuple(Source(line["key"], line["title"], line["address"]) for line in reader)
    lacking = [
        f"{file.name}: {s.key or '(no key)'} has no title or address" for s in found if not (s.title and s.address)
    ]
    if lacking:
        raise LexiconDefects(lacking)
    return found


def _rows(file: Path, known: set[str], defects: list[str]) -> Iterator[_Placed]:
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            defects.append(f"{file.name}:1: the columns are {', '.join(COLUMNS)}")
            return
        for line in reader:
            place = f"{file.name}:{reader.line_num}"
            row = _row(line, place, defects)
            if row is None:
                continue
            if row.source.partition(":")[0] not in known:
                defects.append(f"{place}: “{row.source}” is no source that sources.csv lists")
            placed = _Placed(row, place)
            yield placed


def _row(line: dict[str, str], place: str, defects: list[str]) -> Row | None:
    texts = [line.get(column) or "" for column in COLUMNS]
    lines = "\n".join(texts)
    if _NOT_PLAIN.search(lines) or lines.count("\n") >= len(COLUMNS):
        defects.append(f"{place}: {_wrong(texts)}")
        return None
    term, kind, expansion, match, scope, source = texts
    try:
        row = Row(term, Kind(kind), expansion, Match(match), Scope(scope), source)
    except ValueError as error:
        defects.append(f"{place}: {error}")
        return None
    if (row.match in PART_OF_A_WORD) != (row.kind in _IN_WORDS):
        defects.append(f"{place}: a row of kind {row.kind} does not match by {row.match}")
        return None
    if row.match is Match.WITHIN and not row.system:
        defects.append(f"{place}: a row that matches within a code set is of a procedure and cites a code of it")
        return None
    return row


def _wrong(texts: Sequence[str]) -> str:
    """What is wrong with the values of a row, of which one is empty or has blanks too many."""
    for column, text in zip(COLUMNS, texts, strict=True):
        if not text:
            return f"{column} is empty"
        if text != " ".join(text.split()):
            break
    return f"{column} has blanks that do not belong there"


def _doubles(placed: Sequence[_Placed]) -> Iterator[str]:
    """A term has one row for each reading; a spelling or plural has one row."""
    first: dict[tuple[str, ...], str] = {}
    for found in placed:
        row = found.row
        key = (
            ("word", row.term.casefold()) if row.kind in _IN_WORDS else (row.term.casefold(), row.expansion.casefold())
        )
        if key in first:
            yield f"{found.place}: “{row.term}” with “{row.expansion}” stands at {first[key]} already"
        first.setdefault(key, found.place)
        if row.term.casefold() == row.expansion.casefold():
            yield f"{found.place}: “{row.term}” leads to itself"


def _chains(placed: Sequence[_Placed]) -> Iterator[str]:
    """No expansion is a term again, but within a code set: one step leads to words of a title, or the row is wrong."""
    directed = [f for f in placed if f.row.kind not in _APART and f.row.match is not Match.WITHIN]
    phrases = {f.row.term.casefold(): f.place for f in directed if f.row.kind not in _IN_WORDS}
    parts = {f.row.term.casefold(): f.place for f in directed if f.row.kind in _IN_WORDS}
    for found in directed:
        terms = parts if found.row.kind in _IN_WORDS else phrases
        if found.row.expansion.casefold() in terms:
            yield (
                f"{found.place}: “{found.row.expansion}” is itself a term, at {terms[found.row.expansion.casefold()]};"
                " write what that one leads to"
            )
