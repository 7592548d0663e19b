"""Holds every route to its right, and says when one comes to an end: a dependency of the whole application."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from fastapi.routing import RouteContext
from starlette.exceptions import HTTPException
from starlette.requests import Request

from gateway.api.endings import SCOPE, headers_of
from gateway.auth.reader import Headers, Reader
from gateway.platform import gateway_of, reader_of
from gateway.rights import ROUTES, Right, Who, check, whose
from shared.errors import Denied
from shared.identity import Kind

_log = structlog.get_logger(__name__)


def rows_of(route: RouteContext) -> Iterator[str]:
    """Give the names of a route in the table of rights, one for each method; HEAD goes by that of GET."""
    for method in sorted(route.methods or ()):
        if method != "HEAD":
            yield f"{method} {route.path}"
    if route.methods == {"HEAD"}:
        yield f"GET {route.path}"


class Gate:
    """Knows the right of each route's function, and checks it."""

    def __init__(self) -> None:
        """Know nothing yet: until routes are shown, everything is refused."""
        self._rights: dict[Callable[..., Any], dict[str, Right]] = {}
        self._endings: dict[Callable[..., Any], Headers] = {}

    def learn(self, routes: Iterable[RouteContext], table: Mapping[str, Right] = ROUTES) -> None:
        """Look up the rights of the application's routes, once all of them are there."""
        for route in routes:
            for row in rows_of(route):
                if route.endpoint is not None and row in table:
                    self._endings[route.endpoint] = headers_of(getattr(route, "openapi_extra", None))
                    self._rights.setdefault(route.endpoint, {})[row.partition(" ")[0]] = table[row]

    async def __call__(self, request: Request) -> None:
        """Let a request through that has the right of its route."""
        method = "GET" if request.method == "HEAD" else request.method
        right = self._rights.get(request.scope["endpoint"], {}).get(method)
        if right is None:
            _log.error("a route stands in no row of the table of rights", path=request.url.path, method=method)
            raise Denied("RIGHT_UNKNOWN", "Nobody has a right to this yet.")
        request.scope[SCOPE] = self._endings[request.scope["endpoint"]]
        if "reader" in request.scope:
            reader = reader_of(request)
            if _is_page(request) and gateway_of(request).sign_in is not None:
                _lead_to_sign_in(request, reader, right)
            check(right, reader.principal, reader.scopes, reader.held_back)


def _is_page(request: Request) -> bool:
    return request.method in ("GET", "HEAD") and not request.url.path.startswith("/api/")


def _lead_to_sign_in(request: Request, reader: Reader, right: Right) -> None:
    """Lead a guest to the sign-in before a page of people with an account, and those without a second factor to it."""
    guest = reader.principal.kind is Kind.GUEST and Who.GUEST not in right.who
    one_factor = reader.session is not None and reader.held_back & right.who and not whose(reader.principal) & right.who
    if guest or one_factor:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        address = f"/sign-in?next={quote(path, safe='')}" + ("&second_factor=1" if one_factor else "")
        raise HTTPException(
            HTTPStatus.SEE_OTHER, "Sign in first.", headers={"Location": address, "Cache-Control": "no-store"}
        )
