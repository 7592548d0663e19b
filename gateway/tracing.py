"""A span for each request, when traces go anywhere: what catalog and metering do for it hangs below.

The gateway is the edge: a trace begins here, and one that a caller brought is linked, so that nobody outside decides
what is sampled.
"""

from opentelemetry.trace import Link, SpanKind, get_current_span
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.whole_answers import without_offer
from shared.telemetry import trace_context, tracer

_tracer = tracer(__name__)


class Traced:
    """Stands before the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request inside its span."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        area = scope["path"].split("/", 2)[1]
        with _tracer.start_as_current_span(
            f"{scope['method']} /{area}",
            kind=SpanKind.SERVER,
            links=_links(scope["headers"]),
            attributes={"http.request.method": scope["method"], "url.path": scope["path"]},
        ) as span:

            async def send_noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self._app(without_offer(scope), receive, send_noting)


def _links(headers: list[tuple[bytes, bytes]]) -> list[Link]:
    parent = next((value.decode("latin-1") for name, value in headers if name == b"traceparent"), None)
    if parent is None:
        return []
    caller = get_current_span(trace_context(parent)).get_span_context()
    return [Link(caller)] if caller.is_valid else []
