"""What a service may rely on when it has a process of its own do a piece of work."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from shared.child_process import NICENESS, Ended, run_child
from tests.polling import eventually

CHILD = """
import os, sys, time
from shared.child_process import begin
job = begin()
if job == "wait":
    open(sys.argv[1], "w").write(str(os.getpid()))
    time.sleep(60)
if job == "die":
    os.kill(os.getpid(), 9)
if job == "count":
    print("one", flush=True)
    print("two")
print("niceness", os.nice(0), file=sys.stderr)
sys.exit(f"The job was {job}." if job else 0)
"""
PARENT = """
import asyncio, sys
from shared.child_process import run_child
asyncio.run(run_child(("the_child", sys.argv[1]), job="wait"))
"""


@pytest.fixture(autouse=True)
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "the_child.py").write_text(CHILD)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))


async def _pid(file: Path) -> int:
    await eventually(lambda: file.exists() and bool(file.read_text()), "the child runs", 30)
    return int(await asyncio.to_thread(file.read_text))


def _gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_a_child_gives_way_and_its_status_and_last_words_are_heard(capfd: pytest.CaptureFixture[str]) -> None:
    own = os.nice(0)
    failed = await run_child(("the_child",), job="difficult")
    assert failed == Ended(1, (f"niceness {own + NICENESS}", "The job was difficult."))
    assert (failed.words, failed.how) == ("The job was difficult.", "exit status 1")
    assert "The job was difficult." in capfd.readouterr().err
    assert (await run_child(("the_child",))).how == ""
    died = await run_child(("the_child",), job="die")
    assert (died.status, died.words, died.how) == (-signal.SIGKILL, "", "signal SIGKILL")


async def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, str(file))
    pid = await _pid(file)
    parent.kill()
    await parent.wait()
    await eventually(lambda: _gone(pid), "the child does not outlive its parent", 10)


async def test_a_child_is_killed_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    task = asyncio.create_task(run_child(("the_child", str(file)), job="wait"))
    pid = await _pid(file)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _gone(pid)


async def test_what_a_child_prints_is_heard_line_by_line(capfd: pytest.CaptureFixture[str]) -> None:
    heard: list[str] = []
    await run_child(("the_child",), job="count", heard=heard.append)
    assert heard == ["one", "two"]
    assert "one" not in capfd.readouterr().out
