"""A payment provider of our own: Stripe's API as far as the gateway speaks it, over real HTTP.

It holds requests to Stripe's rules (https://docs.stripe.com/api: bearer key, form-encoded bodies, idempotent POSTs) and
answers what a test puts in its way. It stands for a company, of which there is no server to run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from gateway.http_server import HttpServer
from tests.servers.ports import free_port

SECRET_KEY = "sk_test_of_this_test"
Answer = Callable[[], Response]


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    method: str
    path: str
    form: dict[str, str]
    headers: dict[str, str]


def refusal(status: int, kind: str, code: str = "", message: str = "An invented message.") -> Answer:
    """An error in Stripe's form."""
    error = {"type": kind, "message": message} | ({"code": code} if code else {})
    return lambda: JSONResponse({"error": error}, status)


@dataclass
class StripeServer:
    """The server, what it was asked, and what it answers next in place of the right answer."""

    port: int = field(default_factory=free_port)
    calls: list[Call] = field(default_factory=list)
    next: list[Answer] = field(default_factory=list)
    silent: bool = False
    subscriptions: set[str] = field(default_factory=lambda: {"sub_live"})
    _kept: dict[str, tuple[dict[str, str], dict[str, object]]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Serve."""
        routes = [
            Route("/v1/checkout/sessions", self._open_session, methods=["POST"]),
            Route("/v1/subscriptions/{name}", self._cancel, methods=["DELETE"]),
        ]
        self._http = HttpServer(Router(routes), "127.0.0.1", self.port)
        await self._http.start()

    async def stop(self) -> None:
        """Stop."""
        await self._http.drain(0.1)

    async def _open_session(self, request: Request) -> Response:
        stopped, call = await self._stopped(request)
        if stopped is not None:
            return stopped
        key = call.headers.get("idempotency-key", "")
        first = self._kept.get(key)
        if first is not None and first[0] != call.form:
            return refusal(400, "idempotency_error")()
        number = len(self._kept) + 1
        session: dict[str, object] = {
            "id": f"cs_test_{number}", "object": "checkout.session", "url": f"https://pay.example/c/cs_test_{number}",
        }  # fmt: skip
        kept = self._kept.setdefault(key, (call.form, session))
        return JSONResponse(kept[1])

    async def _cancel(self, request: Request) -> Response:
        stopped, _ = await self._stopped(request)
        if stopped is not None:
            return stopped
        name = request.path_params["name"]
        if name not in self.subscriptions:
            return refusal(404, "invalid_request_error", "resource_missing")()
        self.subscriptions.discard(name)
        return JSONResponse({"id": name, "object": "subscription", "status": "canceled"})

    async def _stopped(self, request: Request) -> tuple[Response | None, Call]:
        form = dict(parse_qsl((await request.body()).decode(), strict_parsing=False, keep_blank_values=True))
        call = Call(request.method, request.url.path, form, dict(request.headers))
        self.calls.append(call)
        if self.silent:
            await asyncio.sleep(30)
        if self.next:
            return self.next.pop(0)(), call
        if call.headers.get("authorization") != f"Bearer {SECRET_KEY}":
            return refusal(401, "invalid_request_error", message="Invalid API Key provided.")(), call
        return None, call
