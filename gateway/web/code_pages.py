"""The hot route: a code page as bytes. Everything that can be kept is kept; what remains is one decision of the meter.

A plain ASGI application, because routing and dependencies would cost more than the page itself.
"""

from datetime import date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from gateway.auth.reader import Reader
from gateway.compression import accepts_gzip, join
from gateway.conditional import Asked, Served, asked_of, serve_page
from gateway.library.beside import Beside
from gateway.library.library import Library
from gateway.library.rules import CodeKey
from gateway.pages import DrawnPage, HeldCode, PageMemory
from gateway.reading import Reading, ReadingRoom
from gateway.spelling import service_day, undotted
from gateway.web.links import browse_path
from gateway.web.own_part import OwnPart, OwnParts
from gateway.whole_answers import Body, whole
from shared.errors import NotFound

PREFIX = "/codes/"
TYPE = (b"content-type", b"text/html; charset=utf-8")
KEPT = (
    (b"cache-control", b"private, no-cache"),
    (b"vary", b"Cookie, Authorization, Accept-Encoding"),
)
NOT_KEPT = ((b"cache-control", b"no-store"), KEPT[1])
"""A page that shows a private note is kept nowhere, not even by the browser."""
KEPT_PATHS = 20_000
REFUSED_PREFETCH = b"A page that is not granted yet is not prefetched."


GZIP = (b"content-encoding", b"gzip")


class _Page(NamedTuple):
    held: HeldCode
    drawn: DrawnPage
    own: OwnPart
    etag: bytes


class CodePages:
    """Answers `/codes/{system}/{code}`."""

    def __init__(self, pages: PageMemory, room: ReadingRoom, library: Library) -> None:
        """Take the memory of pages, the room that decides readings, and what readers keep."""
        self._pages = pages
        self._room = room
        self._library = library
        self._own_parts = OwnParts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - no body is read
        """Answer one request; raises DomainErrors, which the door turns into pages."""
        system, code = _named(scope["path"])
        if code is None:  # an address cut back to its system leads to the tree
            await _redirect(send, browse_path(system))
            return
        held = await self._pages.get(system, code, _day(scope["query_string"]))
        if held.path.encode() != scope["raw_path"]:  # as it was sent: %2E for a dot is another spelling
            await _redirect(send, held.address)
            return
        reader: Reader = scope["reader"]
        asked: Asked = asked_of(scope["headers"])
        beside = await self._beside(reader.person, held) if reader.person else None
        served = await serve_page(
            self._room,
            reader,
            held.code,
            method=scope["method"],
            asked=asked,
            draw=lambda reading: self._draw(held, reading, beside),
        )
        if reader.person and scope["method"] == "GET" and not asked.prefetch:
            self._library.history.note_reading(reader.person, held.code.system, held.code.code)
        scope["reader"] = served.reading.reader
        await self._send(send, served, asked, with_body=scope["method"] != "HEAD")

    async def _beside(self, account: str, held: HeldCode) -> Beside:
        beside = self._library.beside.at_once(account)
        return beside or await self._library.beside.of(account, CodeKey(held.code.system, held.code.code))

    def _draw(self, held: HeldCode, reading: Reading, beside: Beside | None) -> _Page:
        drawn = self._pages.draw(held, reading.view)
        session = reading.reader.session
        own = self._own_parts.of(held, reading.banner, drawn.page.between, session=session, beside=beside)
        return _Page(held, drawn, own, b'"' + drawn.tag.encode() + b"-" + own.tag + b'"')

    async def _send(self, send: Send, served: Served[_Page], asked: Asked, *, with_body: bool) -> None:
        page = served.answer
        if served.refused_prefetch:
            await _plain(send, 503, REFUSED_PREFETCH)
            return
        keeping = NOT_KEPT if page.own.private else KEPT
        if served.not_modified:
            await send({"type": "http.response.start", "status": 304, "headers": [*keeping, (b"etag", page.etag)]})
            await send({"type": "http.response.body", "body": b""})
            return
        if asked.codings and accepts_gzip(asked.codings.decode("latin-1")):
            before, after = self._pages.compressed(page.held, page.drawn)
            body: Body = join(before, page.own.body, after)
            headers = [TYPE, *keeping, GZIP, (b"etag", b"W/" + page.etag)]
        else:
            halves = page.drawn.page
            body = halves.before_banner, page.own.body, halves.after_banner
            headers = [TYPE, *keeping, (b"etag", page.etag)]
        headers.append((b"content-length", b"%d" % sum(map(len, body))))
        await send(whole(200, headers, body if with_body else ()))


@lru_cache(KEPT_PATHS)
def _named(path: str) -> tuple[str, str | None]:
    """Give the system and the code that a path names; None when it names a system alone."""
    system, _, code = path[len(PREFIX) :].rstrip("/").partition("/")
    if not system.isalnum() or "/" in code:
        raise NotFound("PAGE_UNKNOWN", f"There is no page {path}: a code page is /codes/SYSTEM/CODE.")
    return system.lower(), undotted(code) if code else None


def _day(query: bytes) -> date | None:
    """Give the date of service that a query names."""
    return service_day(dict(parse_qsl(query.decode("latin-1"))).get("date", "")) if b"date=" in query else None


async def _redirect(send: Send, path: str) -> None:
    headers = [(b"location", path.encode()), (b"cache-control", b"private, max-age=3600"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 308, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _plain(send: Send, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
