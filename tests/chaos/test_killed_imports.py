"""Imports of a running platform whose processes are killed at random moments: readers notice nothing, a retry works."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.e2e.platform import Platform, lay_prepared, started_platform
from tests.unit.catalog.small_ptp import ptp_text

pytestmark = pytest.mark.long
API = "/api/v1/operator/imports"
KILLS = 4
PAGE = "/api/v1/codes/icd10cm/E11.9"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform of its own."""
    state = tmp_path_factory.mktemp("killed") / "state"
    lay_prepared(state)
    with started_platform(state) as running:
        yield running


def within(seconds: float, holds: Callable[[], Any], what: str) -> Any:
    """What a look gives as soon as it gives anything."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        found = holds()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


def process_of(platform: Platform, job_id: str) -> psutil.Process | None:
    """The process of an import, while it runs."""
    for child in psutil.Process(platform.pid).children(recursive=True):
        try:
            if job_id in child.cmdline():
                return child
        except psutil.Error:
            continue
    return None


def test_killed_imports_are_told_and_tried_again_while_pages_serve(platform: Platform, tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - moments
    codes = [f"{10_000 + n}" for n in range(500)]
    rows = [f"{a}\t{b}\t\t20200101\t*\t1\tInvented" for a in codes for b in codes if a != b]
    file = tmp_path / "ccipra-v323r0-f1.txt"
    file.write_text(ptp_text(*rows), encoding="latin-1", newline="")
    headers = {"Authorization": f"Bearer {platform.token('ops', 'operator')}"}
    with httpx.Client(base_url=platform.url, headers=headers, timeout=60) as operator:

        def job(job_id: str) -> dict[str, Any]:
            assert operator.get(PAGE).status_code == 200
            found: dict[str, Any] = operator.get(f"{API}/{job_id}").json()
            return found

        def ended(job_id: str) -> dict[str, Any]:
            found: dict[str, Any] = within(
                90, lambda: (now := job(job_id))["state"] in {"done", "failed"} and now, "the import ends"
            )
            return found

        with file.open("rb") as content:
            sent = operator.post(API, headers=_once(), data={"reason": "a kill"}, files={"file": (file.name, content)})
        (ordered,) = sent.json()["imports"]
        job_id = ordered["job_id"]
        for _ in range(KILLS):
            victim = within(60, lambda: process_of(platform, job_id), "the import runs")
            time.sleep(chance.uniform(0, 4))  # the moment of the kill
            try:
                victim.kill()
            except psutil.NoSuchProcess:
                break
            killed = ended(job_id)
            if killed["state"] == "done":
                break
            assert "signal SIGKILL" in killed["told"]
            landed = operator.get("/api/v1/releases", params={"kind": "ncci-ptp"}).json()["releases"]
            assert [release["entries"] for release in landed] in ([], [len(rows)]), "nothing, or whole before its word"
            retried = operator.post(f"{API}/{job_id}/retry", headers=_once(), json={"reason": "once more"})
            assert retried.status_code == 200, retried.text
        done = ended(job_id)
        assert done["state"] == "done", done
        assert done["entries"] == len(rows)
        (release,) = operator.get("/api/v1/releases", params={"kind": "ncci-ptp"}).json()["releases"]
        assert release["in_force"]
        uploads = platform.state / "uploads"
        within(90, lambda: [path.name for path in uploads.iterdir()] == ["name"], "no file is left")


def _once() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(16)}
