"""robots.txt and the sitemap of code pages, streamed from catalog's export and kept for an hour."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

from codingahead.catalog.v1 import catalog_pb2
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from gateway.platform import gateway_of
from gateway.web.links import ref_path
from shared.errors import NotFound

router = APIRouter()

URLS_A_FILE = 40_000
"""The protocol allows 50,000 (sitemaps.org)."""
KEPT_SECONDS = 3600.0
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{_NAMESPACE}">\n'


@dataclass(frozen=True, slots=True)
class SitemapFile:
    """One sitemap file and the day its newest page changed."""

    body: bytes
    changed: str


class Sitemap:
    """The sitemap files of one site, made at most once an hour."""

    def __init__(self, public_url: str) -> None:
        """Take the site's origin."""
        self._origin = public_url
        self._files: list[SitemapFile] = []
        self._made: float | None = None
        self._lock = asyncio.Lock()

    async def files(self, export: AsyncIterator[catalog_pb2.ExportedCode]) -> list[SitemapFile]:
        """The files, from memory or from the export."""
        async with self._lock:
            if self._made is None or time.monotonic() - self._made > KEPT_SECONDS:
                self._files = await self._make(export)
                self._made = time.monotonic()
        return self._files

    async def _make(self, export: AsyncIterator[catalog_pb2.ExportedCode]) -> list[SitemapFile]:
        files: list[SitemapFile] = []
        entries: list[str] = []
        newest = ""
        async for exported in export:
            changed = _day(exported)
            path = ref_path(exported.ref)
            if not path:
                continue
            modified = f"<lastmod>{changed}</lastmod>" if changed else ""
            entries.append(f"<url><loc>{escape(self._origin + path)}</loc>{modified}</url>\n")
            newest = max(newest, changed)
            if len(entries) == URLS_A_FILE:
                files.append(_file(entries, newest))
                entries, newest = [], ""
        if entries or not files:
            files.append(_file(entries, newest))
        return files


def _file(entries: list[str], newest: str) -> SitemapFile:
    return SitemapFile(f"{_HEAD}{''.join(entries)}</urlset>\n".encode(), newest)


def _day(exported: catalog_pb2.ExportedCode) -> str:
    if not exported.HasField("changed_at"):
        return ""
    return exported.changed_at.ToDatetime().date().isoformat()


def _sitemap(request: Request) -> Sitemap:
    """The sitemap of the running site, kept with it."""
    state = request.app.state
    if not hasattr(state, "sitemap"):
        state.sitemap = Sitemap(gateway_of(request).settings.public_url)
    kept: Sitemap = state.sitemap
    return kept


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
async def robots(request: Request) -> Response:
    """What robots may fetch."""
    origin = gateway_of(request).settings.public_url
    lines = ["User-agent: *", "Disallow: /api/", "Disallow: /lookup", "Disallow: /report-error", "Disallow: /editor/"]
    return PlainTextResponse("\n".join([*lines, f"Sitemap: {origin}/sitemap.xml", ""]))


@router.api_route("/sitemap.xml", methods=["GET", "HEAD"])
async def index(request: Request) -> Response:
    """The list of sitemap files."""
    gateway = gateway_of(request)
    files = await _sitemap(request).files(gateway.catalog.export())
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{_NAMESPACE}">\n']
    for number, file in enumerate(files, start=1):
        modified = f"<lastmod>{file.changed}</lastmod>" if file.changed else ""
        parts.append(
            f"<sitemap><loc>{escape(gateway.settings.public_url)}/sitemap-{number}.xml</loc>{modified}</sitemap>\n"
        )
    return _xml("".join([*parts, "</sitemapindex>\n"]).encode())


@router.api_route("/sitemap-{number}.xml", methods=["GET", "HEAD"])
async def one_file(number: int, request: Request) -> Response:
    """One sitemap file."""
    files = await _sitemap(request).files(gateway_of(request).catalog.export())
    if not 1 <= number <= len(files):
        raise NotFound("SITEMAP_UNKNOWN", f"There is no sitemap {number}: there are {len(files)}.")
    return _xml(files[number - 1].body)


def _xml(body: bytes) -> Response:
    return Response(body, media_type="application/xml", headers={"Cache-Control": "public, max-age=3600"})
