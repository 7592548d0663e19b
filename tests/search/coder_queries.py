"""Queries of coders with the codes they mean, by class."""

import csv
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "queries.tsv"


@dataclass(frozen=True, slots=True)
class CoderQuery:
    """What a coder types and what has to be found."""

    kind: str
    """code, prefix, title, order-free, plural, typo, abbreviation, lay, uk, negation, laterality, drug, procedure,
    chart or supply."""
    text: str
    system: str
    gold: str
    """A code; with a dash behind it, it or any code below it."""

    def counts(self, code: str) -> bool:
        """Whether a found code, with its dot or without, is the right one."""
        found, gold = code.replace(".", ""), self.gold.replace(".", "")
        return found.startswith(gold[:-1]) if gold.endswith("-") else found == gold


def coder_queries() -> list[CoderQuery]:
    """Give all queries in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return [CoderQuery(row["class"], row["query"], row["system"], row["gold"]) for row in rows]
