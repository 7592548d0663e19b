"""Runs services in one process and owns its signals: SIGTERM and SIGINT drain, a second one ends at once."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import psycopg
import structlog
import uvloop

from shared.errors import CannotStart, DomainError
from shared.memory import settle_memory
from shared.metrics_listener import MetricsListener
from shared.service import Part, Service
from shared.settings import KitSettings, read_settings
from shared.telemetry import configure_logs, configure_traces

_log = structlog.get_logger(__name__)


SettingsOfService = TypeVar("SettingsOfService", bound=KitSettings)


def run_service(settings: type[SettingsOfService], build: Callable[[SettingsOfService], Service]) -> None:
    """Be the process of one service: read its settings, build it, serve until a signal."""
    with told_in_a_sentence():
        read = read_settings(settings)
        configure_logs(read.log_level, read.log_format)
        run(_serve_one(read, build))


async def _serve_one(settings: SettingsOfService, build: Callable[[SettingsOfService], Service]) -> None:
    await serve(
        [build(settings)],  # parts may want the running loop
        settings.drain_seconds,
        metrics_listen=settings.metrics_listen,
        otlp_endpoint=settings.otlp_endpoint,
    )


def run(main: Coroutine[None, None, None]) -> None:
    """Run a coroutine as the process's only event loop."""
    with told_in_a_sentence(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


async def serve(
    services: Sequence[Service],
    drain_seconds: float,
    *,
    started: Callable[[], Awaitable[None]] | None = None,
    metrics_listen: str = "",
    otlp_endpoint: str = "",
) -> None:
    """Start the services in order, serve until a signal, and drain them in reverse.

    The drain's seconds are shared by all services. `started` is awaited when every service has started. A signal
    during the start ends it and drains what runs.
    One process has one listener for metrics and readiness, at `metrics_listen` when that is an address, and one set of
    traces, which goes to `otlp_endpoint` when that is a URL; both speak for all of its services.
    """
    configure_traces("+".join(service.name for service in services), otlp_endpoint)
    stop = asyncio.Event()
    _install_signals(stop)
    everything: list[Part] = [*([MetricsListener(metrics_listen, services)] if metrics_listen else []), *services]
    running: list[Part] = []
    try:
        starting = asyncio.create_task(_start(everything, running, started))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([starting, stopped], return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            await stopped
        else:
            starting.cancel()
            await asyncio.wait([starting])
        _log.info("draining", seconds=drain_seconds)
    finally:
        stopped.cancel()
        ends = asyncio.get_running_loop().time() + drain_seconds
        for service in reversed(running):
            await service.drain(max(0.0, ends - asyncio.get_running_loop().time()))


async def _start(
    everything: Sequence[Part],
    running: list[Part],
    started: Callable[[], Awaitable[None]] | None,
) -> None:
    for service in everything:
        await service.start()
        running.append(service)
    if started is not None:
        await started()
    settle_memory()


def _install_signals(stop: asyncio.Event) -> None:
    def ask() -> None:
        if stop.is_set():
            print("Ended at once; calls in flight were cut.", file=sys.stderr)  # noqa: T201 - the terminal is asked
            os._exit(1)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask)


@contextmanager
def told_in_a_sentence() -> Iterator[None]:
    """End the process with a sentence, status 1 and no trace when an operator has to change something.

    For the start of a service, and for commands, whose bad input then is told in the same way.
    """
    try:
        yield
    except (CannotStart, DomainError) as problem:
        sys.exit(str(problem))
    except psycopg.OperationalError as error:
        sys.exit(f"The database of DATABASE_URL does not answer: {str(error).strip().splitlines()[0]}")
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        sys.exit(
            f"The database of DATABASE_URL has not the newest schema ({str(error).strip().splitlines()[0]}): run the"
            " service's command `migrate` first, or start the platform, which does."
        )
