"""A server that cannot be had skips a test, with the reason counted; where it is required, the test fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.chromium import find_chromium
from tests.servers.source import NotAvailableError

ROOT = Path(__file__).parents[3]
TWO_TESTS = """
def test_first(chromium_path): pass
def test_second(chromium_path): pass
def test_data(data_dir): pass
"""


def run_tests(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    file = folder / "test_browser.py"
    file.write_text(TWO_TESTS)
    kept = {
        name: value for name, value in os.environ.items() if name not in ("REQUIRE_SERVERS", "REQUIRE_DATA", "DATA")
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", file],
        cwd=ROOT, env={**kept, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_missing_server_skips_and_is_counted_by_its_reason(tmp_path: Path) -> None:
    done = run_tests(tmp_path, CHROMIUM_PATH="/nowhere")
    assert done.returncode == 0, done.stdout
    assert "3 skipped" in done.stdout
    assert "2 x needs chromium: CHROMIUM_PATH names /nowhere" in done.stdout
    assert "1 x needs data: DATA names no folder" in done.stdout


def test_a_required_server_that_is_missing_fails(tmp_path: Path) -> None:
    done = run_tests(tmp_path, CHROMIUM_PATH="/nowhere", REQUIRE_SERVERS="kafka, chromium", REQUIRE_DATA="1")
    assert done.returncode == 1
    assert "skipped" not in done.stdout
    assert "needs chromium" in done.stdout
    assert "needs data" in done.stdout


def test_a_browser_in_the_environment_is_taken_before_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM_PATH", sys.executable)
    assert find_chromium() == Path(sys.executable)
    monkeypatch.setenv("CHROMIUM_PATH", "/nowhere")
    with pytest.raises(NotAvailableError, match="/nowhere"):
        find_chromium()
