"""The hot route: a code page as bytes. Everything that can be kept is kept; what remains is one decision of the meter.

A plain ASGI application, because routing and dependencies would cost more than the page itself.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from gateway.auth.reader import Reader
from gateway.compression import accepts_gzip, join
from gateway.conditional import Asked, Served, asked_of, serve_page
from gateway.pages import DrawnPage, HeldCode, PageMemory
from gateway.reading import Reading, ReadingRoom
from gateway.spelling import service_day, undotted
from gateway.view import Banner
from gateway.web.links import browse_path
from gateway.web.render import render_account, render_banner
from shared.errors import NotFound
from shared.newest import Newest

PREFIX = "/codes/"
HEADERS = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"cache-control", b"private, no-cache"),
    (b"vary", b"Cookie, Authorization, Accept-Encoding"),
)
KEPT_BANNERS = 20_000
KEPT_PATHS = 20_000
REFUSED_PREFETCH = b"A page that is not granted yet is not prefetched."


GZIP = (b"content-encoding", b"gzip")


@dataclass(frozen=True, slots=True)
class _Page:
    held: HeldCode
    drawn: DrawnPage
    banner: bytes
    """What speaks to the reader: from the account in the header to the banner."""
    etag: bytes


class CodePages:
    """Answers `/codes/{system}/{code}`."""

    def __init__(self, pages: PageMemory, room: ReadingRoom) -> None:
        """Take the memory of pages and the room that decides readings."""
        self._pages = pages
        self._room = room
        self._banners: Newest[tuple[Banner, str, str], tuple[bytes, bytes]] = Newest(KEPT_BANNERS)

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
        served = await serve_page(
            self._room,
            reader,
            held.code,
            method=scope["method"],
            asked=asked,
            draw=lambda reading: self._draw(held, reading),
        )
        scope["reader"] = served.reading.reader
        await self._send(send, served, asked, with_body=scope["method"] != "HEAD")

    def _draw(self, held: HeldCode, reading: Reading) -> _Page:
        drawn = self._pages.draw(held, reading.view)
        session = reading.reader.session
        account = session.name if session is not None else ""
        banner, banner_tag = self._banner(reading.banner, held.address, account, drawn.page.between)
        return _Page(held, drawn, banner, b'"' + drawn.tag.encode() + b"-" + banner_tag + b'"')

    def _banner(self, banner: Banner, path: str, account: str, between: bytes) -> tuple[bytes, bytes]:
        kept = self._banners.get((banner, path, account))
        if kept is None:
            drawn = render_account(account, path) + between + render_banner(banner, path)
            kept = (drawn, sha256(drawn).hexdigest()[:8].encode())
            self._banners.put((banner, path, account), kept)
        return kept

    async def _send(self, send: Send, served: Served[_Page], asked: Asked, *, with_body: bool) -> None:
        page = served.answer
        if served.refused_prefetch:
            await _plain(send, 503, REFUSED_PREFETCH)
            return
        if served.not_modified:
            await send({"type": "http.response.start", "status": 304, "headers": [*HEADERS[1:], (b"etag", page.etag)]})
            await send({"type": "http.response.body", "body": b""})
            return
        if asked.codings and accepts_gzip(asked.codings.decode("latin-1")):
            before, after = self._pages.compressed(page.held, page.drawn)
            body = b"".join(join(before, page.banner, after))
            headers = [*HEADERS, GZIP, (b"etag", b"W/" + page.etag)]
        else:
            halves = page.drawn.page
            body = b"".join((halves.before_banner, page.banner, halves.after_banner))
            headers = [*HEADERS, (b"etag", page.etag)]
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body if with_body else b""})


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
