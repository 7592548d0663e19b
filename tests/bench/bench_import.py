"""Imports of code sets: seconds, peak memory, and the ratio to a COPY of the same rows into the same indexed tables.

Each import runs in a process of its own into an empty database, and is followed by the COPY into another one; the
medians of the rounds are compared. The Tabular List comes from a package, the other kinds from a folder of real data.
`DATA=folder python tests/bench/bench_import.py [--rounds N] [KIND ...]`.
"""

import argparse
import asyncio
import json
import os
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
from psycopg import sql

from services.catalog import migrations
from services.catalog.imports.packaged import packaged_files
from services.catalog.imports.registry import importer_of
from services.catalog.imports.run import import_file
from services.catalog.rows import COLUMNS
from shared.database import Database, migrate
from tests.real_files import CODE_SETS, files_of
from tests.servers.postgres import create_database, drop_database
from tests.servers.run import Run

PACKAGED = "icd10cm-tabular"
ROUNDS = 3


def main(kinds: list[str], rounds: int) -> None:
    """Run the rounds on a PostgreSQL of their own and print a line a kind."""
    run = Run.begin()
    print(f"{'kind':20} {'rows':>9} {'import':>9} {'COPY':>9} {'ratio':>7} {'peak':>8} {'before':>8}")
    try:
        server = run.get("postgres").address
        for kind in kinds:
            results = [one_round(server, kind) for _ in range(rounds)]
            imports = statistics.median(result["import_seconds"] for result in results)
            copies = statistics.median(result["copy_seconds"] for result in results)
            peak = max(result["peak_mb"] for result in results)
            print(
                f"{kind:20} {results[0]['rows']:9,.0f} {imports:7.2f} s {copies:7.2f} s {imports / copies:7.2f} "
                f"{peak:5.0f} MB {results[0]['before_mb']:5.0f} MB"
            )
    finally:
        run.end()
    print(f"medians of {rounds}; peak of the whole process, and before the import began")


def one_round(server: str, kind: str) -> dict[str, float]:
    """Import in a process of its own, then COPY what it wrote into a fresh database."""
    names = [f"bench_{uuid.uuid4().hex[:8]}" for _ in range(2)]
    try:
        urls = [create_database(server, name) for name in names]
        for url in urls:
            migrate(url, Path(migrations.__path__[0]))
        done = subprocess.run(
            [sys.executable, __file__, "--import", urls[0], kind], capture_output=True, text=True, check=True
        )
        return {**json.loads(done.stdout.splitlines()[-1]), **copy_seconds(kind, *urls)}
    finally:
        for name in names:
            drop_database(server, name)


def copy_seconds(kind: str, imported: str, empty: str) -> dict[str, float]:
    """How long a plain COPY of the imported rows takes, table after table, their files read from disk."""
    seconds, rows = 0.0, 0
    for table in COLUMNS:
        with tempfile.TemporaryFile() as file:
            with psycopg.connect(imported) as conn, conn.cursor().copy(_copy(table, "TO STDOUT")) as out:
                for part in out:
                    file.write(part)
            if not file.tell():
                continue
            file.seek(0)
            began = time.perf_counter()
            with psycopg.connect(empty) as conn:
                cursor = conn.cursor()
                with cursor.copy(_copy(table, "FROM STDIN")) as copy:
                    while part := file.read(1 << 18):
                        copy.write(part)
                rows += cursor.rowcount if table == importer_of(kind).subject else 0
            seconds += time.perf_counter() - began
    return {"copy_seconds": seconds, "rows": rows}


def _copy(table: str, direction: str) -> sql.Composed:
    """A partitioned table has no rows of its own, so its rows are selected."""
    name = sql.Identifier(table)
    source = sql.SQL("(SELECT * FROM {})").format(name) if direction.startswith("TO") else name
    return sql.SQL("COPY {} {}").format(source, sql.SQL(direction))


def import_alone(url: str, kind: str) -> None:
    """Be the process of one import, and print its figures."""

    async def work() -> float:
        database = Database(url)
        await database.open()
        if kind == PACKAGED:
            ((_, paths),) = [(each, paths) for each, paths in packaged_files() if each == kind]
        else:
            paths = files_of(Path(os.environ["DATA"]), kind)
        began = time.perf_counter()
        await import_file(database, kind, paths, imported_by="bench")
        seconds = time.perf_counter() - began
        await database.close()
        return seconds

    before = _peak_mb()
    print(json.dumps({"before_mb": before, "import_seconds": asyncio.run(work()), "peak_mb": _peak_mb()}))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def arguments() -> argparse.Namespace:
    """What was asked for: every kind that there are files of, or some."""
    known = [PACKAGED, *(CODE_SETS if os.environ.get("DATA") else ())]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(known)}")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    asked.kinds = asked.kinds or known
    return asked


if __name__ == "__main__":
    if sys.argv[1:2] == ["--import"]:
        import_alone(*sys.argv[2:4])
    else:
        asked = arguments()
        main(asked.kinds, asked.rounds)
