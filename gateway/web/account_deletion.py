"""The pages on which a reader deletes the account: what goes, what stays, the address typed once more, and farewell."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.auth.keeper import SessionStanding
from gateway.platform import gateway_of, reader_of
from gateway.web.answers import page
from shared.errors import Unauthenticated

router = APIRouter()
NO_STORE = {"Cache-Control": "no-store"}
FAREWELL = "/account/deleted"


@router.api_route("/account/deletion", methods=["GET", "HEAD"])
async def deletion_form(request: Request) -> Response:
    """Say what the deletion does, and ask for the address."""
    return _drawn(request)


@router.post("/account/deletion")
async def delete(request: Request) -> Response:
    """Delete the account, when the address is typed right; there is no way back."""
    gateway, session = gateway_of(request), _session(request)
    async with request.form() as sent:
        typed = str(sent.get("confirmation", "")).strip()
    if typed.casefold() != _confirmation(session).casefold():
        return _drawn(request, "That is not it: nothing was deleted.", status=400)
    if session.email:
        await gateway.catalog.forget_address(session.email)
    notice = gateway.notices.account_deleted(session.email)
    ended = await gateway.deletions.delete(session.principal.id, notice)
    answer = RedirectResponse(FAREWELL, status_code=303, headers=NO_STORE)
    if gateway.sign_in is not None:
        gateway.sign_in.keeper.forget(*ended)
        cookies = gateway.sign_in.cookies
        answer.headers.append("Set-Cookie", cookies.take_away(cookies.session))
    request.scope.pop("reader", None)  # nobody leaves as the account that came
    return answer


@router.api_route(FAREWELL, methods=["GET", "HEAD"])
async def farewell(request: Request) -> Response:
    """Say that it is done, and what remains."""
    return page(request, "pages/account_deleted.html", _values(request, "Account deleted"))


def _drawn(request: Request, defect: str = "", *, status: int = 200) -> Response:
    session = _session(request)
    values = _values(request, "Delete your account") | {
        "defect": defect,
        "confirmation": _confirmation(session),
        "by_email": bool(session.email),
    }
    answer = page(request, "pages/account_deletion.html", values, status=status)
    answer.headers.update(NO_STORE)
    return answer


def _values(request: Request, title: str) -> dict[str, object]:
    gateway = gateway_of(request)
    return {
        "title": f"{title} | Coding Ahead",
        "noindex": True,
        "issuer_remains": gateway.settings.oidc_issuer if gateway.deletions.issuer.remains else "",
        "sells": gateway.billing.checkout is not None,
    }


def _confirmation(session: SessionStanding) -> str:
    """What a person types to confirm: the address, or the name where the issuer tells no address."""
    return session.email or session.name


def _session(request: Request) -> SessionStanding:
    session = reader_of(request).session
    if session is None:
        raise Unauthenticated("SESSION_NEEDED", "An account is deleted by its person in a browser: sign in here first.")
    return session
