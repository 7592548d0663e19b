"""Calls can be followed: by trace ids always, by spans at a collector when there is one.

A process sets its traces up once and for all, so each test has a process of its own.
"""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

SPAN = """
import sys
from shared.telemetry import configure_traces, trace_context, traceparent, tracer
configure_traces("echo", sys.argv[1])
parent = sys.argv[2] if len(sys.argv) > 2 else None
with tracer("test").start_as_current_span("/Say", context=trace_context(parent)):
    print(traceparent())
"""


def traceparent_of(*arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", SPAN, *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return run.stdout.strip()


class Collector(HTTPServer):
    """Takes spans by OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[tuple[str, bytes]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        self.server.received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that is overridden
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_there_is_a_trace_id_without_any_collector() -> None:
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[02]", traceparent_of(""))


def test_the_callers_trace_goes_on() -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    assert trace in traceparent_of("", f"00-{trace}-00f067aa0ba902b7-01")


def test_spans_go_to_the_collector_under_the_name_of_the_process(collector: Collector) -> None:
    parent = traceparent_of(f"http://127.0.0.1:{collector.server_port}/v1/traces")
    ((path, body),) = collector.received
    assert path == "/v1/traces"
    assert b"echo" in body
    assert bytes.fromhex(parent.split("-")[1]) in body
