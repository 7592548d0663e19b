"""Logs, metrics and trace context, set up once a process. Nothing of a request's body and no token is ever logged."""

import logging
import secrets
import sys
from contextvars import ContextVar

import structlog
from opentelemetry import trace
from opentelemetry.propagate import extract, inject
from opentelemetry.trace import Tracer

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request that is being answered; empty outside of one."""

# Tracebacks without the values of variables: those would be request bodies and tokens.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def configure_logs(level: str, form: str) -> None:
    """Write log lines of at least `level` to standard error, as "json" or for a "console"."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _with_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            *([_TRACEBACKS] if form == "json" else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _with_request_id(
    _logger: structlog.typing.WrappedLogger, _method: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    current = request_id.get()
    if current:
        line.setdefault("request_id", current)
    return line


def new_request_id() -> str:
    """Make an id for a request that came without one."""
    return secrets.token_hex(8)


def tracer(name: str) -> Tracer:
    """Give the tracer of a module; spans go nowhere until the process installs an exporter."""
    return trace.get_tracer(name)


def traceparent() -> str | None:
    """Give the W3C trace context of the current span, for events and calls; None outside of one."""
    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier.get("traceparent")


def trace_context(parent: str | None) -> object:
    """Read a W3C trace context into the form that spans start from."""
    return extract({"traceparent": parent} if parent else {})
