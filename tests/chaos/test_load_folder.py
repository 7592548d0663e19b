"""The whole folder of official files loads by one line into a running platform, which serves on, and a stopped one."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.platform import ROOT, started_platform

pytestmark = pytest.mark.long
PATHS = ("/codes/icd10cm/E11.9", "/codes/cpt/96365", "/search?q=E11", "/browse/icd10cm", "/codes/icd10cm/I10", "/edits")
KINDS = {
    "icd10cm-guidelines", "icd10cm-order", "icd10cm-index", "icd10cm-conversion", "icd10cm-poa", "icd10pcs-order",
    "icd9cm", "gems", "hcpcs", "ncci-ptp/practitioner", "ncci-ptp/outpatient", "ncci-mue/practitioner",
    "ncci-mue/outpatient", "ncci-mue/dme", "ncci-aoc", "pfs-rvu",
}  # fmt: skip
NOT_IMPORTED = {
    "README.md", "codiesp_dev_en.jsonl.gz", "codiesp_train_en.jsonl.gz", "ncci_policy_manual_2026.txt.gz",
    "2019-HCPCS-Record-Layout.zip", "index_queries_dev.tsv", "cms_coverage_api_openapi.json.gz",
}  # fmt: skip
LARGEST_MB = 400
SLOWEST_SECONDS = 10.0
"""Of any page, on a machine of two cores that other work shares."""


class Reader(threading.Thread):
    """Reads pages one after the other, as fast as a patient person, and notes how long each took."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url
        self.seconds: list[float] = []
        self.statuses: set[int] = set()
        self._stop_asked = threading.Event()

    def run(self) -> None:
        with httpx.Client(base_url=self._url, timeout=30, follow_redirects=True) as client:
            number = 0
            while not self._stop_asked.wait(0.1):
                begun = time.perf_counter()
                self.statuses.add(client.get(PATHS[number % len(PATHS)]).status_code)
                self.seconds.append(time.perf_counter() - begun)
                number += 1

    def stop(self) -> list[float]:
        self._stop_asked.set()
        self.join()
        return sorted(self.seconds)


def load(state: Path, folder: Path) -> tuple[int, str, int]:
    """What `make load` runs: its status, its words, and the most memory of any process of it in MB."""
    command = [sys.executable, "-m", "deploy.local", "exec", "catalog"]
    command += [sys.executable, "-m", "services.catalog", "load", str(folder)]
    environment = os.environ | {"STATE": str(state), "COLUMNS": "400"}
    run = subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    peak = 0
    watched = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not watched.wait(0.2):
            try:
                children = psutil.Process(run.pid).children(recursive=True)
                sizes = [c.memory_info().rss for c in children if "services.catalog" in " ".join(c.cmdline())]
            except psutil.Error:
                continue
            peak = max(peak, *sizes, 0)

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    words, _ = run.communicate(timeout=900)
    watched.set()
    watching.join()
    return run.returncode, words, peak // 2**20


@pytest.mark.timeout(900)
def test_every_file_loads_without_a_finding_while_pages_serve(
    tmp_path: Path, data_dir: Path, record_property: Callable[[str, object], None]
) -> None:
    state = tmp_path / "state"
    with started_platform(state) as platform:
        reader = Reader(platform.url)
        reader.start()
        begun = time.monotonic()
        status, words, peak = load(state, data_dir)
        took = time.monotonic() - begun
        seconds = reader.stop()
        releases = httpx.get(f"{platform.url}/api/v1/releases", timeout=30).json()["releases"]
    told = {line.removeprefix("Not recognised: ").rstrip(".") for line in words.splitlines() if "Not recogn" in line}
    assert (status, told) == (0, NOT_IMPORTED), words[-3000:]
    assert "Nothing was imported" not in words
    in_force = {f"{r['kind']}/{r['setting']}".rstrip("/"): r["entries"] for r in releases if r["in_force"]}
    assert set(in_force) >= KINDS
    assert (in_force["ncci-ptp/practitioner"], in_force["ncci-ptp/outpatient"]) == (2_546_017, 1_775_818)
    assert in_force["icd10cm-order"] == 98_186
    assert reader.statuses == {200}
    figures = {
        "load_seconds": round(took), "peak_mb": peak, "pages": len(seconds),
        "p50_ms": round(1000 * seconds[len(seconds) // 2]), "p99_ms": round(1000 * seconds[int(len(seconds) * 0.99)]),
        "slowest_ms": round(1000 * seconds[-1]),
    }  # fmt: skip
    for name, figure in figures.items():
        record_property(name, figure)
    print(figures)
    assert peak < LARGEST_MB
    assert seconds[-1] < SLOWEST_SECONDS

    status, words, _ = load(state, data_dir)  # stopped now, and everything is loaded already
    assert status == 0, words[-3000:]
    imports = words.count("Loaded: ")
    assert f"{imports} of {imports} imports are loaded." in words
    assert "release published" not in words
