"""Runs services in one process and owns its signals: SIGTERM and SIGINT drain, a second one ends at once."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence

import structlog
import uvloop

from shared.service import Service

_log = structlog.get_logger(__name__)


def run(main: Coroutine[None, None, None]) -> None:
    """Run a coroutine as the process's only event loop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


async def serve(
    services: Sequence[Service], drain_seconds: float, *, started: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Start the services in order, serve until a signal, and drain them in reverse.

    `started` is awaited when every service has started.
    """
    stop = asyncio.Event()
    _install_signals(stop)
    running: list[Service] = []
    try:
        for service in services:
            await service.start()
            running.append(service)
        if started is not None:
            await started()
        await stop.wait()
        _log.info("draining", seconds=drain_seconds)
    finally:
        for service in reversed(running):
            await service.drain(drain_seconds)


def _install_signals(stop: asyncio.Event) -> None:
    def ask() -> None:
        if stop.is_set():
            print("Ended at once; calls in flight were cut.", file=sys.stderr)  # noqa: T201 - the terminal is asked
            os._exit(1)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask)
