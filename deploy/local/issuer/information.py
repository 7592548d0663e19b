"""What the issuer tells programs: its metadata, its public keys, and who a token stands for."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from authlib.oauth2.rfc6749 import OAuth2Error
from starlette.responses import JSONResponse, Response

from deploy.local.issuer import sign_ons
from deploy.local.issuer.clients import PARTNER_GRANTS, SCOPES, SIGN_IN_GRANTS
from deploy.local.issuer.protocol import CLIENT_METHODS
from deploy.local.issuer.settings import IssuerSettings
from deploy.local.issuer.signing import ALGORITHM, public_document
from deploy.local.issuer.tokens import profile
from deploy.local.issuer.visit import Visit


def metadata(settings: IssuerSettings) -> dict[str, Any]:
    """Give the provider metadata (OpenID Connect Discovery 1.0, 3)."""
    return {
        "issuer": settings.issuer,
        "authorization_endpoint": f"{settings.protocol}/auth",
        "token_endpoint": f"{settings.protocol}/token",
        "revocation_endpoint": f"{settings.protocol}/revoke",
        "userinfo_endpoint": f"{settings.protocol}/userinfo",
        "jwks_uri": f"{settings.protocol}/certs",
        "end_session_endpoint": f"{settings.protocol}/logout",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [*SIGN_IN_GRANTS, *PARTNER_GRANTS],
        "subject_types_supported": ["public"],
        "scopes_supported": list(SCOPES),
        "prompt_values_supported": ["none", "login", "create"],
        "acr_values_supported": [sign_ons.ONE_FACTOR, sign_ons.TWO_FACTORS],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": CLIENT_METHODS,
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256"],
        "revocation_endpoint_auth_methods_supported": CLIENT_METHODS,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }


def discovery(visit: Visit) -> Response:
    """Answer with the metadata."""
    return JSONResponse(metadata(visit.settings))


def certificates(visit: Visit) -> Response:
    """Answer with the public keys."""
    return JSONResponse(public_document(visit.keys.keys()))


def token(visit: Visit) -> Response:
    """Answer a token request."""
    return _protocol_answer(lambda: visit.protocol.create_token_response(visit.asked))


def revoke(visit: Visit) -> Response:
    """Answer a revocation request."""
    return _protocol_answer(lambda: visit.protocol.create_endpoint_response("revocation", visit.asked))


def userinfo(visit: Visit) -> Response:
    """Tell who an access token stands for, as long as the sign-on lasts."""
    scheme, _, written = visit.asked.headers.get("authorization", "").partition(" ")
    claims = visit.keys.claims(written.strip()) if scheme.lower() == "bearer" else None
    person = sign_ons.live(visit.tx, UUID(claims["sid"])) if claims and _is_access_token(visit, claims) else None
    if claims is None or person is None:
        return JSONResponse({"error": "invalid_token"}, 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    return JSONResponse(profile(person, str(claims.get("scope", ""))), headers={"Cache-Control": "no-store"})


def _is_access_token(visit: Visit, claims: dict[str, Any]) -> bool:
    ours = claims.get("iss") == visit.settings.issuer and claims.get("typ") == "Bearer"
    return ours and "sid" in claims and claims.get("exp", 0) > time.time()


def _protocol_answer(answer: Callable[[], Response]) -> Response:
    try:
        response = answer()
    except (OAuth2Error, ValueError):  # the library cannot write some characters of a wrong parameter into its error
        response = JSONResponse({"error": "invalid_request"}, 400)
    response.headers["Cache-Control"] = "no-store"
    return response
