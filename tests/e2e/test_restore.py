"""A backup of a platform that people have read on, restored into an empty folder: the same grants, ledger and pages."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from deploy.local.backup import MANIFEST
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.state import State
from tests.e2e.platform import ROOT, Platform, started_platform
from tests.polling import found_by_search

CODES = ("icd10cm/E11.9", "icd10cm/I10", "cpt/99213")
TABLES = {"metering": ("reader", "page_grant", "counter", "ledger"), "catalog": ("release",)}

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the database's own user may enter."""
    path = Path(tempfile.mkdtemp(prefix="restore-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def test_a_backup_taken_while_the_platform_runs_comes_back_whole(folder: Path) -> None:
    first, again, backup = folder / "first", folder / "again", folder / "backup.tar.gz"
    guest = httpx.Cookies()
    with started_platform(first) as platform:
        before = _read(platform, guest)
        _make("backup", first, backup)
        rows = _rows(first)
    _make("restore", again, backup)
    shutil.rmtree(first)
    with started_platform(again) as platform:
        assert _rows(again) == rows
        assert _read(platform, guest) == before
        assert _rows(again) == rows, "reading again is free after a restore, too"
        page = httpx.get(f"{platform.url}/codes/icd10cm/E11.9", cookies=guest)
    assert [granted for _, granted in before] == [True, False, False, True, True, True]
    assert rows["page_grant"]
    assert rows["ledger"]
    assert (page.status_code, "E11.9" in page.text) == (200, True)
    assert "holds state already" in _make("restore", again, backup, fails=True)
    older = folder / "older"
    _make("restore", older, _without_search(backup, folder / "older.tar.gz"))
    with started_platform(older) as platform:
        assert _rows(older) == rows
        assert "E11.9" in found_by_search(platform.url, "E11.9").text, "its index is of no backup, and is built anew"


def _without_search(backup: Path, older: Path) -> Path:
    """The backup as a version wrote it that had no search."""
    with tarfile.open(backup) as whole, tarfile.open(older, "w:gz") as less:
        for member in whole.getmembers():
            content = whole.extractfile(member)
            assert content
            text = content.read()
            if member.name == MANIFEST:
                manifest = json.loads(text)
                del manifest["sha256"]["search.dump"]
                text = json.dumps(manifest).encode()
                member.size = len(text)
            if member.name != "search.dump":
                less.addfile(member, io.BytesIO(text))
    return older


def _read(platform: Platform, guest: httpx.Cookies) -> list[tuple[str, bool]]:
    """What a guest and an account are granted of the codes; the guest keeps its cookie."""
    account = {"Authorization": f"Bearer {platform.token('alice')}"}
    outcome = []
    with httpx.Client(base_url=platform.url, cookies=guest) as one, httpx.Client(base_url=platform.url) as other:
        for client, headers in ((one, {}), (other, account)):
            for code in CODES:
                answer = client.get(f"/api/v1/codes/{code}", headers=headers)
                assert answer.status_code in (200, 429), answer.text
                outcome.append((code, answer.status_code == 200))
        guest.update(one.cookies)
    return outcome


def _make(target: str, state: Path, file: Path, *, fails: bool = False) -> str:
    """The operator's command."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", target, str(file)],
        env={**os.environ, "STATE": str(state)}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode != 0) == fails, done.stderr
    return done.stderr


def _rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the tables that must come back."""
    state = State(folder)
    postgres = EmbeddedPostgres(state.postgres, state.run)
    found = {}
    for database, tables in TABLES.items():
        with psycopg.connect(postgres.url(database)) as connection:
            for table in tables:
                found[table] = connection.execute(f"SELECT * FROM {table} ORDER BY {table}".encode()).fetchall()
    return found
