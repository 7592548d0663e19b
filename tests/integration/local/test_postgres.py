"""The embedded PostgreSQL and its backup: killed, started again, copied, damaged."""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from deploy.local.backup import load_backup, unpack_backup, write_backup
from deploy.local.keys import Keys
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.problems import Problem
from deploy.local.state import State


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's own user may enter, unlike pytest's."""
    path = Path(tempfile.mkdtemp(prefix="local-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def started(folder: Path) -> tuple[State, EmbeddedPostgres]:
    state = State(folder)
    state.create()
    Keys(state.keys).create()
    postgres = EmbeddedPostgres(state.postgres, state.run)
    postgres.start()
    return state, postgres


def test_committed_rows_survive_a_killed_server_and_the_next_start_waits_for_recovery(folder: Path) -> None:
    state, postgres = started(folder / "var")
    try:
        with psycopg.connect(postgres.url("catalog")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
        os.kill(int((state.postgres / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        EmbeddedPostgres(state.postgres, state.run).start()
        with psycopg.connect(postgres.url("catalog")) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
    finally:
        postgres.stop()


@pytest.mark.long  # the server gives its processes five seconds to end at once
def test_a_server_that_does_not_end_is_ended_and_one_that_was_left_so_is_started_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.local.postgres.ORDERLY_STOP_SECONDS", 1)
    state, postgres = started(folder / "var")
    with psycopg.connect(postgres.url("catalog")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'granted' AS word")
    server = psutil.Process(int((state.postgres / "postmaster.pid").read_text().split()[0]))
    _stuck(server)
    server.send_signal(signal.SIGINT)  # what an orderly stop sends
    EmbeddedPostgres(state.postgres, state.run).start()
    try:
        with psycopg.connect(postgres.url("catalog")) as connection:
            assert connection.execute("SELECT word FROM kept").fetchone() == ("granted",)
    finally:
        _stuck(psutil.Process(int((state.postgres / "postmaster.pid").read_text().split()[0])))
        postgres.stop()
    assert not postgres.runs()


def _stuck(server: psutil.Process) -> None:
    """Keep a server from ending in order: the process that writes its last checkpoint does nothing any more."""
    next(child for child in server.children() if "checkpointer" in " ".join(child.cmdline())).suspend()


def test_a_backup_restores_every_database_and_key_and_a_damaged_one_is_refused(folder: Path) -> None:
    state, postgres = started(folder / "var")
    backup = folder / "backup.tar.gz"
    try:
        with psycopg.connect(postgres.url("metering")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'granted' AS word")
        write_backup(state, postgres, backup)
    finally:
        postgres.stop()
    assert backup.stat().st_mode & 0o077 == 0, "a backup holds keys"

    with tempfile.TemporaryDirectory() as scratch:
        unpack_backup(backup, Path(scratch))
        again, restored = started(folder / "again")
        try:
            load_backup(Path(scratch), again, restored)
            with psycopg.connect(restored.url("metering")) as connection:
                assert connection.execute("SELECT word FROM kept").fetchone() == ("granted",)
        finally:
            restored.stop()
    assert (again.keys / "internal.jwks").read_bytes() == (state.keys / "internal.jwks").read_bytes()

    whole = backup.read_bytes()
    backup.write_bytes(whole[: len(whole) // 2])
    with tempfile.TemporaryDirectory() as scratch, pytest.raises(Problem, match="not a whole backup"):
        unpack_backup(backup, Path(scratch))


def test_an_access_token_names_the_account_and_its_roles(folder: Path) -> None:
    keys = Keys(folder)
    keys.create()
    token = keys.access_token("alice", ("operator",), "http://localhost:8080")
    public = KeySet.import_key_set(json.loads(keys.issuer_public.read_text()))
    claims = jwt.decode(token, public, algorithms=["ES256"]).claims
    assert claims["sub"] == "alice"
    assert claims["realm_access"] == {"roles": ["operator"]}
    assert claims["iss"] == "http://localhost:8080/realms/codingahead"
    assert "d" not in json.loads(keys.issuer_public.read_text())["keys"][0], "the private part stays private"
