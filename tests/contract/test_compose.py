"""The compose file's services fit each other and the settings that they are read by, with and without Keycloak."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from pydantic_settings import BaseSettings

import gateway.settings
import services.catalog.settings
import services.metering.settings
import services.search.settings
from deploy.keycloak.settings import ProvisioningSettings
from deploy.local.environment import as_fields
from deploy.local.key_shares import hand_out

COMPOSE: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "coding-ahead"}
DOCKERFILE = Path(__file__).parents[2] / "deploy" / "docker" / "Dockerfile"
READ_BY: dict[str, type[BaseSettings]] = {
    "gateway": gateway.settings.Settings,
    "services.catalog": services.catalog.settings.Settings,
    "services.metering": services.metering.settings.Settings,
    "services.search": services.search.settings.Settings,
    "deploy.keycloak": ProvisioningSettings,
}
READ_ALONE = {
    "shared.events": {"EVENTS_URL"},
    "deploy.local.loading": {"DATABASE_URL"},
    "deploy.local.key_shares": set(),
}
"""Commands that read a variable or two by themselves."""
MADE_BY_THE_REALM = {"OIDC_CLIENT_SECRET_FILE", "ACCOUNTS_CLIENT_SECRET_FILE"}


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


def test_every_service_runs_a_module_of_ours_with_settings_that_it_reads() -> None:
    for name, service in OURS.items():
        python, dash_m, module, *_ = service["command"]
        assert (name, python, dash_m, find_spec(module) is not None) == (name, "python", "-m", True)
        given = service.get("environment", {})
        if module in READ_ALONE:
            assert (name, set(given)) == (name, READ_ALONE[module])
            continue
        known = {field.upper() for field in READ_BY[module].model_fields}
        assert (name, set(given) - known) == (name, set())
        if _needs_settings(service):
            READ_BY[module].model_validate(as_fields(given))
    assert set(READ_BY) | set(READ_ALONE) == {service["command"][2] for service in OURS.values()}


def test_what_keeps_running_is_asked_for_its_readiness_where_it_tells_it() -> None:
    kept = {name: service for name, service in OURS.items() if "restart" in service}
    assert set(kept) == {"catalog", "metering", "search", "gateway", "gateway-keycloak"}
    for name, service in kept.items():
        port = service["environment"]["METRICS_LISTEN"].rpartition(":")[2]
        assert f"http://127.0.0.1:{port}/readyz" in service["healthcheck"]["test"][-1], name
        for target, waits in SERVICES.items():
            reached = f"{name}:{service['environment'].get('LISTEN', ':').rpartition(':')[2]}"
            named = [value for key, value in waits.get("environment", {}).items() if key == f"{name.upper()}_TARGET"]
            assert (target, set(named) <= {reached}) == (target, True)


def test_each_service_has_the_keys_that_it_needs_and_no_others(tmp_path: Path) -> None:
    hand_out(tmp_path)
    made = {f"/keys/{file.relative_to(tmp_path)}" for file in tmp_path.rglob("*") if file.is_file()}
    realms = {SERVICES["realm"]["environment"][name] for name in MADE_BY_THE_REALM}
    for name, service in OURS.items():
        if name == "keys":
            continue
        files = {value for value in service.get("environment", {}).values() if value.startswith("/keys/")}
        assert (name, files - made - realms) == (name, set())
        needed = {str(Path(file).parent) for file in files} if _needs_settings(service) else set()
        assert (name, needed) == (name, {mount.split(":")[1] for mount in service.get("volumes", [])})
        assert all(mount.endswith(":ro") for mount in service.get("volumes", []) if name != "realm")
        assert name == "realm" or not needed or "keys" in service["depends_on"], name
    assert [name for name, service in SERVICES.items() if "keys:/keys" in service.get("volumes", [])] == ["keys"]


def test_every_folder_of_keys_is_in_the_image_so_that_its_volume_belongs_to_the_platforms_user() -> None:
    mounts = {tuple(mount.split(":")[:2]) for service in OURS.values() for mount in service.get("volumes", [])}
    folders = DOCKERFILE.read_text().split("install -d -o 10001 -m 0700 ")[1].splitlines()[0].split()
    assert {target for _, target in mounts} == set(folders)
    assert {volume for volume, _ in mounts} <= set(COMPOSE["volumes"])
    assert len({target for _, target in mounts}) == len(mounts), "one volume a folder"


def _needs_settings(service: dict[str, Any]) -> bool:
    """Whether a service reads its keys: a migration names them, as every start does, and opens none."""
    return list(service["command"][3:4]) != ["migrate"]


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
