"""The compose file's services fit each other and the settings that they are read by, with and without Keycloak."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

import gateway.settings
from deploy.keycloak.settings import ProvisioningSettings
from deploy.local.environment import as_fields

COMPOSE: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def started(profile: str) -> set[str]:
    """The services that a profile starts."""
    return {name for name, service in SERVICES.items() if profile in service.get("profiles", [profile])}


@pytest.mark.parametrize("profile", ["platform", "keycloak"])
def test_a_profile_starts_whatever_its_services_wait_for(profile: str) -> None:
    running = started(profile)
    waited = {name: set(SERVICES[name].get("depends_on", {})) for name in running}
    assert {name: needs - running for name, needs in waited.items() if needs - running} == {}
    ports = [port for name in running for port in SERVICES[name].get("ports", [])]
    assert len(ports) == len(set(ports))
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", ["gateway", "gateway-keycloak"])
def test_a_gateways_settings_are_read(name: str) -> None:
    read = gateway.settings.Settings.model_validate(as_fields(SERVICES[name]["environment"]))
    known = {field.upper() for field in gateway.settings.Settings.model_fields}
    assert set(SERVICES[name]["environment"]) <= known
    assert read.port == 8080


def test_the_gateway_keycloak_and_the_provisioning_speak_of_the_same_realm() -> None:
    keycloak = SERVICES["keycloak"]["environment"]
    site = gateway.settings.Settings.model_validate(as_fields(SERVICES["gateway-keycloak"]["environment"]))
    realm = ProvisioningSettings.model_validate(as_fields(SERVICES["realm"]["environment"]))
    assert site.oidc_issuer == f"{keycloak['KC_HOSTNAME']}/realms/{realm.keycloak_realm}"
    assert site.oidc_backend_url == f"{realm.keycloak_url}/realms/{realm.keycloak_realm}"
    assert (site.oidc_jwks_file, site.oidc_jwks_url) == (None, ""), "the keys come from the realm"
    assert site.public_url == realm.public_url
    assert site.oidc_client_secret_file == realm.oidc_client_secret_file
    assert urlsplit(realm.keycloak_gateway_url).netloc == f"gateway-keycloak:{site.port}"
    assert urlsplit(realm.keycloak_url).hostname == "keycloak"
    assert (
        f"127.0.0.1:{urlsplit(site.oidc_issuer).port}:{urlsplit(realm.keycloak_url).port}"
        in (SERVICES["keycloak"]["ports"])
    )


def test_the_provisioning_signs_in_with_the_administrators_password() -> None:
    (mounted,) = SERVICES["realm"]["configs"]
    assert SERVICES["realm"]["environment"]["KEYCLOAK_ADMIN_PASSWORD_FILE"] == f"/{mounted}"
    password = SERVICES["keycloak"]["environment"]["KC_BOOTSTRAP_ADMIN_PASSWORD"]
    assert COMPOSE["configs"][mounted]["content"] == password
