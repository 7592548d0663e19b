"""Compresses the answers of the application that are drawn one by one: site pages, files, the API's JSON.

The hot route does not pass here; it joins parts that are compressed already (gateway/compression.py). No page shows
its reader a secret beside text that somebody else chose, which compression over TLS would tell (the BREACH attack).
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.compression import accepts_gzip

LEAST_BYTES = 1000
"""A smaller answer fits into one packet as it is."""
LEVEL = 5


class CompressedAnswers:
    """Starlette's middleware for who wants gzip by the weights of Accept-Encoding, with tags that stay true."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the application."""
        self._plain = app
        self._gzip = GZipMiddleware(app, minimum_size=LEAST_BYTES, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._plain(scope, receive, send)
            return

        async def send_truly(message: Message) -> None:
            if message["type"] == "http.response.start":
                _tell_truly(MutableHeaders(raw=message["headers"]))
            await send(message)

        wanted = accepts_gzip(Headers(scope=scope).get("accept-encoding", ""))
        await (self._gzip if wanted else self._plain)(scope, receive, send_truly)


def _tell_truly(headers: MutableHeaders) -> None:
    """Say that the answer depends on Accept-Encoding, and that a compressed one has not the bytes of the tag."""
    if "accept-encoding" not in headers.get("vary", "").lower():
        headers.add_vary_header("Accept-Encoding")
    tag = headers.get("etag", "")
    if "content-encoding" in headers and tag.startswith('"'):
        headers["etag"] = f"W/{tag}"
