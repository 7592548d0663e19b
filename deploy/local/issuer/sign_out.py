"""The end of a sign-on, asked for by a client (OpenID Connect RP-Initiated Logout 1.0) or by a person here."""

from typing import Any
from uuid import UUID

from authlib.oauth2 import OAuth2Error
from authlib.oidc.rpinitiated import EndSessionEndpoint, EndSessionRequest
from joserfc.jwk import KeySet
from starlette.responses import Response

from deploy.local.issuer import sign_ons
from deploy.local.issuer.visit import SIGN_ON_COOKIE, Visit


class _EndSession(EndSessionEndpoint):  # type: ignore[misc]  # the library has no types
    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self._visit = visit

    def get_server_jwks(self) -> KeySet:
        return self._visit.keys.public()

    def is_post_logout_redirect_uri_legitimate(self, *_: Any) -> bool:
        return True  # it is the client's own, compared exactly, and the person confirms

    def end_session(self, end_session_request: EndSessionRequest) -> None:
        hint = end_session_request.id_token_claims
        person = self._visit.person()
        if hint is not None:
            self._visit.end(sign_ons.end(self._visit.tx, UUID(hint["sid"])))
        elif person is not None:
            self._visit.end(sign_ons.end(self._visit.tx, person.sign_on.id))
        if person is not None and (hint is None or hint["sid"] == str(person.sign_on.id)):
            self._visit.cookies[SIGN_ON_COOKIE] = ""


def end_session(visit: Visit) -> Response:
    """End the sign-on that an ID token names; without one the person is asked."""
    server = visit.protocol
    server.register_endpoint(_EndSession(visit))
    try:
        sought = server.validate_endpoint_request("end_session", visit.asked)
    except OAuth2Error:
        return visit.error_page(400, "The site that sent you here asked wrongly for the end of your session.")
    hint = sought.id_token_claims
    if hint is not None and (hint.get("typ") != "ID" or hint.get("iss") != visit.settings.issuer):
        return visit.error_page(400, "The site that sent you here asked wrongly for the end of your session.")
    if sought.needs_confirmation and visit.asked.form.get("confirmed") != "yes":
        return visit.page("sign_out.html", title="Sign out", action=visit.path("protocol/openid-connect/logout"))
    if sought.needs_confirmation:
        visit.check_form()
    response: Response | None = server.create_endpoint_response("end_session", sought)
    return response or visit.page("sent.html", title="Signed out", sentence="You are signed out.")
