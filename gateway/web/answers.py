"""HTML answers of pages that are the same for every reader, and conditional requests for them."""

import hashlib
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from gateway.platform import gateway_of
from gateway.web.account_part import account_values
from gateway.web.drawing import draw

LONGEST_NEXT = 1000


def page(
    request: Request, template: str, values: Mapping[str, object], *, status: int = 200, canonical: str = ""
) -> Response:
    """A drawn page; 304 when the browser has it already. ``canonical`` is its one address, a path."""
    public_url = gateway_of(request).settings.public_url
    body = draw(
        template, {"public_url": public_url, "canonical": canonical, **account_values(request.scope), **values}
    ).encode()
    headers = {"Cache-Control": "private, no-cache"}
    if status == 200:
        headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    return Response(body, status_code=status, media_type="text/html", headers=headers)


def local_path(path: str) -> str:
    """A path of this site as it was given, or nothing: an address elsewhere is never followed.

    Browsers read a backslash as a slash and drop tabs and line ends, so none of them may stand anywhere; and what
    some proxy may decode on the way must be local as well.
    """
    if not path.startswith("/") or len(path) > LONGEST_NEXT or not path.isprintable():
        return ""
    try:
        parts = urlsplit(path)
    except ValueError:
        return ""
    decoded = unquote(parts.path)
    slashes = path.startswith("//") or decoded.startswith("//") or "\\" in unquote(path)
    elsewhere = parts.scheme or parts.netloc or slashes
    return "" if elsewhere or not decoded.isprintable() else path
