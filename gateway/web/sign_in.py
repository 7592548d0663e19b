"""The addresses of signing in and out: the browser goes to the issuer and comes back with a session."""

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from gateway.auth.cookies import LOGIN_SECONDS
from gateway.auth.known_places import Place
from gateway.auth.sign_in import SignIn
from gateway.platform import Gateway, gateway_of, reader_of
from gateway.web.answers import local_path
from gateway.web.devices import device_of
from gateway.web.standing_pages import accounts_page
from shared.errors import FailedPrecondition, InvalidInput
from shared.identity import Kind

router = APIRouter()
NO_STORE = {"Cache-Control": "no-store"}


@router.api_route("/sign-in", methods=["GET", "HEAD"])
async def sign_in(request: Request) -> Response:
    """Lead to the issuer's sign-in and back to `next`; with `second_factor=1` the issuer asks for that as well."""
    return await lead_to_issuer(request, {}, second_factor=request.query_params.get("second_factor") == "1")


@router.api_route("/register", methods=["GET", "HEAD"])
async def register(request: Request) -> Response:
    """Lead to the issuer's registration; the reader comes back signed in."""
    return await lead_to_issuer(request, {"prompt": "create"})


async def lead_to_issuer(
    request: Request, extra: Mapping[str, str], next_path: str = "", *, second_factor: bool = False
) -> Response:
    """Begin a sign-in that comes back to a path, by default `next`; a site without sign-in says so on a page."""
    gateway = gateway_of(request)
    if gateway.sign_in is None:
        return await accounts_page(request)
    reader = reader_of(request)
    guest = reader.principal.id if reader.principal.kind is Kind.GUEST and not reader.newcomer else ""
    next_path = next_path or local_path(request.query_params.get("next", "")) or "/"
    begun = await gateway.sign_in.begin(next_path=next_path, guest=guest, extra=extra, second_factor=second_factor)
    answer = RedirectResponse(begun.address, status_code=303, headers=NO_STORE)
    cookies = gateway.sign_in.cookies
    answer.headers.append("Set-Cookie", cookies.set(cookies.login(begun.state), begun.browser, LOGIN_SECONDS))
    return answer


@router.get("/sign-in/callback")
async def callback(request: Request) -> Response:
    """Take the issuer's answer; the session that follows has a new id, and the guest is over."""
    gateway, sign_in = gateway_of(request), _configured(gateway_of(request))
    given = request.query_params
    if len(given.multi_items()) != len(given):
        raise InvalidInput("SIGN_IN_UNKNOWN", "The issuer's answer says something twice: sign in again.")
    login = sign_in.cookies.login(given.get("state", ""))
    before = request.cookies.get(sign_in.cookies.session, "")
    signed_in = await sign_in.finish(
        given,
        request.cookies.get(login, ""),
        place=_place_of(request),
        before=before,
    )
    request.scope.pop("reader", None)  # the guest or account that came is not who leaves
    answer = RedirectResponse(signed_in.next, status_code=303, headers=NO_STORE)
    lasts = int(sign_in.keeper.sessions.absolute.total_seconds())
    answer.headers.append("Set-Cookie", sign_in.cookies.set(sign_in.cookies.session, signed_in.secret, lasts))
    answer.headers.append("Set-Cookie", sign_in.cookies.take_away(login))
    answer.headers.append("Set-Cookie", gateway.readers.guest_taken_away())
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End this session, and lead through the issuer's own sign-out home."""
    return await _out(request, everywhere=False)


@router.post("/sign-out/everywhere")
async def sign_out_everywhere(request: Request) -> Response:
    """End every session of the account."""
    return await _out(request, everywhere=True)


@router.post("/sign-out/back-channel")
async def back_channel(request: Request) -> Response:
    """Hear from the issuer that somebody signed out elsewhere (OpenID Connect Back-Channel Logout, section 2.8)."""
    sign_in = _configured(gateway_of(request))
    async with request.form() as form:
        token = str(form.get("logout_token", ""))
    try:
        await sign_in.hear_logout(token)
    except InvalidInput as error:
        body = {"error": "invalid_request", "error_description": error.message}
        return JSONResponse(body, status_code=400, headers=NO_STORE)
    return Response(status_code=200, headers=NO_STORE)


async def _out(request: Request, *, everywhere: bool) -> Response:
    sign_in, reader = _configured(gateway_of(request)), reader_of(request)
    way_out = "/"
    session = await sign_in.keeper.sessions.find(reader.session.id_hash) if reader.session is not None else None
    if session is not None:
        way_out = await (sign_in.end_everywhere(session) if everywhere else sign_in.end(session))
    answer = RedirectResponse(way_out, status_code=303, headers=NO_STORE)
    answer.headers.append("Set-Cookie", sign_in.cookies.take_away(sign_in.cookies.session))
    return answer


def _place_of(request: Request) -> Place:
    network = gateway_of(request).readers.network_of(request.headers.raw, request.client.host if request.client else "")
    return Place(device_of(request.headers.get("user-agent", "")), network)


def _configured(gateway: Gateway) -> SignIn:
    if gateway.sign_in is None:
        raise FailedPrecondition("SIGN_IN_NOT_CONFIGURED", "Sign-in is not configured on this site.")
    return gateway.sign_in
