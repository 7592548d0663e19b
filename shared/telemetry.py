"""Logs, request ids and trace context, set up once a process. No body of a request and no token is ever logged."""

import re
import secrets
from contextvars import ContextVar

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagate import extract, inject
from opentelemetry.trace import Tracer
from structlog.typing import EventDict, WrappedLogger

from shared import log_lines

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request that is being answered; empty outside of one."""

OTLP_SECONDS = 3
"""Longest wait for the collector, which is also what an absent one adds to a stop."""
REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def configure_logs(level: str, form: str) -> None:
    """Write log lines of at least `level` to standard error, as "json" or for a "console"."""
    log_lines.configure(level, form, _with_request)


def _with_request(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Add the ids by which a line is found: the request's and the trace's."""
    current = request_id.get()
    if current:
        line.setdefault("request_id", current)
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        line.setdefault("trace_id", trace.format_trace_id(span.trace_id))
    return line


def configure_traces(process: str, otlp_endpoint: str) -> None:
    """Make trace ids for every call and send the spans to an OTLP endpoint, if there is one."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - only the process that owns the traces needs it
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased  # noqa: PLC0415

    provider = TracerProvider(
        resource=Resource.create({"service.name": process}),
        sampler=ParentBased(ALWAYS_ON) if otlp_endpoint else ALWAYS_OFF,  # unsampled spans cost little and have ids
    )
    if otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_endpoint, timeout=OTLP_SECONDS)))
    trace.set_tracer_provider(provider)


def new_request_id() -> str:
    """Make an id for a request that came without one."""
    return secrets.token_hex(8)


def accepted_request_id(given: str | None) -> str:
    """Give the caller's request id when it is of a form that is safe in logs and headers, else a new one."""
    return given if given is not None and REQUEST_ID.fullmatch(given) else new_request_id()


def tracer(name: str) -> Tracer:
    """Give the tracer of a module; its spans go nowhere until the process sets traces up."""
    return trace.get_tracer(name)


def traceparent() -> str | None:
    """Give the W3C trace context of the current span, for events and calls; None outside of one."""
    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier.get("traceparent")


def trace_context(parent: str | None) -> Context:
    """Read a W3C trace context into the form that spans start from."""
    return extract({"traceparent": parent} if parent else {})


log_lines.configure_if_nobody_did(_with_request)
