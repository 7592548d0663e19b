"""What is wrong with a machine is said in one sentence with what to do."""

import socket
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from deploy.local.problems import Problem, full_disk_told, in_a_sentence, require_free_port, require_room
from deploy.local.state import State


class Usage(NamedTuple):
    """As shutil.disk_usage answers."""

    total: int
    used: int
    free: int


def test_a_taken_port_is_named_with_another_to_choose() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Problem, match=f"Port {port} is taken.*PORT={port + 1}"):
            require_free_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Problem, match="set HOST to an address of this machine"):
        require_free_port("192.0.2.1", 8080)


def test_a_nearly_full_disk_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.local.problems.shutil.disk_usage", lambda _: Usage(10**10, 10**10, 10**6))
    with pytest.raises(Problem, match=r"0\.0 GB free.*STATE=/some/folder"):
        require_room(tmp_path / "not" / "there" / "yet")


def test_a_disk_that_fills_up_is_told_apart_from_other_errors(tmp_path: Path) -> None:
    assert "is full: make room" in in_a_sentence(OSError(28, "No space left on device"), tmp_path)
    assert "Permission denied" in in_a_sentence(OSError(13, "Permission denied", "x"), tmp_path)


def test_a_database_that_has_no_room_is_told_as_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Problem, match="is full: make room and start again"), full_disk_told(tmp_path):
        raise psycopg.errors.DiskFull("could not extend file")
    with pytest.raises(psycopg.OperationalError, match="for another reason"), full_disk_told(tmp_path):
        raise psycopg.OperationalError("for another reason")
    monkeypatch.setattr("deploy.local.problems.shutil.disk_usage", lambda _: Usage(10**10, 10**10, 10**6))
    with pytest.raises(Problem, match="is full"), full_disk_told(tmp_path):
        raise psycopg.OperationalError("server closed the connection unexpectedly")


def test_two_platforms_cannot_share_a_folder(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.create()
    with state.locked():
        assert State(tmp_path).is_running()
        with pytest.raises(Problem, match="Another platform already runs"), State(tmp_path).locked():
            pass
    assert not State(tmp_path).is_running()


def test_commands_beside_a_running_platform_know_its_address_and_no_older_one(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.create()
    assert state.address() == ""
    with state.locked():
        state.tell_address("http://localhost:8123")
        assert State(tmp_path).address() == "http://localhost:8123"
    assert State(tmp_path).address() == ""


def test_sockets_move_to_a_short_folder_when_the_path_is_too_long(tmp_path: Path) -> None:
    deep = State(tmp_path / ("x" * 60) / ("y" * 60))
    assert len(deep.socket("metering")) < 107
    assert deep.run != State(tmp_path / ("x" * 60) / ("z" * 60)).run
