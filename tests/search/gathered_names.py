"""Gathers further names of ICD-10-CM codes and writes them for search: `python -m tests.search.gathered_names`.

Official publications name conditions with the code that they belong to in other places than that code: notes of the
Tabular List ("Excludes1: writer's cramp (F48.8)"), and titles and inclusion terms of ICD-9-CM, whose codes the General
Equivalence Mappings (2018) lead to one of ICD-10-CM each. No index is among them. DATA names the folder of official
files, ICD9CM_TABULAR the Tabular List of ICD-9-CM (Dtab12.rtf, its last edition) as plain text.
"""

import asyncio
import csv
import gzip
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from services.catalog.code_spans import spans_in
from services.catalog.imports.archives import one_member
from services.catalog.imports.defects import Defects
from services.catalog.imports.packaged import packaged_files
from services.catalog.systems import dotted
from services.catalog.tabular.entry import Entry as Listed
from services.catalog.tabular.reading import TabularReader
from services.search.entry import Entry
from services.search.lexicon.names import COLUMNS, FILE
from services.search.shelving import plainly
from services.search.words import terms_of
from tests.search.icd9cm_tabular import names_of
from tests.search.loaded import official_entries

NAMING = ("excludes1", "excludes2", "code_first", "use_additional", "code_also")
"""Notes that name conditions with their codes."""
MOST_WORDS = 10
_CODES = re.compile(r"\s*\([^()]*\b[A-Z]\d[0-9A-Z][^()]*\)\s*$")
_NO_NAME = re.compile(r"\W|(?:that|those|when|as|due|with|if|code|to|in|of|and|or|other)\b|.*[A-Z]\d\d", re.I)
_VAGUE = re.compile(r"\bother\b|unspecified|\bNEC\b|elsewhere", re.I)
_SITES = re.compile(r"1[4-9]|2[0-3]|444|45[13]|8|9[0-8]|[EV]")
"""Codes of ICD-9-CM whose terms are sites or circumstances of what stands above: neoplasms, thrombi, injuries."""
Words = frozenset[str]


class Name(NamedTuple):
    """What something calls an undotted code, and what does."""

    code: str
    text: str
    source: str


def of_notes(entries: Iterable[Listed], above: str = "") -> Iterator[Name]:
    """The names in notes that name one code each, with all that is below it."""
    for entry in entries:
        place = entry.name if entry.element != "chapter" else f"chapter {entry.name}"
        for block in entry.notes:
            for text in block.texts if block.kind in NAMING else ():
                spans = spans_in(text)
                if len(spans) == 1 and spans[0].first == spans[0].last:
                    yield Name(spans[0].first, _CODES.sub("", text).strip(), f"icd10cm: {place}")
        yield from of_notes(entry.children, place)


def of_icd9cm(names: Mapping[str, Iterable[str]], titles: Mapping[str, str], mappings: Iterable[str]) -> Iterator[Name]:
    """Titles and inclusion terms of the codes of ICD-9-CM that lead to one code; of what a title leaves open only where
    the mapping is exact.
    """
    targets: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for line in mappings:
        source, target, flags = line.split()
        if flags[1:3] == "00":  # there is a target, and it needs no other beside it
            targets[source].append((target, flags[0] == "0"))
    for code, found in targets.items():
        if len(found) != 1 or code not in titles:
            continue
        target, exact = found[0]
        source = f"icd9cm: {dotted('icd9cm', code)}"
        if exact or not _VAGUE.search(titles[code]):
            yield Name(target, titles[code], source)
        if not _SITES.match(code):
            yield from (Name(target, text, source) for text in names.get(code, ()))


def worth_keeping(found: Iterable[Name], entries: Iterable[Entry]) -> Iterator[Name]:
    """The names that lead to one code, or to some of one category, and that nothing else is called: neither what the
    list itself says already, nor a single word that it uses.
    """
    said, vocabulary = _said(entries)
    codes = {code for of in said.values() for code in of}
    leads: dict[Words, set[str]] = defaultdict(set)
    names = [name for name in found if name.code in codes]
    for name in names:
        leads[_plain(name.text)].add(name.code)
    for name in names:
        plain = _plain(name.text)
        others = said.get(plain, set())
        one = len({code[:3] for code in leads[plain]}) == 1
        known = name.code in others or not all(name.code.startswith(code) for code in others)
        alone = len(plain) == 1 and plain <= vocabulary
        if one and plain and not known and not alone and len(plain) <= MOST_WORDS:
            yield name


def _said(entries: Iterable[Entry]) -> tuple[dict[Words, set[str]], set[str]]:
    """What the list calls its codes, and the words of it."""
    said: dict[Words, set[str]] = defaultdict(set)
    vocabulary: set[str] = set()
    for entry in entries:
        for text in (entry.title, *entry.terms) if entry.system == "icd10cm" else ():
            said[_plain(text)].add(entry.code)
            said[frozenset(terms_of(text))].add(entry.code)
            vocabulary.update(terms_of(text))
    return said, vocabulary


def _plain(text: str) -> Words:
    return frozenset(terms_of(plainly(text, "icd10cm")))


def _chapters() -> Iterator[Listed]:
    paths = dict(packaged_files())["icd10cm-tabular"]
    yield from TabularReader(one_member(paths, wanted="the Tabular List's XML"), Defects()).chapters()


async def main(data: Path, icd9cm: Path) -> None:
    """Gather from the files, and write."""
    write(await official_entries(data), data, icd9cm)


def gathered(entries: Iterable[Entry], data: Path, icd9cm: Path) -> list[Name]:
    """All names of the publications, whatever they are worth."""
    titles = {entry.code: entry.title for entry in entries if entry.system == "icd9cm"}
    with gzip.open(data / "icd10cm" / "2018_I9gem.txt.gz", "rt", encoding="ascii") as lines:
        found = [*of_notes(_chapters()), *of_icd9cm(names_of(icd9cm.read_text("utf-8")), titles, lines)]
    return [name for name in found if not _NO_NAME.match(name.text)]


def write(entries: Iterable[Entry], data: Path, icd9cm: Path) -> None:
    """Write the names that are worth keeping, each once for a code, in order."""
    entries = list(entries)
    kept: dict[tuple[str, Words], Name] = {}
    for name in worth_keeping(gathered(entries, data, icd9cm), entries):
        kept.setdefault((name.code, _plain(name.text)), name)
    with FILE.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *sorted(kept.values())])
    print(f"{len(kept):,} names of {len({name.code for name in kept.values()}):,} codes")


if __name__ == "__main__":
    asyncio.run(main(Path(os.environ["DATA"]), Path(os.environ["ICD9CM_TABULAR"])))
