"""Cross-origin calls of the API (the Fetch standard's CORS protocol): off, but for the sites that a key names.

A preflight carries no credential, so it is answered for the sites of all live keys; the call itself is then readable to
the sites of its own key alone. Cookies never travel: `Access-Control-Allow-Credentials` is not sent.
"""

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from gateway.auth.reader import Headers, Reader

API_PREFIX = "/api/"
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
SENT_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"
READ_HEADERS = (
    b"ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, Deprecation, Sunset, Link, WWW-Authenticate"
)
PREFLIGHT_SECONDS = 5
"""How long browsers may keep a preflight; as long as a revoked key may live on."""


class Cors:
    """Answers preflights, and opens answers to the sites of a key."""

    def __init__(self, origins: Callable[[], Awaitable[frozenset[str]]]) -> None:
        """Take what gives the sites of all live keys."""
        self._origins = origins

    async def preflight(self, headers: Headers) -> Response | None:
        """Answer the preflight of a site that some live key names; None for any other request."""
        sent = dict(headers)
        origin = sent.get(b"origin", b"").decode("latin-1")
        if b"access-control-request-method" not in sent or origin not in await self._origins():
            return None
        return Response(
            status_code=204,
            headers={
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Methods": METHODS,
                "Access-Control-Allow-Headers": SENT_HEADERS,
                "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
                "Cache-Control": "no-store",
                "Vary": "Origin",
            },
        )


def opened(reader: Reader, sent: Headers) -> Headers:
    """Give the headers that open an answer to the site that asks, when the call's key names it."""
    if reader.key is None or not reader.key.origins:
        return []
    origin = dict(sent).get(b"origin", b"")
    opening = [(b"vary", b"Origin")]
    if origin.decode("latin-1") in reader.key.origins:
        opening += [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", READ_HEADERS)]
    return opening
