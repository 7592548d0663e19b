"""The launcher offers metrics, readiness and traces whether services share a process or not."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.e2e.platform import started_platform
from tests.servers.ports import free_port

SERVICES = {"catalog", "metering", "search", "gateway"}

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that the database's own user may enter; the second platform finds the first one's data."""
    path = Path(tempfile.mkdtemp(prefix="telemetry-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.mark.parametrize("options", [(), ("--split",)], ids=["one process", "split"])
def test_metrics_readiness_and_traces_are_there_in_every_mode(folder: Path, options: tuple[str, ...]) -> None:
    metrics = free_port()
    caller = "0af7651916cd43dd8448eb211c80319c"
    with _collector() as (endpoint, spans):
        settings = {"METRICS_LISTEN": f"127.0.0.1:{metrics}", "OTLP_ENDPOINT": endpoint}
        with started_platform(folder / "state", *options, environment=settings) as platform:
            headers = {"traceparent": f"00-{caller}-b7ad6b7169203331-00"}
            assert httpx.get(f"{platform.url}/codes/icd10cm/E11.9", headers=headers).status_code == 200
            assert httpx.get(f"{platform.url}/api/v1/search", params={"q": "E11.9"}).status_code in (200, 503)
            told = ""
            for port in range(metrics, metrics + (len(SERVICES) if options else 1)):
                assert httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
                told += httpx.get(f"http://127.0.0.1:{port}/metrics").text
            ends = time.monotonic() + 30
            while not (_services(spans) >= SERVICES and _page_of(spans)):
                assert time.monotonic() < ends, f"traces came from {_services(spans)} only"
                time.sleep(0.1)
            assert len({process for process, _ in spans}) == (len(SERVICES) if options else 1)
    page = _page_of(spans)
    assert page
    assert [link.trace_id.hex() for link in page.links] == [caller], "a caller's trace is linked"
    assert page.trace_id.hex() != caller, "and not taken over"
    assert any(span.trace_id == page.trace_id and span.name.endswith("CatalogService/GetCode") for _, span in spans), (
        "what catalog did for the page hangs below it"
    )
    assert "gateway_page_memory_total" in told
    assert "events_outbox_depth" in told


def _services(spans: list[tuple[str, Span]]) -> set[str]:
    """The services that spans came from; a process bears the names of all that it holds."""
    return {service for process, _ in spans for service in process.split("+")}


def _page_of(spans: list[tuple[str, Span]]) -> Span | None:
    """The span of a code page, once it and catalog's below it are there."""
    pages = {span.trace_id: span for _, span in spans if span.name == "GET /codes"}
    below = [span.trace_id for _, span in spans if span.name.endswith("GetCode") and span.trace_id in pages]
    return pages[below[0]] if below else None


@contextmanager
def _collector() -> Iterator[tuple[str, list[tuple[str, Span]]]]:
    """An OTLP receiver, and the spans that it was sent, with the names of their processes."""
    received: list[tuple[str, Span]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            for spans in ExportTraceServiceRequest.FromString(body).resource_spans:
                names = {each.key: each.value.string_value for each in spans.resource.attributes}
                received.extend((names["service.name"], span) for scope in spans.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", received
    finally:
        server.shutdown()
        server.server_close()
