"""Memory and start time of the whole platform, as ratios to a bare FastAPI application and a bare PostgreSQL.

Start times are from the command to the first code page that was served whole. The first start has an empty STATE
(everything is migrated and loaded) and later ones find their data; with `--clone` the first one is measured from a
fresh clone of this repository as well: `make run`, which installs from the package cache. Memory is that of every
process of the platform, PostgreSQL's included, after some pages were read: PSS counts a shared page once, RSS once a
process.
The baseline does the least that a platform could: one PostgreSQL of the same wheel, started on data that are there, and
one FastAPI endpoint under the same HTTP server. Run: `python tests/bench/bench_platform.py [--clone]`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.bench_code_pages import BARE
from tests.servers.ports import free_port
from tests.servers.postgres import Postgres

ROOT = Path(__file__).parents[2]
PAGE = "/codes/icd10cm/E11.9"
READ = ("/", "/browse", PAGE, "/codes/cpt/99213", "/codes/icd10cm/I10", "/api/v1/codes/icd10cm/E11.9")
LATER_STARTS = 5
FIRST_START_LIMIT, LATER_START_LIMIT = 180.0, 10.0


@dataclass(frozen=True)
class Memory:
    """Bytes of a family of processes."""

    pss: int
    rss: int
    processes: int

    def __str__(self) -> str:
        return f"PSS {self.pss / 1e6:5.0f} MB, RSS {self.rss / 1e6:5.0f} MB, {self.processes} processes"


@dataclass(frozen=True)
class Running:
    """Something that was started, and how long it took to its first page, in seconds."""

    url: str
    pid: int
    seconds: float


def main() -> None:
    """Measure and print."""
    with _folder() as folder:
        bare_start, bare_memory = _baseline(folder)
        print(f"bare FastAPI and PostgreSQL   {bare_start:6.2f} s   {bare_memory}", flush=True)
        if "--clone" in sys.argv:
            seconds = _from_a_fresh_clone(folder / "clone")
            print(f"make run in a fresh clone     {seconds:6.2f} s   (limit {FIRST_START_LIMIT:.0f} s)", flush=True)
        with _platform(folder / "var") as first:
            print(
                f"first start, empty STATE      {first.seconds:6.2f} s   (limit {FIRST_START_LIMIT:.0f} s)", flush=True
            )
        for name, options in (("one process", ()), ("split", ("--split",))):
            starts, memory = _later_starts(folder / "var", options)
            start, size = statistics.median(starts) / bare_start, memory.pss / bare_memory.pss
            print(
                f"later starts, {name:12}    {statistics.median(starts):6.2f} s   {memory}\n"
                f"    slowest {max(starts):.2f} s of {len(starts)} (limit {LATER_START_LIMIT:.0f} s);"
                f" ratio to bare: start {start:.1f}, PSS {size:.1f}",
                flush=True,
            )


def _later_starts(state: Path, options: tuple[str, ...]) -> tuple[list[float], Memory]:
    """Seconds of every start, and the memory of the last one."""
    starts = []
    for _ in range(LATER_STARTS):
        with _platform(state, *options) as running:
            starts.append(running.seconds)
            for path in READ:
                httpx.get(running.url + path, timeout=30)
            memory = _memory([running.pid, _postgres_of(state / "postgres")])
    return starts, memory


def _baseline(folder: Path) -> tuple[float, Memory]:
    """Median start and the memory of a PostgreSQL and a FastAPI process."""
    server = Postgres(folder / "bare", durable=True)
    server.start()
    server.stop()
    (folder / "body").write_bytes(b"x" * 30_000)
    (folder / "bare.py").write_text(BARE)
    starts = []
    for _ in range(LATER_STARTS):
        port = free_port()
        begun = time.perf_counter()
        server.start()
        command = [sys.executable, str(folder / "bare.py"), str(port), str(folder / "body")]
        with _process(command, f"http://127.0.0.1:{port}{PAGE}", begun) as running:
            starts.append(running.seconds)
            memory = _memory([running.pid, _postgres_of(folder / "bare" / "data")])
        server.stop()
    return statistics.median(starts), memory


@contextlib.contextmanager
def _platform(state: Path, *options: str) -> Iterator[Running]:
    port = free_port()
    begun = time.perf_counter()
    command = [sys.executable, "-m", "deploy.local", *options]
    with _process(command, f"http://localhost:{port}{PAGE}", begun, STATE=str(state), PORT=str(port)) as running:
        yield running


def _from_a_fresh_clone(clone: Path) -> float:
    """Seconds from `make run` in a fresh clone, with the package cache of this user, to the first page."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    port = free_port()
    begun = time.perf_counter()
    url = f"http://localhost:{port}{PAGE}"
    with _process(["make", "-C", str(clone), "run"], url, begun, STATE=str(clone / "var"), PORT=str(port)) as running:
        return running.seconds


@contextlib.contextmanager
def _process(command: list[str], url: str, begun: float, **environment: str) -> Iterator[Running]:
    """A process until its first page, and its orderly end."""
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _served(url):
            if process.poll() is not None:
                sys.exit(f"{' '.join(command)} ended with status {process.returncode}.")
            time.sleep(0.01)
        yield Running(url.removesuffix(PAGE), process.pid, time.perf_counter() - begun)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _served(url: str) -> bool:
    try:
        return httpx.get(url, timeout=10).status_code == 200
    except httpx.HTTPError:
        return False


def _postgres_of(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().split()[0])


def _memory(roots: list[int]) -> Memory:
    """Of these processes and all their children."""
    family = [process for root in map(psutil.Process, roots) for process in (root, *root.children(recursive=True))]
    full = [process.memory_full_info() for process in set(family)]
    return Memory(sum(each.pss for each in full), sum(each.rss for each in full), len(full))


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder that the database's own user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
