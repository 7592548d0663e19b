"""A process of several services has one listener for operators and one set of traces, which speak for all of them."""

import asyncio
import signal
import socket
import sys
from pathlib import Path

import httpx

from tests.unit.shared.test_telemetry import Collector, collector

ROOT = Path(__file__).parents[3]
__all__ = ["collector"]  # the fixture

PROCESS = """
import asyncio, sys
from shared.process import run, serve
from shared.service import Service
from shared.telemetry import tracer

class Opens:
    name = "opens"
    async def start(self):
        await asyncio.to_thread(sys.stdin.readline)
    async def drain(self, grace):
        pass

async def started():
    with tracer("test").start_as_current_span("/Say"):
        print("started", flush=True)

services = [Service("metering", []), Service("catalog", [Opens()])]
run(serve(services, 1, started=started, metrics_listen=sys.argv[1], otlp_endpoint=sys.argv[2]))
"""


async def ready(port: int) -> str:
    """Ask whether the process is ready, as soon as its listener is there."""
    async with httpx.AsyncClient() as client, asyncio.timeout(30):
        while True:
            try:
                return (await client.get(f"http://127.0.0.1:{port}/readyz")).text
            except httpx.ConnectError:
                await asyncio.sleep(0.02)


async def test_readiness_and_traces_name_every_service_of_the_process(collector: Collector) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, f"127.0.0.1:{port}", f"http://127.0.0.1:{collector.server_port}/v1/traces",
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert "catalog" in await ready(port)
        process.stdin.write(b"open\n")
        assert await asyncio.wait_for(process.stdout.readline(), 30) == b"started\n"
        assert await ready(port) == "ready\n"
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 30)
    ((_, spans),) = collector.received
    assert b"metering+catalog" in spans
