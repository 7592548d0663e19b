"""Import of ICD-10-CM: seconds, peak memory, and the ratio to a COPY of the same rows into the same indexed table.

Each import runs in a process of its own into an empty database, and is followed by the COPY into another one; the
medians of the rounds are compared. `python tests/bench/bench_import.py [ROUNDS]`.
"""

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import psycopg

from services.catalog import migrations
from services.catalog.imports.packaged import packaged_files
from services.catalog.imports.run import import_file
from shared.database import Database, migrate
from tests.servers.postgres import create_database, drop_database
from tests.servers.run import Run

KIND = "icd10cm-tabular"
ROUNDS = 3


def main(rounds: int) -> None:
    """Run the rounds on a PostgreSQL of their own and print the figures."""
    run = Run.begin()
    try:
        server = run.get("postgres").address
        results = [one_round(server) for _ in range(rounds)]
    finally:
        run.end()
    imports = statistics.median(result["import_seconds"] for result in results)
    copies = statistics.median(result["copy_seconds"] for result in results)
    print(f"rows                      {results[0]['rows']:,.0f}")
    print(f"import                    {imports:.2f} s (median of {rounds})")
    print(f"COPY of the same rows     {copies:.2f} s (same table, same indexes, one transaction)")
    print(f"ratio import / COPY       {imports / copies:.2f}")
    print(f"peak memory of the import {max(result['peak_mb'] for result in results):.0f} MB (whole process)")
    print(f"of which before it began  {results[0]['before_mb']:.0f} MB")


def one_round(server: str) -> dict[str, float]:
    """Import in a process of its own, then COPY what it wrote into a fresh database."""
    names = [f"bench_{uuid.uuid4().hex[:8]}" for _ in range(2)]
    try:
        urls = [create_database(server, name) for name in names]
        for url in urls:
            migrate(url, Path(migrations.__path__[0]))
        done = subprocess.run(
            [sys.executable, __file__, "--import", urls[0]], capture_output=True, text=True, check=True
        )
        return {**json.loads(done.stdout.splitlines()[-1]), **copy_seconds(*urls)}
    finally:
        for name in names:
            drop_database(server, name)


def copy_seconds(imported: str, empty: str) -> dict[str, float]:
    """How long a plain COPY of the imported rows takes, its file read from disk."""
    with tempfile.TemporaryFile() as file:
        with psycopg.connect(imported) as conn, conn.cursor().copy("COPY code TO STDOUT") as out:
            for part in out:
                file.write(part)
        file.seek(0)
        began = time.perf_counter()
        with psycopg.connect(empty) as conn:
            cursor = conn.cursor()
            with cursor.copy("COPY code FROM STDIN") as copy:
                while part := file.read(1 << 18):
                    copy.write(part)
            rows = cursor.rowcount
        return {"copy_seconds": time.perf_counter() - began, "rows": rows}


def import_alone(url: str) -> None:
    """Be the process of one import, and print its figures."""

    async def work() -> float:
        database = Database(url)
        await database.open()
        ((_, paths),) = [(kind, paths) for kind, paths in packaged_files() if kind == KIND]
        began = time.perf_counter()
        await import_file(database, KIND, paths, imported_by="bench")
        seconds = time.perf_counter() - began
        await database.close()
        return seconds

    before = _peak_mb()
    print(json.dumps({"before_mb": before, "import_seconds": asyncio.run(work()), "peak_mb": _peak_mb()}))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["--import"]:
        import_alone(sys.argv[2])
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS)
