"""What tokens say, in the shape of Keycloak's, so that one gateway reads both."""

import secrets
import time
from typing import Any

from authlib.oauth2.rfc6750 import BearerTokenGenerator

from deploy.local.issuer.clients import Client
from deploy.local.issuer.secret_values import new_secret
from deploy.local.issuer.settings import IssuerSettings
from deploy.local.issuer.sign_ons import Person, SignOn
from deploy.local.issuer.signing import SigningKeys

ACCESS_SECONDS = 300
ID_SECONDS = 300
LOGOUT_SECONDS = 120
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class Tokens(BearerTokenGenerator):  # type: ignore[misc]  # the library has no types
    """Makes access and refresh tokens for the protocol library, and says what its ID tokens hold."""

    def __init__(self, settings: IssuerSettings, keys: SigningKeys) -> None:
        """Take the issuer's name and its keys."""
        super().__init__(self._access_token, lambda **_: new_secret(), ACCESS_SECONDS)
        self._settings = settings
        self._keys = keys

    def _access_token(self, client: Client, grant_type: str, user: Person | None, scope: str) -> str:  # noqa: ARG002
        claims = self._timed(ACCESS_SECONDS) | {
            "aud": [self._settings.audience],
            "typ": "Bearer",
            "azp": client.id,
            "scope": scope,
        }
        return self._keys.sign(claims | (_of_person(user, scope) if user else _of_service(client)))

    def id_claims(self, client: Client, person: Person) -> dict[str, Any]:
        """Give what an ID token says beside what the request and the scopes add."""
        return self._timed(ID_SECONDS) | {
            "aud": client.id,
            "azp": client.id,
            "typ": "ID",
            "sid": str(person.sign_on.id),
            "auth_time": int(person.sign_on.signed_in_at.timestamp()),
            "acr": person.sign_on.acr,
            "amr": list(person.sign_on.amr),
        }

    def logout_token(self, client_id: str, sign_on: SignOn) -> str:
        """Make the token that tells a client of the end of a sign-on (OpenID Connect Back-Channel Logout 1.0, 2.4)."""
        claims = self._timed(LOGOUT_SECONDS) | {
            "aud": client_id,
            "sub": str(sign_on.account_id),
            "sid": str(sign_on.id),
            "typ": "Logout",
            "events": {LOGOUT_EVENT: {}},
        }
        return self._keys.sign(claims, "logout+jwt")

    def _timed(self, seconds: int) -> dict[str, Any]:
        now = int(time.time())
        return {"iss": self._settings.issuer, "iat": now, "exp": now + seconds, "jti": secrets.token_urlsafe(16)}


def profile(person: Person, scope: str) -> dict[str, Any]:
    """Give what the scopes tell of a person."""
    account, asked = person.account, scope.split()
    told: dict[str, Any] = {"sub": str(account.id)}
    if "profile" in asked:
        told |= {"preferred_username": account.email, "name": account.name}
    if "email" in asked:
        told |= {"email": account.email, "email_verified": account.email_verified}
    return told


def _of_person(person: Person, scope: str) -> dict[str, Any]:
    return profile(person, scope) | {
        "sid": str(person.sign_on.id),
        "auth_time": int(person.sign_on.signed_in_at.timestamp()),
        "acr": person.sign_on.acr,
        "realm_access": {"roles": list(person.account.roles)},
    }


def _of_service(client: Client) -> dict[str, Any]:
    return {
        "sub": str(client.service_account),
        "client_id": client.id,
        "preferred_username": f"service-account-{client.id}",
        "realm_access": {"roles": list(client.roles)},
    }
