"""HTML answers of pages that are the same for every reader, and conditional requests for them."""

import hashlib
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from gateway.platform import gateway_of
from gateway.web.drawing import draw


def page(
    request: Request, template: str, values: Mapping[str, object], *, status: int = 200, canonical: str = ""
) -> Response:
    """A drawn page; 304 when the browser has it already. ``canonical`` is its one address, a path."""
    public_url = gateway_of(request).settings.public_url
    body = draw(template, {"public_url": public_url, "canonical": canonical, **values}).encode()
    headers = {"Cache-Control": "private, no-cache"}
    if status == 200:
        headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    return Response(body, status_code=status, media_type="text/html", headers=headers)


def local_path(path: str) -> str:
    """A path of this site as it was given, or nothing: an address elsewhere is never followed."""
    own = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if own and path.isprintable() else ""
