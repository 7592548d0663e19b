"""Claim edits: a claim of 30 lines inside the service, a batch of 10,000 claims there and over gRPC, and the memory.

DATA=folder takes the real files (NCCI and fee schedule, practitioners, July 2024; ICD-10-CM FY 2026 for diagnoses);
without it edits of pairs in the same number are made up, and the other tables are absent. Beside
the time of a claim stands the same question asked by SQL, one statement a claim, on the same rows and indexes.
`DATA=folder python tests/bench/bench_edits.py [CLAIMS]`.
"""

import asyncio
import csv
import gzip
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil
import psycopg
from codingahead.catalog.v1 import edits_pb2 as pb
from codingahead.catalog.v1 import edits_pb2_grpc
from google.type.date_pb2 import Date

from services.catalog import migrations
from services.catalog.adapters.edit_tables import PostgresEditTables
from services.catalog.adapters.other_editions import PostgresOtherEditions
from services.catalog.adapters.query import rows_of
from services.catalog.edits.checker import Checker
from services.catalog.edits.claim import Claim, Line, Setting
from services.catalog.edits.diagnoses import DiagnosisBook
from services.catalog.edits.finding import Kind
from services.catalog.edits.keeper import Keeper
from services.catalog.imports.importer import Choices
from services.catalog.imports.packaged import packaged_files
from services.catalog.imports.run import import_file
from shared.database import Database, migrate
from shared.identity import Kind as PrincipalKind
from shared.identity import Principal
from shared.memory import settle_memory
from shared.rpc.client import invoke
from tests.running_catalog import running_catalog
from tests.servers.postgres import create_database, drop_database
from tests.servers.run import Run

CLAIMS, LINES, BATCH, A_CALL, DAY = 2_000, 30, 10_000, 100, date(2024, 7, 15)
MADE_UP_CODES, MADE_UP_ROWS, ACTIVE = 13_000, 2_546_017, 0.656
CHOICES = Choices(setting="practitioner", effective_from=date(2024, 7, 1), effective_to=date(2024, 9, 30))
_QUARTER = Choices(effective_from=date(2024, 7, 1), effective_to=date(2024, 9, 30))
CHOICES_OF = {"icd10cm-tabular": _QUARTER, "ncci-aoc": _QUARTER, "pfs-rvu": _QUARTER}
"""Of kinds without settings; the Tabular List is taken as one of the day, which changes none of its work."""
DIAGNOSES = 400
_SQL = """
    SELECT column_1, column_2, modifier_indicator::text, deleted_on FROM ncci_ptp
    WHERE release_id = %s AND column_1 = ANY (%s) AND column_2 = ANY (%s) AND modifier_indicator <> '9'
      AND (deleted_on IS NULL OR deleted_on >= %s) AND (effective_from IS NULL OR effective_from <= %s)
"""


def main(claims: int) -> None:
    """Load a database of its own and print the figures."""
    run = Run.begin()
    try:
        server = run.get("postgres").address
        names = ("bench_edits", "bench_edits_events")
        urls = [create_database(server, name) for name in names]
        try:
            migrate(urls[0], Path(migrations.__path__[0]))
            with tempfile.TemporaryDirectory(prefix="bench") as folder:
                asyncio.run(_measure(urls[0], urls[1], Path(folder), claims))
        finally:
            for name in names:
                drop_database(server, name)
    finally:
        run.end()


async def _measure(url: str, events_url: str, folder: Path, claims: int) -> None:
    database = Database(url)
    await database.open()
    files = _files(folder)
    for kind, paths in files.items():
        await import_file(database, kind, paths, imported_by="bench", choices=CHOICES_OF.get(kind, CHOICES))
    diagnoses = await _diagnoses(database)
    codes = sorted({row[place] for row in _rows(files["ncci-ptp"][0]) if not row[2] for place in (0, 1)})
    before = _rss()
    keeper = Keeper(PostgresEditTables(database))
    began = time.perf_counter()
    await keeper.refresh()
    print(f"tables load into memory     {time.perf_counter() - began:.1f} s")
    print(f"memory of the tables        {_rss() - before:.0f} MB (process {_rss():.0f} MB, at most {_peak():.0f} MB)")
    chance = random.Random(1)  # noqa: S311 - repeatable
    thirty = [
        _claim(chance.sample(codes, LINES), chance.sample(diagnoses, min(12, len(diagnoses)))) for _ in range(claims)
    ]
    settle_memory()  # a round of the collector over claims made ahead, which no service holds, took 40 ms
    checker = Checker(keeper, DiagnosisBook(PostgresOtherEditions(database)))
    await _one_by_one(checker, thirty, url)
    await _batch(checker, [_claim(chance.sample(codes, chance.choice((1, 2, 3, 5, 8)))) for _ in range(BATCH)])
    await _over_grpc(url, events_url, [chance.sample(codes, chance.choice((1, 2, 3, 5, 8))) for _ in range(BATCH)])
    await database.close()


