"""Runs one process a service: starts each, starts it again when it ends unasked, and stops them in order."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import psutil

from deploy.local.environment import SERVICES, Environment
from deploy.local.settings import LocalSettings

MODULES = {service: f"services.{service}" for service in SERVICES} | {"gateway": "gateway"}
GATEWAY_WITH_ISSUER = "deploy.local.gateway_process"

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0
"""A process that ran this long counts as healthy: its next pause is the first one again."""


class Child:
    """One process under supervision."""

    def __init__(self, name: str, environment: Environment) -> None:
        """Take the name of a service, or ``gateway``."""
        self.name = name
        self._environment = environment
        self._module = GATEWAY_WITH_ISSUER if name == "gateway" and environment.issuer() else MODULES[name]
        self._pid_file = environment.state.run / f"{name}.pid"
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the process and keep it started until ``stop``."""
        self._watch = asyncio.create_task(self._keep_started(), name=f"watch {self.name}")

    async def stop(self, grace: float) -> None:
        """Ask the process to drain and wait; after the grace it is killed."""
        self._stopping.set()
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), grace + 5)
            except TimeoutError:
                self._process.kill()
        if self._watch is not None:
            await self._watch

    async def _keep_started(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            started = asyncio.get_running_loop().time()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._module,
                env=_inherited() | dict(self._environment.of(self.name)),
                start_new_session=True,  # Ctrl-C in a terminal reaches the launcher alone, which stops them in order
            )
            self._pid_file.write_text(str(self._process.pid))
            code = await self._process.wait()
            self._pid_file.unlink(missing_ok=True)
            if self._stopping.is_set():
                return
            print(
                f"{self.name} ended by itself (exit status {code}); it is started again.", file=sys.stderr, flush=True
            )
            steady = asyncio.get_running_loop().time() - started >= STEADY_SECONDS
            pause = FIRST_PAUSE_SECONDS if steady else min(pause * 2, LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause)


def _inherited() -> dict[str, str]:
    """The environment without settings of ours that a shell may carry for another purpose."""
    return {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "EVENTS_URL", "LISTEN")}


def end_leftovers(run: Path) -> None:
    """End the processes that a killed launcher left behind, the gateway first, before anything takes their places."""
    for name in reversed(MODULES):
        _end_leftover(run / f"{name}.pid", {MODULES[name], GATEWAY_WITH_ISSUER})


def _end_leftover(pid_file: Path, modules: set[str]) -> None:
    """End a process that a killed launcher left behind: it would hold the socket and the event relay's lock."""
    try:
        process = psutil.Process(int(pid_file.read_text()))
        if modules.isdisjoint(process.cmdline()):
            return
        process.terminate()
        try:
            process.wait(15)
        except psutil.TimeoutExpired:
            process.kill()
    except (OSError, ValueError, psutil.NoSuchProcess):
        return


async def run_split(environment: Environment, *, started: Callable[[], Awaitable[None]]) -> None:
    """Run every process until SIGTERM or SIGINT; `started` is awaited when the gateway is ready."""
    children = [Child(name, environment) for name in MODULES]
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    for child in children:
        child.start()
    ready = asyncio.create_task(_say_ready(environment.settings, started))
    await stop.wait()
    ready.cancel()
    for child in reversed(children):
        await child.stop(environment.settings.drain_seconds)


async def _say_ready(settings: LocalSettings, started: Callable[[], Awaitable[None]]) -> None:
    """Wait until the gateway says that it is ready; it may take as long as it takes."""
    async with httpx.AsyncClient(base_url=f"http://{settings.host}:{settings.port}", timeout=2) as client:
        while True:
            try:
                if (await client.get("/readyz")).is_success:
                    break
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
    await started()
