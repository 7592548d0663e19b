"""robots.txt and the sitemap of code pages: an index at once, its files written while they are made, once a release."""

from collections.abc import AsyncIterator

from codingahead.catalog.v1 import catalog_pb2
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from gateway.platform import gateway_of
from gateway.web.sitemap_files import NAMESPACE, XML, SitemapFile, SitemapFiles, sitemap_url
from shared.errors import NotFound

router = APIRouter()
CLOSED = (
    "/api/",
    "/lookup",
    "/search?",
    "/report-error",
    "/editor/",
    "/register",
    "/sign-in",
    "/account$",
    "/account/",
)

_HEADERS = {"Cache-Control": "private, max-age=3600", "Vary": "Accept-Encoding"}


def _files(request: Request) -> SitemapFiles:
    """The sitemap of the running site, kept with it."""
    state = request.app.state
    if not hasattr(state, "sitemap"):
        gateway = gateway_of(request)
        state.sitemap = SitemapFiles(gateway.settings.public_url, gateway.catalog.export)
    kept: SitemapFiles = state.sitemap
    return kept


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
async def robots(request: Request) -> Response:
    """What robots may fetch."""
    origin = gateway_of(request).settings.public_url
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED)]
    return PlainTextResponse("\n".join([*lines, "", f"Sitemap: {origin}/sitemap.xml", ""]))


@router.api_route("/sitemap.xml", methods=["GET", "HEAD"])
async def index(request: Request) -> Response:
    """The list of sitemap files; a robot that reads it comes for the files, so they are begun."""
    gateway = gateway_of(request)
    files = _files(request)
    parts = [f'{XML}<sitemapindex xmlns="{NAMESPACE}">\n']
    for system in await gateway.catalog.systems():
        day = _released(system)
        modified = f"<lastmod>{day}</lastmod>" if day else ""
        urls = (sitemap_url(gateway.settings.public_url, name) for name in files.names(system))
        parts += [f"<sitemap><loc>{url}</loc>{modified}</sitemap>\n" for url in urls]
        files.begin(system)
    body = "".join([*parts, "</sitemapindex>\n"])
    return Response(body, media_type="application/xml", headers=_HEADERS)


@router.api_route("/sitemap-{name}.xml", methods=["GET", "HEAD"])
async def one_file(name: str, request: Request) -> Response:
    """One sitemap file, as far as it is made, and on as it is made."""
    files = _files(request)
    for system in await gateway_of(request).catalog.systems():
        if name in files.names(system):
            return await _sent(request, files.begin(system)[files.names(system).index(name)])
    raise NotFound("SITEMAP_UNKNOWN", f"There is no sitemap {name}: /sitemap.xml names those there are.")


async def _sent(request: Request, file: SitemapFile) -> Response:
    headers = dict(_HEADERS)
    await file.begun()
    body: AsyncIterator[bytes] = file.plain()
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = file.gzipped()
    if request.method == "HEAD":
        return Response(media_type="application/xml", headers=headers)
    return StreamingResponse(body, media_type="application/xml", headers=headers)


def _released(system: catalog_pb2.CodeSystem) -> str:
    """The day on which the newest release of a code system was imported."""
    days = [r.imported_at.ToDatetime().date().isoformat() for r in system.releases if r.HasField("imported_at")]
    return max(days, default="")
