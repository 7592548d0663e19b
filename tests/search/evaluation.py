"""Figures of finding: hit@1, hit@10, MRR@10 and zero-hit rate, over queries with gold codes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.search.coder_queries import CoderQuery

Find = Callable[[str, str], Sequence[str]]
"""Gives codes for a query within a code system, or within all when it is empty, best first."""
LOOKED_AT = 10
INDEX_QUERIES = "search/index_queries_dev.tsv"


class Query(Protocol):
    """A query with what it should find."""

    @property
    def text(self) -> str:
        """What is typed."""
        ...

    @property
    def system(self) -> str:
        """The code system that is looked in."""
        ...

    def counts(self, code: str) -> bool:
        """Whether a found code is right."""
        ...


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of some queries; shares of one."""

    queries: int
    hit_1: float
    hit_10: float
    mrr_10: float
    zero_hits: float

    def __str__(self) -> str:
        """The figures on a line."""
        return (
            f"{self.queries:>6} queries  hit@1 {self.hit_1:.3f}  hit@10 {self.hit_10:.3f}"
            f"  MRR@10 {self.mrr_10:.3f}  zero-hit {self.zero_hits:.3f}"
        )


def figures(queries: Iterable[Query], find: Find) -> Figures:
    """Ask every query and count."""
    ranks: list[int] = []
    empty = 0
    for query in queries:
        found = list(find(query.text, query.system))[:LOOKED_AT]
        empty += not found
        ranks.append(next((place for place, code in enumerate(found, 1) if query.counts(code)), 0))
    count = max(len(ranks), 1)
    return Figures(
        queries=len(ranks),
        hit_1=sum(rank == 1 for rank in ranks) / count,
        hit_10=sum(rank > 0 for rank in ranks) / count,
        mrr_10=sum(1 / rank for rank in ranks if rank) / count,
        zero_hits=empty / count,
    )


def index_queries(data: Path) -> list[CoderQuery]:
    """Give the Alphabetic Index's paths with the code each leads to."""
    lines = (data / INDEX_QUERIES).read_text(encoding="utf-8").splitlines()
    pairs = [line.rsplit("\t", 1) for line in lines if "\t" in line]
    return [CoderQuery("index", text, "icd10cm", gold) for text, gold in pairs]
