"""Serves static files from memory; a fingerprinted name never changes its content, so browsers keep it."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.web import assets
from shared.errors import NotFound

router = APIRouter()

_FOREVER = "public, max-age=31536000, immutable"


@router.api_route("/static/{name}", methods=["GET", "HEAD"])
async def static_file(name: str, request: Request) -> Response:
    """A file by its fingerprinted name."""
    asset = assets.load().by_name.get(name)
    if asset is None:
        raise NotFound("FILE_UNKNOWN", f"There is no file {name}: its page was changed. Reload the page.")
    headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
    if asset.gzipped and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.gzipped, media_type=asset.media_type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(asset.body, media_type=asset.media_type, headers=headers)


@router.api_route("/favicon.ico", methods=["GET", "HEAD"])
async def favicon() -> Response:
    """Browsers that ask for an icon unasked get ours."""
    return RedirectResponse(assets.load().url("icon.svg"), status_code=302, headers={"Cache-Control": "max-age=86400"})
