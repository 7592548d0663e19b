"""A running platform for the browser tests: the one-machine profile in a state folder of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.polling import found_by_search
from tests.servers.ports import free_port
from tests.servers.run import Run

START_SECONDS = 240.0
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform that answers at ``url`` and keeps its state in ``state``."""

    url: str
    state: Path
    pid: int = 0
    """The launcher's process; 0 when somebody else started it."""

    def token(self, account: str, role: str = "") -> str:
        """An access token for an account of this machine."""
        command = [sys.executable, "-m", "deploy.local", "token", "--account", account]
        command += ["--role", role] if role else []
        environment = {**os.environ, "STATE": str(self.state), "PORT": self.url.rpartition(":")[2]}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=ROOT)
        return done.stdout.strip().splitlines()[-1]


@contextmanager
def running_platform(state: Path) -> Iterator[Platform]:
    """The one-machine profile, started and stopped at the end.

    ``PLATFORM_URL`` and ``PLATFORM_STATE`` name a platform that runs already.
    """
    if "PLATFORM_URL" in os.environ:
        yield Platform(os.environ["PLATFORM_URL"], Path(os.environ["PLATFORM_STATE"]))
        return
    lay_prepared(state)
    with started_platform(state) as platform:
        yield platform


def lay_prepared(state: Path) -> None:
    """Lay what a first start has made into a new folder: loaded code sets, keys and an index."""
    made = prepared()
    state.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", made, state], check=True)  # the files stay the database's own user's


def prepared() -> Path:
    """The state of a platform that was started and stopped, to be copied.

    It is made once in a run of tests, by whoever asks first, in a minute of the processor; to take it up takes seconds.
    """
    run = Run.current()
    made = run.folder / "platform" / "state"
    with run.lock("platform"):
        if not made.with_name("done").exists():
            with started_platform(made) as platform:
                found_by_search(platform.url, "E11.9")
            made.with_name("done").touch()
    return made


@contextmanager
def started_platform(
    state: Path, *options: str, environment: Mapping[str, str] | None = None, port: int = 0
) -> Iterator[Platform]:
    """``python -m deploy.local`` with options and further settings, ready, and stopped by SIGTERM at the end."""
    port = port or free_port()
    state.parent.mkdir(parents=True, exist_ok=True)
    with (state.parent / "platform.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", *options],
            env={**os.environ, **(environment or {}), "STATE": str(state), "PORT": str(port)},
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        platform = Platform(f"http://localhost:{port}", state, process.pid)
        try:
            _await_ready(platform.url, process, Path(log.name))
            yield platform
        finally:
            status = _end(process)
    assert status == 0, f"the platform did not stop in order: {Path(log.name).read_text()[-2000:]}"


def _end(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _await_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"the platform ended at its start:\n{log.read_text()[-2000:]}")
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.25)  # between two polls; the deadline ends the wait
    raise AssertionError(f"the platform was not ready after {START_SECONDS:.0f} s:\n{log.read_text()[-2000:]}")
