"""Import of a quarter's PTP edits: seconds, peak memory, ratios to a COPY, and what readers notice of it.

The import runs in a process of its own, beside a reader that draws the facts of pages from the same database. Then the
same rows are copied by a plain COPY into the same indexed table of another database, and into a table without any
index. `DATA=folder python tests/bench/bench_ncci_import.py [ROUNDS]`.
"""

import asyncio
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import psycopg

from services.catalog import migrations
from services.catalog.adapters.library import PostgresLibrary
from services.catalog.imports.run import import_file
from shared.database import Database, migrate
from tests.servers.postgres import create_database, drop_database
from tests.servers.run import Run

KIND = "ncci-ptp"
FILE = "ncci/ncci_ptp_prac_2024-07-01.csv.gz"
ROUNDS = 3
PAUSE = 0.01
CALM = 2.0
INDEXES = (
    "CREATE INDEX ON copied (column_1, column_2)",
    "CREATE INDEX ON copied (column_2, column_1)",
)


def main(rounds: int) -> None:
    """Run the rounds on a PostgreSQL of their own and print the figures."""
    data = os.environ.get("DATA", "")
    if not (Path(data) / FILE).is_file():
        print(f"skipped: DATA names no folder that holds {FILE}")
        return
    run = Run.begin()
    try:
        results = [one_round(run.get("postgres").address, Path(data) / FILE) for _ in range(rounds)]
    finally:
        run.end()
    seconds = {name: statistics.median(result[name] for result in results) for name in ("import", "indexed", "bare")}
    print(f"rows                               {results[0]['rows']:,.0f}")
    print(f"import                             {seconds['import']:.2f} s (median of {rounds})")
    print(f"COPY into the same indexed table   {seconds['indexed']:.2f} s, ratio {ratio(results, 'indexed')}")
    print(f"COPY into a table without index    {seconds['bare']:.2f} s, ratio {ratio(results, 'bare')}")
    print(f"peak memory of the import          {max(r['peak_mb'] for r in results):.0f} MB (whole process)")
    print(f"of which before it began           {results[0]['before_mb']:.0f} MB")
    calm, busy = (max(result[name] for result in results) for name in ("calm_p99", "busy_p99"))
    print(f"facts of a page, p99               {calm:.1f} ms before the import, {busy:.1f} ms during it")


def ratio(results: list[dict[str, float]], name: str) -> str:
    """The import's time to another one's, of each round."""
    ratios = [result["import"] / result[name] for result in results]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def one_round(server: str, file: Path) -> dict[str, float]:
    """Import in a process of its own while pages are read, then COPY what it wrote into a fresh database."""
    names = [f"bench_{uuid.uuid4().hex[:8]}" for _ in range(2)]
    try:
        urls = [create_database(server, name) for name in names]
        migrate(urls[0], Path(migrations.__path__[0]))
        figures = asyncio.run(import_beside_readers(urls[0], file))
        return {**figures, **copy_seconds(*urls)}
    finally:
        for name in names:
            drop_database(server, name)


async def import_beside_readers(url: str, file: Path) -> dict[str, float]:
    """The figures of an import and of readers before and during it."""
    database = Database(url)
    await database.open()
    try:
        await import_file(database, "house", [], imported_by="bench")
        waits = await reads(database, asyncio.create_task(asyncio.sleep(CALM)))
        process = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--import", url, str(file), stdout=asyncio.subprocess.PIPE
        )
        told = asyncio.create_task(process.communicate())
        busy = await reads(database, told)
        lines = (await told)[0].decode().splitlines()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, "import")
        return {**json.loads(lines[-1]), "calm_p99": p99(waits), "busy_p99": p99(busy)}
    finally:
        await database.close()


async def reads(database: Database, until: "asyncio.Task[object]") -> list[float]:
    """Milliseconds that each page's facts took, one page after the other until a task is done."""
    library = PostgresLibrary(database)
    async with database.connection() as conn:
        codes = await (await conn.execute("SELECT system, code FROM code WHERE has_page ORDER BY code")).fetchall()
    waits: list[float] = []
    for code in itertools.cycle(codes):
        if until.done():
            return waits
        began = time.perf_counter()
        releases = await library.releases_in_force()
        await library.facts(releases, code["system"], code["code"], datetime.now(UTC).date())
        waits.append((time.perf_counter() - began) * 1_000)
        await asyncio.sleep(PAUSE)
    return waits


def p99(waits: list[float]) -> float:
    """The wait that one in a hundred exceeds."""
    return statistics.quantiles(waits, n=100)[-1]


def copy_seconds(imported: str, empty: str) -> dict[str, float]:
    """How long a plain COPY of the imported rows takes, its file read from disk, with and without indexes."""
    with tempfile.TemporaryFile() as file:
        with psycopg.connect(imported) as conn, conn.cursor().copy("COPY (SELECT * FROM ncci_ptp) TO STDOUT") as out:
            for part in out:
                file.write(part)
            table = 'CREATE TABLE copied (release_id text, column_1 text COLLATE "C", column_2 text COLLATE "C",'
        seconds = {}
        for name, indexes in (("indexed", INDEXES), ("bare", ())):
            with psycopg.connect(empty) as conn:
                conn.execute(
                    f'{table} effective_from date, deleted_on date, prior_1996 boolean, modifier_indicator "char",'
                    " rationale smallint)"
                )
                for index in indexes:
                    conn.execute(index)
            file.seek(0)
            began = time.perf_counter()
            with psycopg.connect(empty) as conn:
                cursor = conn.cursor()
                with cursor.copy("COPY copied FROM STDIN") as copy:
                    while part := file.read(1 << 18):
                        copy.write(part)
                rows = cursor.rowcount
            seconds[name] = time.perf_counter() - began
            with psycopg.connect(empty) as conn:
                conn.execute("DROP TABLE copied")
    return {**seconds, "rows": rows}


def import_alone(url: str, file: Path) -> None:
    """Be the process of one import, and print its figures."""

    async def work() -> float:
        database = Database(url)
        await database.open()
        began = time.perf_counter()
        await import_file(database, KIND, [file], imported_by="bench")
        seconds = time.perf_counter() - began
        await database.close()
        return seconds

    before = _peak_mb()
    print(json.dumps({"before_mb": before, "import": asyncio.run(work()), "peak_mb": _peak_mb()}))


def _peak_mb() -> float:
    """Of this program; what getrusage says is inherited from whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["--import"]:
        import_alone(sys.argv[2], Path(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS)