async def _one_by_one(checker: Checker, claims: Sequence[Claim], url: str) -> None:
    times, busy, found = [], [], 0
    for claim in claims:
        began, worked = time.perf_counter(), time.process_time()
        (answer,) = await checker.check([claim])
        times.append(time.perf_counter() - began)
        busy.append(time.process_time() - worked)
        found += sum(1 for finding in answer.findings if finding.kind is Kind.PTP)
    asked, rows = _by_sql(url, claims[: max(50, len(claims) // 10)])
    p50, p99 = _at(times, 50), _at(times, 99)
    print(
        f"a claim of {LINES} lines         p50 {p50:.3f} ms, p99 {p99:.3f} ms ({found / len(claims):.1f} pairs found)"
    )
    print(f"of that its own CPU time    p50 {_at(busy, 50):.3f} ms, p99 {_at(busy, 99):.3f} ms")
    print(f"the same pairs by SQL       p50 {_at(asked, 50):.3f} ms, p99 {_at(asked, 99):.3f} ms ({rows:.1f} rows)")
    print(f"ratio to SQL                {p50 / _at(asked, 50):.3f} at p50")


def _by_sql(url: str, claims: Sequence[Claim]) -> tuple[list[float], float]:
    times, rows = [], 0
    with psycopg.connect(url, autocommit=True) as conn:
        found = conn.execute("SELECT id FROM release WHERE kind = 'ncci-ptp' AND in_force").fetchone()
        release = found[0] if found else ""
        for claim in claims:
            codes = [line.code for line in claim.lines]
            began = time.perf_counter()
            rows += len(conn.execute(_SQL, (release, codes, codes, DAY, DAY), prepare=True).fetchall())
            times.append(time.perf_counter() - began)
    return times, rows / len(claims)


async def _batch(checker: Checker, claims: Sequence[Claim]) -> None:
    began = time.perf_counter()
    for start in range(0, len(claims), A_CALL):
        await checker.check(claims[start : start + A_CALL])
    print(f"a batch inside the service  {len(claims) / (time.perf_counter() - began):,.0f} claims/s")


async def _over_grpc(url: str, events_url: str, claims: Sequence[Sequence[str]]) -> None:
    events_url = events_url.replace("postgresql://", "postgres://", 1)
    caller = Principal(PrincipalKind.SERVICE, "bench", frozenset({"service"}))
    async with running_catalog(url, events_url, caller) as (channel, token):
        bearer = token()
        stub: edits_pb2_grpc.EditsServiceAsyncStub = edits_pb2_grpc.EditsServiceStub(channel)
        calls = [
            pb.CheckEditsRequest(claims=[_message(codes) for codes in claims[start : start + A_CALL]])
            for start in range(0, len(claims), A_CALL)
        ]
        await invoke(stub.CheckEdits, calls[0], timeout=120, token=bearer)
        began = time.perf_counter()
        for call in calls:
            await invoke(stub.CheckEdits, call, timeout=60, token=bearer)
        rate = len(claims) / (time.perf_counter() - began)
        print(f"a batch over gRPC           {rate:,.0f} claims/s ({A_CALL} a call)")


async def _diagnoses(database: Database) -> list[str]:
    """A few hundred complete codes; none where ICD-10-CM was not imported."""
    async with database.connection() as conn:
        rows = await rows_of(
            conn,
            "SELECT code FROM code WHERE system = 'icd10cm' AND reportable ORDER BY hashtext(code) LIMIT %(most)s",
            {"most": DIAGNOSES},
        )
    return [row["code"] for row in rows]


def _claim(codes: Sequence[str], diagnoses: Sequence[str] = ()) -> Claim:
    lines = tuple(Line(number, code, 1, DAY, DAY) for number, code in enumerate(codes, 1))
    return Claim("c", Setting.PRACTITIONER, DAY, lines, tuple(diagnoses), place_of_service="11")


def _message(codes: Sequence[str]) -> pb.Claim:
    return pb.Claim(
        id="c",
        setting=pb.CLAIM_SETTING_PRACTITIONER,
        date=Date(year=DAY.year, month=DAY.month, day=DAY.day),
        lines=[pb.ClaimLine(code=code, units=1) for code in codes],
    )


def _files(folder: Path) -> dict[str, list[Path]]:
    data = os.environ.get("DATA")
    if data:
        ncci, pfs = Path(data) / "ncci", Path(data) / "pfs"
        return {
            "icd10cm-tabular": dict(packaged_files())["icd10cm-tabular"],
            "ncci-ptp": [ncci / "ncci_ptp_prac_2024-07-01.csv.gz"],
            "ncci-mue": [ncci / "ncci_mue_prac_2024-07.csv.gz"],
            "ncci-aoc": [ncci / "ncci_aoc_2024-07.csv.gz"],
            "pfs-rvu": [pfs / "pfs_rvu_amt_2024-07.csv.gz", pfs / "pfs_rvu_ind_2024-07.csv.gz"],
        }
    path = folder / "ncci_ptp_prac_2024-07-01.csv.gz"
    chance = random.Random(2)  # noqa: S311 - repeatable
    with gzip.open(path, "wt", compresslevel=1, newline="") as file:
        out = csv.writer(file)
        out.writerow(("column_1", "column_2", "deletion_date", "modifier_indicator", "rationale"))
        pairs: set[tuple[int, int]] = set()
        while len(pairs) < MADE_UP_ROWS:
            one, two = sorted((chance.randrange(MADE_UP_CODES), chance.randrange(MADE_UP_CODES)))
            if one != two and (one, two) not in pairs:
                pairs.add((one, two))
                deleted = "" if chance.random() < ACTIVE else "2019-12-31"
                out.writerow((f"{one + 10_000}", f"{two + 10_000}", deleted, chance.choice("01"), "Made up"))
    return {"ncci-ptp": [path]}


def _rows(path: Path) -> list[list[str]]:
    with gzip.open(path, "rt", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return [row for row in rows if hash(row[0] + row[1]) % 8 == 0]


def _at(times: Sequence[float], percent: int) -> float:
    return statistics.quantiles(times, n=100)[percent - 1] * 1000


def _rss() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else CLAIMS)
