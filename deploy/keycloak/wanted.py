"""realm.yaml in Keycloak's words: the representations of its Admin API, with the fields that we hold it to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deploy.keycloak.realm import Realm

Fields = dict[str, Any]  # a representation of the Admin API

CALLBACK = "/sign-in/callback"
SIGNED_OUT = "/"
BACK_CHANNEL = "/sign-out/back-channel"
LEVELS = '{"1":1,"2":2}'
"""The acr of tokens by the level that the sign-in reached."""
DEFAULT_SCOPES = ("basic", "profile", "email", "roles", "acr")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the gateway is, for browsers and for Keycloak itself, and the relay of mails."""

    public_url: str
    gateway_url: str
    smtp: Fields
    """Keycloak's smtpServer without a password; empty for none."""


def realm_fields(realm: Realm, places: Places) -> Fields:
    """The realm's own fields."""
    registration, brute, sessions, factor = (
        realm.registration, realm.brute_force, realm.sessions, realm.second_factor,
    )  # fmt: skip
    return {
        "enabled": True,
        "displayName": realm.display_name,
        "loginTheme": realm.login_theme,
        "emailTheme": realm.email_theme,
        "sslRequired": "external",
        "defaultSignatureAlgorithm": "RS256",
        "registrationAllowed": registration.allowed,
        "registrationEmailAsUsername": True,
        "loginWithEmailAllowed": True,
        "duplicateEmailsAllowed": False,
        "editUsernameAllowed": False,
        "verifyEmail": registration.verify_email,
        "resetPasswordAllowed": registration.forgotten_password,
        "rememberMe": registration.remember_me,
        "bruteForceProtected": True,
        "permanentLockout": False,
        "failureFactor": brute.failures,
        "waitIncrementSeconds": brute.first_wait,
        "maxFailureWaitSeconds": brute.longest_wait,
        "maxDeltaTimeSeconds": brute.forget_after,
        "passwordPolicy": realm.passwords,
        "accessTokenLifespan": sessions.access_token,
        "ssoSessionIdleTimeout": sessions.idle,
        "ssoSessionMaxLifespan": sessions.longest,
        "accessCodeLifespanLogin": sessions.sign_in,
        "actionTokenGeneratedByUserLifespan": sessions.mail_link,
        # A refresh token is good for one use: one that was stolen ends the session when it is used again.
        "revokeRefreshToken": True,
        "refreshTokenMaxReuse": 0,
        "otpPolicyType": "totp",
        "otpPolicyAlgorithm": "HmacSHA1",  # the one that every authenticator app knows
        "otpPolicyDigits": factor.digits,
        "otpPolicyPeriod": factor.period,
        "otpPolicyLookAheadWindow": 1,
        "otpPolicyCodeReusable": False,
        "eventsEnabled": True,
        "eventsExpiration": realm.events.keep,
        "eventsListeners": _listeners(realm, places),
        "adminEventsEnabled": True,
        "adminEventsDetailsEnabled": False,  # details hold what people typed
        "internationalizationEnabled": False,
        "smtpServer": places.smtp,
        "attributes": {"acr.loa.map": LEVELS},
    }


def _listeners(realm: Realm, places: Places) -> list[str]:
    """Who hears of events; `email` where mails can go out, as it would fail at every event without a relay.

    Which events it writes of is the server's to say, not the realm's: `server.env`.
    """
    mails = ["email"] if realm.events.notices and places.smtp else []
    return [*realm.events.listeners, *mails]


REQUIRED_ACTIONS: dict[str, Fields] = {
    "CONFIGURE_TOTP": {"enabled": True, "defaultAction": False},
    "UPDATE_PASSWORD": {"enabled": True, "defaultAction": False},
    "VERIFY_EMAIL": {"enabled": True, "defaultAction": False},
    "VERIFY_PROFILE": {"enabled": True, "defaultAction": False},
}


def user_profile(found: Fields) -> Fields:
    """The profile of people: an e-mail address, and a name in one field that is theirs to give or keep."""
    attributes = [_attribute(part) for part in found["attributes"] if part["name"] != "lastName"]
    return {**found, "attributes": attributes}


def _attribute(part: Fields) -> Fields:
    if part["name"] == "email":
        return {**part, "required": {"roles": ["user"]}}
    wanted = {name: value for name, value in part.items() if name != "required"}
    if part["name"] == "firstName":  # Keycloak makes the claim `name` of the first and the last name
        wanted |= {"displayName": "Name", "annotations": {"inputHelperTextBefore": "You may leave this empty."}}
    return wanted


def audience_scope(realm: Realm) -> tuple[Fields, Fields]:
    """The client scope that puts our audience into access tokens, and its mapper."""
    scope = {
        "name": f"{realm.audience}-audience",
        "description": "Puts the audience of the platform's API into access tokens.",
        "protocol": "openid-connect",
        "attributes": {"include.in.token.scope": "false", "display.on.consent.screen": "false"},
    }
    mapper = {
        "name": "audience",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {
            "included.custom.audience": realm.audience,
            "access.token.claim": "true",
            "id.token.claim": "false",
            "introspection.token.claim": "true",
        },
    }
    return scope, mapper


def web_client(realm: Realm, places: Places) -> Fields:
    """The site's client: authorization code with PKCE and nothing else."""
    return {
        "clientId": realm.web_client,
        "name": realm.display_name,
        "protocol": "openid-connect",
        "enabled": True,
        "publicClient": False,
        "clientAuthenticatorType": "client-secret",
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": False,
        "fullScopeAllowed": True,
        "consentRequired": False,
        "rootUrl": places.public_url,
        "baseUrl": "/",
        "redirectUris": [places.public_url + CALLBACK],
        "webOrigins": [],
        "attributes": {
            "pkce.code.challenge.method": "S256",
            "post.logout.redirect.uris": places.public_url + SIGNED_OUT,
            "backchannel.logout.url": places.gateway_url + BACK_CHANNEL,
            "backchannel.logout.session.required": "true",
            "backchannel.logout.revoke.offline.tokens": "true",
        },
    }


def accounts_client(realm: Realm) -> Fields:
    """The gateway's own client, by which it removes deleted accounts: client credentials and nothing else."""
    return _program(realm.accounts_client, "Removes deleted accounts") | {"fullScopeAllowed": False}


def partner_client(client_id: str, display_name: str, places: Places) -> Fields:
    """A partner's client: client credentials and nothing else. The API's documentation may ask for its tokens."""
    return _program(client_id, display_name) | {"webOrigins": [places.public_url]}


def _program(client_id: str, display_name: str) -> Fields:
    return {
        "clientId": client_id,
        "name": display_name,
        "protocol": "openid-connect",
        "enabled": True,
        "publicClient": False,
        "standardFlowEnabled": False,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": True,
        "fullScopeAllowed": True,
        "redirectUris": [],
        "webOrigins": [],
    }
