"""The whole of the real payment tables lands without a finding, and says what a straight scan of the files says."""

import csv
import gzip
import random
from collections import defaultdict
from pathlib import Path

import pytest

from services.catalog.imports.run import import_file
from shared.database import Database

pytestmark = pytest.mark.long
PAIRS = 2_000
ROWS = {
    ("ncci-ptp", "practitioner"): (["ncci/ncci_ptp_prac_2024-07-01.csv.gz"], 2_546_017),
    ("ncci-ptp", "outpatient"): (["ncci/ncci_ptp_out_2024-07-01.csv.gz"], 1_775_818),
    ("ncci-mue", "practitioner"): (["ncci/ncci_mue_prac_2024-07.csv.gz"], 14_677),
    ("ncci-mue", "outpatient"): (["ncci/ncci_mue_out_2024-07.csv.gz"], 14_628),
    ("ncci-mue", "dme"): (["ncci/ncci_mue_dme_2024-07.csv.gz"], 2_928),
    ("ncci-aoc", ""): (["ncci/ncci_aoc_2024-07.csv.gz"], 7_465),
    ("pfs-rvu", ""): (["pfs/pfs_rvu_amt_2024-07.csv.gz", "pfs/pfs_rvu_ind_2024-07.csv.gz"], 18_664),
}


@pytest.mark.parametrize(("slot", "rows"), [(slot, rows) for slot, (_, rows) in ROWS.items()])
async def test_a_real_table_lands_whole(database: Database, data_dir: Path, slot: tuple[str, str], rows: int) -> None:
    paths = [data_dir / name for name in ROWS[slot][0]]
    release = await import_file(database, slot[0], paths, imported_by="tester")
    assert (release.setting, release.edition, release.entries) == (slot[1], "July 2024", rows)


async def test_edits_are_stored_as_they_stand_in_the_file(database: Database, data_dir: Path) -> None:
    path = data_dir / ROWS["ncci-ptp", "practitioner"][0][0]
    release = await import_file(database, "ncci-ptp", [path], imported_by="tester")
    expected: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="ascii", newline="") as lines:
        for column_1, column_2, *rest in csv.reader(lines):
            expected[column_1, column_2].append(tuple(rest))
    del expected["column_1", "column_2"]
    chosen = random.Random(1).sample(sorted(expected), PAIRS)  # noqa: S311 - a sample, not a secret
    several = [pair for pair, rows in expected.items() if len(rows) > 1][:PAIRS]
    async with database.connection() as conn:
        for pair in (*chosen, *several):
            cursor = await conn.execute(
                "SELECT coalesce(deleted_on::text, ''), modifier_indicator::text, text, effective_from, prior_1996"
                " FROM ncci_ptp p JOIN ncci_ptp_rationale r ON r.release_id = p.release_id AND r.id = p.rationale"
                " WHERE p.release_id = %s AND column_1 = %s AND column_2 = %s",
                (release.id, *pair),
            )
            found = [tuple(row.values()) for row in await cursor.fetchall()]
            assert sorted(row[:3] for row in found) == sorted(expected[pair])
            assert {row[3:] for row in found} == {(None, None)}, "the file has no first days"
        cursor = await conn.execute(
            "SELECT code, as_column_1, as_column_2 FROM ncci_ptp_code WHERE release_id = %s", (release.id,)
        )
        counted = {row["code"]: (row["as_column_1"], row["as_column_2"]) for row in await cursor.fetchall()}
    active: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for pair, rows in expected.items():
        for place, code in enumerate(pair):
            active[code][place] += sum(1 for deleted, indicator, _ in rows if not deleted and indicator != "9")
    assert counted == {code: tuple(counts) for code, counts in active.items()}
