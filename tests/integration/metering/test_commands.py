"""The operators' commands, as an operator runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import yaml
from psycopg.conninfo import make_conninfo

from tests.integration.metering.conftest import Fleet, guest

ROOT = Path(__file__).parents[3]


class Console:
    """Runs commands with the environment of one metering."""

    def __init__(self, fleet: Fleet) -> None:
        settings = fleet.settings()
        names = ("database_url", "events_url", "listen", "internal_token_jwks_file")
        given = {name.upper(): str(getattr(settings, name)) for name in names}
        self.environment = {**os.environ, **given, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "protos")])}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "services.metering", *words]
        return subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )


@pytest.fixture
async def console(fleet: Fleet) -> Console:
    """A console beside a service that has started and granted a page."""
    metering = await fleet.start()
    await metering.consume(guest("g"), "A00")
    return Console(fleet)


def test_reconcile_says_that_the_books_agree(console: Console) -> None:
    done = console.run("reconcile")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "1 principals and 1 ledger entries compared, 0 differences.\n"


def test_reconcile_prints_every_difference_and_ends_with_one(console: Console, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("UPDATE reader SET used = 2")
    done = console.run("reconcile", "guest:g")
    assert done.returncode == 1
    assert "guest:g: window 0: the ledger has 1 used" in done.stdout


def test_a_policy_that_was_shown_and_edited_is_put_in_force(console: Console, tmp_path: Path) -> None:
    shown = console.run("policy", "show")
    assert shown.returncode == 0, shown.stderr
    document = yaml.safe_load(shown.stdout)
    document["tiers"]["guest"]["pages"] = 3
    file = tmp_path / "policy.yaml"
    file.write_text(yaml.safe_dump(document))
    put = console.run("policy", "put", str(file))
    assert put.stdout.startswith("Version 2 is in force"), put.stderr
    assert yaml.safe_load(console.run("policy", "show").stdout)["tiers"]["guest"]["pages"] == 3
    assert yaml.safe_load(console.run("policy", "show", "1").stdout)["tiers"]["guest"]["pages"] == 1


def test_a_policy_that_is_wrong_is_refused_in_a_sentence(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    for text, sentence in (
        ("tiers: [", "is no YAML"),
        ("tiers: {}\nnetwork_guests_per_day: 1", "missing guest, free, pro, partner"),
    ):
        file.write_text(text)
        done = console.run("policy", "put", str(file))
        assert done.returncode == 2
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr


def test_a_database_without_the_schema_is_told_in_a_sentence(console: Console, database_url: str) -> None:
    console.environment["DATABASE_URL"] = make_conninfo(database_url, options="-c search_path=nowhere")
    for words in (["reconcile"], ["policy", "show"], []):  # the last one serves
        done = console.run(*words)
        assert done.returncode == 1
        assert "has not the newest schema" in done.stderr
        assert "`migrate`" in done.stderr
        assert "Traceback" not in done.stderr
