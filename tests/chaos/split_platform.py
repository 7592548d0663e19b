"""The split platform under test: started, its processes killed one by one, and whatever nobody restarts restarted."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import psycopg

from deploy.local.keys import Keys
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.state import State
from tests.chaos.counting import GROUP
from tests.servers.ports import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 300.0
SUPERVISED = ("catalog", "metering", "search", "gateway")


class SplitPlatform:
    """`python -m deploy.local --split` on a state folder, and a consumer beside it."""

    def __init__(self, folder: Path) -> None:
        """Take an empty folder."""
        self.state = State(folder / "state")
        self._log_file = folder / "platform.log"
        self._port = free_port()
        self.url = f"http://localhost:{self._port}"
        self.postgres = EmbeddedPostgres(self.state.postgres, self.state.run)
        self._launcher: subprocess.Popen[bytes] | None = None
        self._counter: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the launcher and wait until the gateway is ready."""
        with self._log_file.open("ab") as output:
            self._launcher = subprocess.Popen(
                [sys.executable, "-m", "deploy.local", "--split"],
                env={**os.environ, "STATE": str(self.state.folder), "PORT": str(self._port)},
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        self.wait_ready()

    def start_counter(self) -> None:
        """Start the consumer beside the platform."""
        with self._log_file.open("ab") as output:
            self._counter = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.counting"],
                env={
                    **os.environ,
                    "DATABASE_URL": self.postgres.url(GROUP),
                    "EVENTS_URL": self.postgres.events_url,
                },
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip

    def wait_ready(self) -> None:
        """Wait until the gateway says that it is ready."""
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends:
            assert self._launcher is None or self._launcher.poll() is None, self.said()
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).is_success:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"not ready within {START_SECONDS} s: {self.said()}")

    def kill(self, victim: str) -> None:
        """Kill -9 a process; what no supervisor starts again is started again here."""
        if victim == "launcher":
            assert self._launcher
            self._launcher.kill()
            self._launcher.wait()
            self.start()
        elif victim == "counter":
            assert self._counter
            self._counter.kill()
            self._counter.wait()
            self.start_counter()
        elif victim == "postgres":
            server = psutil.Process(int((self.state.postgres / "postmaster.pid").read_text().split()[0]))
            sessions = server.children()
            server.kill()
            psutil.wait_procs([server, *sessions], timeout=30)
        else:
            os.kill(self.pid(victim), signal.SIGKILL)

    def pid(self, service: str) -> int:
        """The process of a service, once it has one."""
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            try:
                number = int((self.state.run / f"{service}.pid").read_text())
                if psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
                    return number
            except (OSError, ValueError, psutil.NoSuchProcess):
                pass
            time.sleep(0.05)
        raise AssertionError(f"{service} has no process: {self.said()}")

    def token(self, account: str) -> str:
        """An access token of an account."""
        return Keys(self.state.keys).access_token(account, (), self.url)

    def query(self, database: str, statement: str) -> list[tuple[object, ...]]:
        """Rows of a database of the platform."""
        with psycopg.connect(self.postgres.url(database)) as connection:
            return connection.execute(statement.encode()).fetchall()

    def import_house(self, content: Path) -> bool:
        """Import the house's content as an operator does; False when what was killed just then kept it from landing."""
        done = subprocess.run(
            [sys.executable, "-m", "deploy.local", "exec", "catalog",
             sys.executable, "-m", "services.catalog", "import", "house", str(content)],
            env={**os.environ, "STATE": str(self.state.folder), "PORT": str(self._port)},
            cwd=ROOT, capture_output=True, check=False,
        )  # fmt: skip
        return done.returncode == 0

    def reconcile(self) -> subprocess.CompletedProcess[str]:
        """Compare metering's ledger, counters and grants by its own command."""
        return subprocess.run(
            [sys.executable, "-m", "deploy.local", "exec", "metering",
             sys.executable, "-m", "services.metering", "reconcile"],
            env={**os.environ, "STATE": str(self.state.folder), "PORT": str(self._port)},
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def said(self) -> str:
        """The last of what the processes said."""
        return self._log_file.read_text(errors="replace")[-3000:]

    def stop(self) -> None:
        """Stop everything."""
        if self._counter:
            self._counter.kill()
            self._counter.wait()
        if self._launcher and self._launcher.poll() is None:
            self._launcher.terminate()
            try:
                self._launcher.wait(60)
            except subprocess.TimeoutExpired:
                self._launcher.kill()
                self._launcher.wait()
        self._end_leftovers()
        self.postgres.start()  # takes a server over that somebody else started
        self.postgres.stop()

    def _end_leftovers(self) -> None:
        """End what a killed launcher left behind."""
        for service in SUPERVISED:
            with contextlib.suppress(OSError, ValueError, psutil.NoSuchProcess):
                process = psutil.Process(int((self.state.run / f"{service}.pid").read_text()))
                process.kill()
                process.wait(30)
