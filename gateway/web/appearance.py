"""Light or dark for readers without scripts: the form's answer, and the style sheet that only they load.

With scripts `static/appearance.js` does both in the browser. Code pages never depend on the choice, so that kept bytes
and ETags stay the same for everyone.
"""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.auth.origin import parts_of
from gateway.platform import gateway_of
from gateway.web.answers import local_path
from shared.errors import InvalidInput

router = APIRouter()

COOKIE = "appearance"
CHOICES = ("light", "dark")
A_YEAR_SECONDS = 31_536_000


@router.post("/appearance")
async def choose(request: Request) -> Response:
    """Keep the choice and lead back to the page that the form stood on."""
    async with request.form() as sent:
        chosen = str(sent.get(COOKIE, ""))
    if chosen not in CHOICES:
        raise InvalidInput("APPEARANCE_UNKNOWN", "The appearance of this site is light or dark: choose one of them.")
    answer = RedirectResponse(_came_from(request), status_code=303)
    secure = gateway_of(request).settings.secure
    answer.set_cookie(COOKIE, chosen, max_age=A_YEAR_SECONDS, samesite="lax", secure=secure)
    return answer


@router.api_route("/appearance.css", methods=["GET", "HEAD"])
async def style(request: Request) -> Response:
    """The chosen colours as a style sheet; empty without a choice."""
    chosen = request.cookies.get(COOKIE, "")
    rules = _rules(chosen) if chosen in CHOICES else ""
    return Response(rules, media_type="text/css", headers={"Cache-Control": "private, no-cache", "Vary": "Cookie"})


def _rules(chosen: str) -> str:
    other = CHOICES[1 - CHOICES.index(chosen)]
    button = ":root:root:root .appearance .appearance__{} {{ display: {}; }}"
    shown, hidden = button.format(other, "inline-flex"), button.format(chosen, "none")
    return f":root:root {{ color-scheme: {chosen}; }}\n{shown}\n{hidden}\n"


def _came_from(request: Request) -> str:
    """The page that the form stood on; the home page where the browser does not say, or says the form itself."""
    came_from = parts_of(request.headers.get("referer", ""))
    if came_from is None:
        return "/"
    address = f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path
    return "/" if came_from.path == request.url.path else local_path(address) or "/"
