"""What the lexicon is worth: plain BM25 over titles, with and without its readings, on the same queries in one run.

`make eval DATA=folder`. The titles are those of the Tabular List, of HCPCS Level II and ICD-10-PCS, and ours of CPT.
"""

import csv
import gzip
import os
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import simple_icd_10_cm

from services.catalog.content.loading import load_content
from services.search.lexicon import lexicon, split, words
from tests.search.bm25 import Bm25
from tests.search.coder_queries import coder_queries
from tests.search.evaluation import Figures, Find, figures, index_queries

FUSION = 60
"""Ranks of several lists become one by reciprocal rank fusion (Cormack, Clarke, Buettcher 2009)."""


def titles(data: Path) -> Iterator[tuple[str, str, str]]:
    """Give system, code and title of every code."""
    for code in simple_icd_10_cm.get_all_codes(with_dots=False):
        yield "icd10cm", code, simple_icd_10_cm.get_description(code)
    with gzip.open(data / "hcpcs/hcpcs_level2_2024-07.csv.gz", "rt", encoding="utf-8") as lines:
        yield from (("hcpcs", row["hcpcs_code"], row["long"]) for row in csv.DictReader(lines))
    with zipfile.ZipFile(data / "icd10pcs/2026-icd-10-pcs-order-file.zip") as archive:
        order = next(name for name in archive.namelist() if name.endswith("order_2026.txt"))
        for line in archive.read(order).decode("latin-1").splitlines():
            yield "icd10pcs", line[6:13].strip(), line[77:]
    yield from (
        ("cpt", text.code.code, text.code.heading) for text in load_content().texts if text.code.system == "cpt"
    )


def with_lexicon(data: Path) -> Find:
    """BM25 over words in their normal form, asked for the query and for each of its readings."""
    baseline = Bm25((system, code, " ".join(words(title))) for system, code, title in titles(data))

    def find(query: str, system: str) -> Sequence[str]:
        typed = split(query)
        normal = [word.normal for word in typed]
        lists = [baseline.find(" ".join(normal), system)]
        for reading in lexicon().readings(typed):
            read = [*normal[: reading.start], *reading.words, *normal[reading.end :]]
            lists.append(baseline.find(" ".join(read), system))
        scores: dict[str, float] = defaultdict(float)
        for codes in lists:
            for rank, code in enumerate(codes, 1):
                scores[code] += 1 / (FUSION + rank)
        return sorted(scores, key=lambda code: -scores[code])

    return find


def main() -> None:
    """Print the figures."""
    folder = os.environ.get("DATA")
    if not folder:
        print("lexicon: DATA names no folder of official files, so there is nothing to search.")
        return
    data = Path(folder)
    finders = {"plain BM25": Bm25(titles(data)).find, "with lexicon": with_lexicon(data)}
    queries = coder_queries()
    for name, find in finders.items():
        print(f"{name:>13}  coder queries   {figures(queries, find)}")
        for kind in dict.fromkeys(query.kind for query in queries):
            of_kind: Figures = figures([query for query in queries if query.kind == kind], find)
            print(f"{'':>13}  {kind:<14}  {of_kind}")
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    for name, find in finders.items():
        print(f"{name:>13}  index queries   {figures(index_queries(data)[::every], find)}")


if __name__ == "__main__":
    main()
