"""The documentation of the API: guides, and a reference whose calls can be tried as the reader who is signed in.

The reference is Swagger UI, served from the package fastapi-offline, which carries its files; nothing of that package
runs. It is started by a script of ours, so the content policy needs no exception.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.keys.secret import PATTERN
from gateway.platform import gateway_of
from gateway.rights import SCOPES
from gateway.web.answers import page
from shared.errors import NotFound

router = APIRouter()

PREFIX = "/static/api-docs/"
MEDIA_TYPES = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
}
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """One file of Swagger UI."""

    address: str
    media_type: str
    body: bytes
    gzipped: bytes


@cache
def reference_files() -> dict[str, ReferenceFile]:
    """The files by plain name, under addresses that change with their content."""
    found = find_spec("fastapi_offline")  # its module would load a framework of its own
    assert found is not None  # noqa: S101 - a requirement of the gateway
    assert found.origin is not None  # noqa: S101
    folder = Path(found.origin).parent / "static"
    return {name: _file(name, (folder / name).read_bytes()) for name in MEDIA_TYPES}


def _file(name: str, body: bytes) -> ReferenceFile:
    fingerprint = hashlib.sha256(body).hexdigest()[:10]
    return ReferenceFile(f"{PREFIX}{fingerprint}.{name}", MEDIA_TYPES[name], body, gzip.compress(body, 6, mtime=0))


@router.api_route("/api/docs", methods=["GET", "HEAD"])
async def api_docs(request: Request) -> Response:
    """Guides and reference."""
    files = reference_files()
    values = {
        "title": "API | Coding Ahead",
        "description": "The Coding Ahead API: medical codes with rules, edits and relative values as JSON.",
        "here": "api",
        "script": files["swagger-ui-bundle.js"].address,
        "style": files["swagger-ui.css"].address,
        "scopes": SCOPES,
        "key_pattern": PATTERN.pattern,
        "token_address": f"{gateway_of(request).settings.oidc_issuer}/protocol/openid-connect/token",
    }
    return page(request, "pages/api_docs.html", values, canonical="/api/docs")


@router.api_route("/static/api-docs/{name}", methods=["GET", "HEAD"])
async def reference_file(name: str, request: Request) -> Response:
    """A file of the reference by its fingerprinted name."""
    file = next((file for file in reference_files().values() if file.address == PREFIX + name), None)
    if file is None:
        raise NotFound("FILE_UNKNOWN", f"There is no file {name[:80]}: its page was changed. Reload the page.")
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.gzipped, media_type=file.media_type, headers=FOREVER | {"Content-Encoding": "gzip"})
    return Response(file.body, media_type=file.media_type, headers=FOREVER)
