"""SIGTERM under load, on the whole real platform: every request that was accepted gets a whole answer."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from deploy.local.keys import Keys
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.state import State
from tests.chaos.clients import Outcome, Request, send
from tests.e2e.platform import ROOT, Platform, started_platform

STEADY, HASTY = 24, 8
"""Clients that keep their connection, and clients that open one for every request."""
STOPS = 2
LOAD_ANSWERS = 1_000
CODES = ("A00.0", "E11.9", "I10", "J44.9", "K21.9", "M54.50", "N39.0", "R07.9", "S09.0XXA", "Z00.129")

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that the database's own user may enter; the second platform finds the first one's data."""
    path = Path(tempfile.mkdtemp(prefix="drain-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.mark.parametrize("options", [(), ("--split",)], ids=["one process", "split"])
def test_sigterm_under_load_cuts_no_accepted_request(folder: Path, options: tuple[str, ...]) -> None:
    for stop in range(STOPS):
        with started_platform(folder / "state", *options) as platform:
            outcome = asyncio.run(_load_and_stop(platform, f"{stop}-{len(options)}"))
        assert outcome.cut == []
        assert set(outcome.statuses) <= {200, 429}, outcome.statuses
        assert outcome.last >= STEADY, "the platform was stopped while every steady client was reading"
        assert outcome.granted
        assert outcome.granted <= _grants(folder / "state")
    assert _reconciled(folder / "state") == 0


@pytest.mark.parametrize("service", ["metering", "catalog", "gateway"])
def test_a_service_that_is_restarted_under_load_cuts_no_accepted_request(folder: Path, service: str) -> None:
    with started_platform(folder / "state", "--split") as platform:
        outcome = asyncio.run(_load_and_restart(platform, service))
    assert outcome.cut == []
    assert set(outcome.statuses) <= {200, 429, 503}, outcome.statuses
    assert outcome.granted <= _grants(folder / "state")


async def _load_and_stop(platform: Platform, name: str) -> Outcome:
    """Load the platform, send SIGTERM to the launcher, and wait until every client has seen its end."""
    outcome = Outcome()
    launcher = psutil.Process(platform.pid)
    clients = _clients(platform, name, outcome, stop=lambda: launcher.status() == psutil.STATUS_ZOMBIE)
    await _loaded(outcome, LOAD_ANSWERS)
    os.kill(platform.pid, signal.SIGTERM)
    async with asyncio.timeout(40):
        await asyncio.gather(*clients)
    return outcome


async def _load_and_restart(platform: Platform, service: str) -> Outcome:
    """Load the platform, end one service in order, and go on until its successor has answered for a while."""
    outcome = Outcome()
    enough = asyncio.Event()
    clients = _clients(platform, service, outcome, stop=enough.is_set)
    await _loaded(outcome, LOAD_ANSWERS)
    pid_file = State(platform.state).run / f"{service}.pid"
    first = pid_file.read_text()
    os.kill(int(first), signal.SIGTERM)
    async with asyncio.timeout(60):
        while not pid_file.exists() or pid_file.read_text() in ("", first):  # noqa: ASYNC110 - a poll
            await asyncio.sleep(0.05)
        await _loaded(outcome, outcome.statuses.total() + LOAD_ANSWERS)
        enough.set()
        await asyncio.gather(*clients)
    return outcome


def _clients(platform: Platform, name: str, outcome: Outcome, *, stop: Callable[[], bool]) -> list[asyncio.Task[None]]:
    keys, port = Keys(State(platform.state).keys), int(platform.url.rpartition(":")[2])

    def requests(client: int) -> Iterator[Request]:
        """Pages, API answers and lists, of accounts that run out of views soon."""
        for turn in itertools.count():
            account = f"{name}-{client}-{turn // 50}"
            if turn % 50 == 0:
                token = keys.access_token(account, (), platform.url)
            code = CODES[(client + turn) % len(CODES)]
            for path in (f"/api/v1/codes/icd10cm/{code}", f"/codes/icd10cm/{code}", "/browse"):
                yield Request(path, account, token)

    return [
        asyncio.create_task(send(port, requests(client), outcome, keep_open=client < STEADY, stop=stop))
        for client in range(STEADY + HASTY)
    ]


async def _loaded(outcome: Outcome, answers: int) -> None:
    async with asyncio.timeout(60):
        while outcome.statuses.total() < answers:  # noqa: ASYNC110 - a poll
            await asyncio.sleep(0.01)


def _grants(folder: Path) -> set[tuple[str, str]]:
    state = State(folder)
    postgres = EmbeddedPostgres(state.postgres, state.run)
    postgres.start()
    try:
        with psycopg.connect(postgres.url("metering")) as connection:
            return {(str(p), str(c)) for p, c in connection.execute("SELECT principal, code FROM page_grant")}
    finally:
        postgres.stop()


def _reconciled(state: Path) -> int:
    """Exit status of metering's own comparison of ledger, counters and grants."""
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", "exec", "metering",
         sys.executable, "-m", "services.metering", "reconcile"],
        env={**os.environ, "STATE": str(state)}, cwd=ROOT, check=False,
    ).returncode  # fmt: skip
