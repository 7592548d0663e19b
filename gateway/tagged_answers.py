"""Entity tags of the API's answers: a caller that holds an answer is told that it has not changed (RFC 9110, 13.1.2).

Every answer to a GET of the API gets the tag of its bytes, but for those that bring one of their own, and those that
nobody may keep.
"""

import hashlib
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.conditional import matches
from gateway.cors import API_PREFIX

READING_METHODS = frozenset({"GET", "HEAD"})
MEDIA_TYPE = "application/json"


class TaggedAnswers:
    """Stands before the routes, and behind what compresses."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        reads = scope["type"] == "http" and scope["method"] in READING_METHODS and scope["path"].startswith(API_PREFIX)
        await self._app(scope, receive, _Tagging(scope, send) if reads else send)


class _Tagging:
    """Holds an answer until its bytes are there."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._asked = Headers(scope=scope).getlist("if-none-match")
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_to_be_tagged(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        tag = f'"{hashlib.sha256(self._body).hexdigest()[:32]}"'
        headers = MutableHeaders(raw=start["headers"])
        headers["etag"] = tag
        if self._asked and matches(",".join(self._asked).encode("latin-1"), tag.encode()):
            start["status"], self._body = int(HTTPStatus.NOT_MODIFIED), b""
            del headers["content-length"]
            del headers["content-type"]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": self._body})


def _is_to_be_tagged(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return (
        start["status"] == HTTPStatus.OK
        and headers.get("content-type", "").startswith(MEDIA_TYPE)
        and "etag" not in headers
        and "no-store" not in headers.get("cache-control", "")
    )
