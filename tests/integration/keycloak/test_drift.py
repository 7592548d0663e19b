"""Whatever somebody changes in Keycloak's console is shown by `plan`, piece by piece, and mended by `apply`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from keycloak import KeycloakAdmin

from tests.integration.keycloak.realms import TestRealm, fresh
from tests.servers.keycloak import Address

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

WEB = "coding-ahead-web"
SCOPE = "coding-ahead-audience"
REALM = {
    "registrationAllowed": (False, "registrationAllowed: no -> yes"),
    "verifyEmail": (True, "verifyEmail: yes -> no"),
    "resetPasswordAllowed": (False, "resetPasswordAllowed: no -> yes"),
    "bruteForceProtected": (False, "bruteForceProtected: no -> yes"),
    "failureFactor": (99, "failureFactor: 99 -> 8"),
    "passwordPolicy": ("length(1)", "passwordPolicy: length(1) -> length(12) and notUsername"),
    "accessTokenLifespan": (999, "accessTokenLifespan: 999 -> 300"),
    "revokeRefreshToken": (False, "revokeRefreshToken: no -> yes"),
    "otpPolicyCodeReusable": (True, "otpPolicyCodeReusable: yes -> no"),
    "loginTheme": ("keycloak.v2", "loginTheme: keycloak.v2 -> coding-ahead"),
    "eventsListeners": ([], "eventsListeners: nothing -> ['jboss-logging']"),
    "browserFlow": ("browser", "browserFlow: browser -> coding-ahead sign-in"),
}
"""Fields of the realm: what somebody makes of them, and what `plan` says then."""


@pytest.fixture
def realm(keycloak: Address, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestRealm]:
    """A realm of this test's own, which it spoils."""
    made = fresh(keycloak, tmp_path_factory.mktemp("drift"))
    yield made
    made.remove()


def test_everything_that_drifted_is_shown_and_mended(realm: TestRealm) -> None:
    admin = realm.admin()
    fields = {name: value for name, (value, _) in REALM.items()}
    found = admin.get_realm(realm.name)
    attributes = {**found["attributes"], "acr.loa.map": "{}"}
    admin.update_realm(realm.name, {**found, **fields, "attributes": attributes})
    expected = [
        *(line for _, line in REALM.values()),
        "attributes.acr.loa.map: {} ->",
        *_spoil_client(admin),
        *_spoil_scope(admin),
        *_spoil_roles(admin),
        *_spoil_what_people_are_asked(admin),
    ]
    shown = realm.provision("plan", VERIFY_EMAIL="false")
    assert (shown.returncode, shown.stderr) == (2, "")
    assert [line for line in expected if line not in shown.stdout] == []
    assert admin.get_realm(realm.name)["failureFactor"] == 99, "a plan changes nothing"
    mended = realm.provision("apply", "--yes", VERIFY_EMAIL="false")
    assert (mended.returncode, mended.stderr) == (0, "")
    assert realm.provision("plan", VERIFY_EMAIL="false").stdout == "nothing to change\n"
    _holds(admin, realm)


def _spoil_client(admin: KeycloakAdmin) -> list[str]:
    id_ = admin.get_client_id(WEB) or ""
    client = admin.get_client(id_)
    client["redirectUris"].append("https://elsewhere.example/*")
    client["directAccessGrantsEnabled"] = client["implicitFlowEnabled"] = True
    client["attributes"] |= {"pkce.code.challenge.method": "plain", "backchannel.logout.url": "https://e.example/"}
    admin.update_client(id_, client)
    admin.generate_client_secrets(id_)
    admin.delete_client_default_client_scope(id_, _scope(admin)["id"])
    forging = {
        "name": "an operator for everybody",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-hardcoded-role-mapper",
        "config": {"role": "operator"},
    }
    admin.add_mapper_to_client(id_, forging)
    return [
        "-> ['http://localhost:8080/sign-in/callback']",
        "directAccessGrantsEnabled: yes -> no",
        "implicitFlowEnabled: yes -> no",
        "attributes.pkce.code.challenge.method: plain -> S256",
        "attributes.backchannel.logout.url: https://e.example/ -> http://localhost:8080/sign-out/back-channel",
        "secret: another -> the one in",
        f"default scopes: without -> {SCOPE}",
        "mapper: an operator for everybody -> nothing",
    ]


def _spoil_scope(admin: KeycloakAdmin) -> list[str]:
    scope = _scope(admin)
    mapper = scope["protocolMappers"][0]
    mapper["config"]["included.custom.audience"] = "somebody-else"
    admin.update_mapper_in_client_scope(scope["id"], mapper["id"], mapper)
    return ["config.included.custom.audience: somebody-else -> coding-ahead"]


def _spoil_roles(admin: KeycloakAdmin) -> list[str]:
    admin.delete_realm_role("employer")
    admin.add_realm_default_roles([admin.get_realm_role("operator")])
    return ["create role employer", "carries: operator -> nothing"]


def _spoil_what_people_are_asked(admin: KeycloakAdmin) -> list[str]:
    action = admin.get_required_action_by_alias("CONFIGURE_TOTP")
    assert action is not None
    admin.update_required_action("CONFIGURE_TOTP", {**action, "enabled": False})
    profile = admin.get_realm_users_profile()
    phone: dict[str, Any] = {"name": "phone", "displayName": "Telephone", "required": {"roles": ["user"]}}
    admin.update_realm_users_profile({**profile, "attributes": [*profile["attributes"], phone]})
    steps = admin.get_authentication_flow_executions("coding-ahead sign-in")
    code = [step for step in steps if step.get("providerId") == "auth-otp-form"][-1]
    admin.update_authentication_flow_executions({**code, "requirement": "DISABLED"}, "coding-ahead sign-in")
    return [
        "change required action CONFIGURE_TOTP",
        "Telephone (required) ->",
        "step: 3 auth-otp-form DISABLED -> 3 auth-otp-form REQUIRED",
    ]


def _holds(admin: KeycloakAdmin, realm: TestRealm) -> None:
    """What Keycloak itself reports afterwards."""
    found = admin.get_realm(realm.name)
    assert (found["browserFlow"], found["registrationAllowed"]) == ("coding-ahead sign-in", True)
    client = admin.get_client(admin.get_client_id(WEB) or "")
    assert client["redirectUris"] == ["http://localhost:8080/sign-in/callback"]
    assert client["attributes"]["pkce.code.challenge.method"] == "S256"
    assert client.get("protocolMappers", []) == []
    assert client["secret"] == realm.secret_file.read_text().strip()
    assert SCOPE in client["defaultClientScopes"]
    default = admin.get_composite_realm_roles_of_role(f"default-roles-{realm.name}")
    assert "operator" not in {role["name"] for role in default}


def _scope(admin: KeycloakAdmin) -> dict[str, Any]:
    scope = admin.get_client_scope_by_name(SCOPE)
    assert scope is not None
    return scope
