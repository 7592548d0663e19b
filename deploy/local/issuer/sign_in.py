"""The authorization endpoint: a form to sign in or to register, a second factor where one is needed, then a code."""

import time
from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Error
from starlette.responses import Response

from deploy.local.issuer import accounts, attempts, passwords, second_factor, sign_ons
from deploy.local.issuer.accounts import Account
from deploy.local.issuer.sign_ons import Person
from deploy.local.issuer.visit import SIGN_ON_COOKIE, STEP_COOKIE, Visit, texts

WRONG = "E-mail address or password is not right."
ACTION, CHANGE_PASSWORD = "kc_action", "UPDATE_PASSWORD"
SET_UP_NEXT = "What you want to open needs a second factor. Sign in once more, and set it up in the next step."


@dataclass(frozen=True)
class _Sought:
    """What a client seeks: the library's server and the grant that it has checked."""

    server: Any
    grant: Any


def authorize(visit: Visit) -> Response:
    """Give a code at once to whoever has signed on; to others the form."""
    person = visit.person()
    prompts = visit.asked.params.get("prompt", "").split()
    steps_up = person is not None and _wants_second_factor(visit) and person.sign_on.acr != sign_ons.TWO_FACTORS
    sought = _sought(visit, None if steps_up and "none" in prompts else person)
    if isinstance(sought, Response):
        return sought
    if "create" in prompts:
        return visit.redirect(visit.path("protocol/openid-connect/registrations"))
    if person is None or sought.grant.prompt in ("login", "select_account") or _too_old(visit, person):
        return sign_in_page(visit)
    return _step_up(visit, person.account) if steps_up else _onward(visit, sought, person)


def sign_in(visit: Visit) -> Response:
    """Take e-mail address and password."""
    visit.check_form()
    sought = _sought(visit, None)
    if isinstance(sought, Response):
        return sought
    email = texts(visit.asked.form, "email")[0]
    wait = attempts.seconds_locked(visit.tx, email, visit.asked.peer)
    if wait:
        return sign_in_page(visit, f"Too many attempts: wait {wait} seconds and try again.", status=429)
    account = accounts.by_email(visit.tx, email)
    if not passwords.holds(account.password_hash if account else None, visit.asked.form.get("password", "")):
        attempts.failed(visit.tx, email, visit.asked.peer)
        return sign_in_page(visit, WRONG, status=401)
    assert account is not None  # noqa: S101 - a password that holds is an account's
    return proceed(visit, account)


def proceed(visit: Visit, account: Account) -> Response:
    """Go on with an account whose password was right."""
    if visit.settings.verify_email and not account.email_verified:
        return visit.redirect(visit.path("login-actions/unverified"))
    if account.needs_second_factor or _wants_second_factor(visit):
        second_factor.begin(visit, account)
        return visit.redirect(visit.path("login-actions/second-factor"))
    return complete(visit, account, two_factors=False)


def second_factor_page(visit: Visit) -> Response:
    """Ask for a one-time code, with the secret as a picture for whoever has none yet."""
    half = second_factor.under_way(visit)
    if half is None:
        return visit.redirect(visit.path("protocol/openid-connect/auth"))
    return second_factor.page(visit, half)


def take_second_factor(visit: Visit) -> Response:
    """Take a one-time code."""
    visit.check_form()
    half = second_factor.under_way(visit)
    if half is None:
        return visit.redirect(visit.path("protocol/openid-connect/auth"))
    wait = attempts.seconds_locked(visit.tx, half.account.email, visit.asked.peer)
    if wait:
        return second_factor.page(visit, half, f"Too many attempts: wait {wait} seconds and try again.", status=429)
    if not second_factor.accept(visit, half, visit.asked.form.get("code", "")):
        attempts.failed(visit.tx, half.account.email, visit.asked.peer)
        return second_factor.page(visit, half, "This code is not right, or was used before.", status=401)
    return complete(visit, half.account, two_factors=True)


def complete(visit: Visit, account: Account, *, two_factors: bool) -> Response:
    """Begin a sign-on with a new cookie, whatever cookie came, and give the client its code."""
    attempts.succeeded(visit.tx, account.email)
    before = visit.person()
    if before is not None:
        visit.end(sign_ons.end(visit.tx, before.sign_on.id))
    person, visit.cookies[SIGN_ON_COOKIE] = sign_ons.begin(visit.tx, account, two_factors=two_factors)
    visit.cookies[STEP_COOKIE] = ""
    sought = _sought(visit, person)
    return sought if isinstance(sought, Response) else _onward(visit, sought, person)


def sign_in_page(visit: Visit, defect: str = "", *, status: int = 200, notice: str = "") -> Response:
    """Draw the form."""
    return visit.page(
        "sign_in.html",
        status,
        title="Sign in",
        defect=defect,
        notice=notice,
        email=visit.asked.form.get("email", visit.asked.params.get("login_hint", "")),
        action=visit.path("login-actions/authenticate"),
        register=visit.path("protocol/openid-connect/registrations"),
        forgotten=visit.path("login-actions/reset-credentials"),
    )


def check_client(visit: Visit) -> Response | None:
    """Refuse what the authorization endpoint refuses; nothing when a client may send people here."""
    sought = _sought(visit, None)
    return sought if isinstance(sought, Response) else None


def _sought(visit: Visit, person: Person | None) -> _Sought | Response:
    server = visit.protocol
    try:
        return _Sought(server, server.get_consent_grant(visit.asked, person))
    except OAuth2Error as error:
        if error.redirect_uri:
            response: Response = server.handle_error_response(None, error)
            server.execute_hook("after_create_authorization_response", response)  # RFC 9207: errors name us as well
            return response
        return visit.error_page(
            400, f"The site that sent you here asked wrongly ({error.error}): go back and start again."
        )
    except ValueError:  # the library cannot write some characters of a wrong parameter into its error
        return visit.error_page(400, "The site that sent you here asked wrongly: go back and start again.")


def _onward(visit: Visit, sought: _Sought, person: Person) -> Response:
    """Give the code, or first do what the client sent a person for (Keycloak's application-initiated actions)."""
    if visit.asked.query.get(ACTION) == CHANGE_PASSWORD:
        return visit.redirect(visit.path("account"))
    return _code(sought, person)


def _code(sought: _Sought, person: Person) -> Response:
    sought.grant.request.user = person
    response: Response = sought.server.create_authorization_response(
        sought.grant.request, grant_user=person, grant=sought.grant
    )
    response.headers["Cache-Control"] = "no-store"
    if response.status_code == 302:
        response.status_code = 303  # a password that was posted is not posted on (RFC 9700, 4.12)
    return response


def _wants_second_factor(visit: Visit) -> bool:
    """Whether the client asks for two factors, and for nothing less (OpenID Connect Core 1.0, 3.1.2.1, acr_values)."""
    asked = visit.asked.params.get("acr_values", "").split()
    return sign_ons.TWO_FACTORS in asked and sign_ons.ONE_FACTOR not in asked


def _step_up(visit: Visit, account: Account) -> Response:
    """Ask whoever has signed on for the second factor; to set one up, a cookie alone is not enough."""
    if account.otp_secret is None:
        return sign_in_page(visit, notice=SET_UP_NEXT)
    second_factor.begin(visit, account)
    return visit.redirect(visit.path("login-actions/second-factor"))


def _too_old(visit: Visit, person: Person) -> bool:
    longest = visit.asked.params.get("max_age", "")
    return longest.isdecimal() and time.time() - person.sign_on.signed_in_at.timestamp() > int(longest[:9])
