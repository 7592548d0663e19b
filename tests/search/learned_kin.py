"""Learns which words titles say for words of terms, and writes them for search: `python -m tests.search.learned_kin`.

Model 1 of Brown et al. 1993 (Computational Linguistics 19:2) on pairs of texts that mean one thing: inclusion terms of
ICD-10-CM with the titles that they stand under, and titles of ICD-9-CM with those of the codes that the General
Equivalence Mappings (2018) lead to, and further names of codes as `gathered_names` gathers them. The Alphabetic Index
is no part of it. DATA names the folder of official files, ICD9CM_TABULAR the Tabular List of ICD-9-CM as plain text.
"""

import asyncio
import csv
import gzip
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from services.search.entry import Entry
from services.search.lexicon.kinship import FOLDER
from services.search.words import terms_of
from tests.search.gathered_names import MOST_WORDS, Name, gathered
from tests.search.loaded import official_entries

ROUNDS = 6
NOTHING = ""
"""What words of a title stand for that no word of the other text gave."""
LEAST_SHARE, LEAST_SEEN = 0.1, 2
_SMALLEST = 1e-4
Pair = tuple[Sequence[str], Sequence[str], float]
"""A text, a title, and what the pair counts."""


def learned(pairs: Sequence[Pair]) -> Iterator[tuple[str, str, float]]:
    """Give words with other words that titles say for them, and the share of what titles say that each is."""
    shares: dict[tuple[str, str], float] = defaultdict(lambda: 1.0)
    seen: dict[str, float] = {}
    for _ in range(ROUNDS):
        counts: dict[tuple[str, str], float] = defaultdict(float)
        seen = defaultdict(float)
        for text, title, worth in pairs:
            for said in title:
                total = sum(shares[word, said] for word in text)
                for word in text:
                    part = worth * shares[word, said] / total
                    counts[word, said] += part
                    seen[word] += part
        found = {(word, said): count / seen[word] for (word, said), count in counts.items()}
        shares = defaultdict(lambda: _SMALLEST**2, {each: share for each, share in found.items() if share > _SMALLEST})
    for (word, said), share in shares.items():
        if word not in (NOTHING, said) and share >= LEAST_SHARE and seen[word] >= LEAST_SEEN:
            yield word, said, share


def pairs_of(entries: Iterable[Entry], mappings: Iterable[str]) -> Iterator[Pair]:
    """The pairs of some entries and of lines of the mapping from ICD-9-CM."""
    titles = {entry.key: entry.title for entry in entries}
    for entry in entries:
        if entry.system == "icd10cm" and "-" not in entry.code and len(entry.code) < 7:  # 7th characters repeat titles
            yield from (_pair(term, entry.title, 1.0) for term in entry.terms)
    targets: dict[str, list[str]] = defaultdict(list)
    for line in mappings:
        source, target, flags = line.split()
        if flags[1] == "0":  # there is a target
            targets[source].append(target)
    for source, codes in targets.items():
        text = titles.get(("icd9cm", source), "")
        known = [titles["icd10cm", code] for code in codes if text and ("icd10cm", code) in titles]
        yield from (_pair(text, title, 1 / len(codes)) for title in known)


def of_names(names: Iterable[Name], entries: Iterable[Entry], pairs: Iterable[Pair]) -> Iterator[Pair]:
    """The pairs of further names with the titles of their codes, those that are not among others already."""
    titles = {entry.code: entry.title for entry in entries if entry.system == "icd10cm" and "-" not in entry.code}
    had = {(tuple(text), tuple(title)) for text, title, _ in pairs}
    for name in names:
        pair = _pair(name.text, titles.get(name.code, ""), 1.0)
        sides = tuple(pair[0]), tuple(pair[1])
        if pair[1] and len(pair[0]) <= MOST_WORDS + 1 and sides not in had:
            had.add(sides)
            yield pair


def _pair(text: str, title: str, worth: float) -> Pair:
    return [*dict.fromkeys(terms_of(text)), NOTHING], list(dict.fromkeys(terms_of(title))), worth


async def main(data: Path, icd9cm: Path) -> None:
    """Learn from the files of a folder, and write."""
    entries = await official_entries(data)
    with gzip.open(data / "icd10cm" / "2018_I9gem.txt.gz", "rt", encoding="ascii") as lines:
        pairs = list(pairs_of(entries, lines))
    pairs += of_names(gathered(entries, data, icd9cm), entries, pairs)
    rows = sorted((word, said, f"{share:.2f}") for word, said, share in learned(pairs))
    with (FOLDER / "learned.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("word", "other", "share"), *rows])
    print(f"{len(rows):,} rows learned from {len(pairs):,} pairs")


if __name__ == "__main__":
    asyncio.run(main(Path(os.environ["DATA"]), Path(os.environ["ICD9CM_TABULAR"])))
