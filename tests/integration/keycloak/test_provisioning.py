"""The provisioning command: it shows before it changes, a second time changes nothing, and says what goes wrong."""

import stat
from pathlib import Path

import httpx
import pytest

from tests.integration.keycloak.realms import TestRealm

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


def test_a_second_apply_changes_nothing_and_the_secret_is_never_printed(realm: TestRealm) -> None:
    again = realm.provision("apply", "--yes", VERIFY_EMAIL="false")
    assert (again.returncode, again.stdout, again.stderr) == (0, "nothing to change\n", "")
    assert stat.S_IMODE(realm.secret_file.stat().st_mode) == 0o600
    realm.secret_file.write_text("another-secret-of-the-site")
    changed = realm.provision("apply", "--yes", VERIFY_EMAIL="false")
    assert "secret: another -> the one in" in changed.stdout
    assert "another-secret-of-the-site" not in changed.stdout + changed.stderr


def test_nothing_is_changed_without_a_yes(realm: TestRealm) -> None:
    asked = realm.provision("apply", VERIFY_EMAIL="true")
    assert asked.returncode == 1
    assert "verifyEmail: no -> yes" in asked.stdout
    assert realm.admin().get_realm(realm.name)["verifyEmail"] is False


def test_what_goes_wrong_is_said_in_a_sentence(realm: TestRealm, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not-the-password")
    private = tmp_path / "private.jwks"
    private.write_text('{"keys": [{"kty": "EC", "d": "secret"}]}')
    for done, words in (
        (realm.provision("plan", KEYCLOAK_URL="http://127.0.0.1:9"), "Keycloak does not answer at http://127.0.0.1:9"),
        (realm.provision("plan", KEYCLOAK_ADMIN_PASSWORD_FILE=str(wrong)), "refuses the administrator"),
        (realm.provision("plan", PUBLIC_URL="localhost"), "PUBLIC_URL is 'localhost'"),
        (realm.provision("partner", "acme"), "Name either --secret-file FILE or --public-keys"),
        (realm.provision("partner", "acme", "--public-keys", str(private)), "no private one"),
        (realm.provision("partner", "Acme!", "--secret-file", str(tmp_path / "s")), "cannot be a partner's client"),
    ):
        assert done.returncode == 1
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_what_the_site_reads_at_discovery_is_there(realm: TestRealm) -> None:
    document = httpx.get(f"{realm.issuer}/.well-known/openid-configuration").raise_for_status().json()
    assert document["issuer"] == realm.issuer
    for name, path in (
        ("authorization_endpoint", "auth"),
        ("token_endpoint", "token"),
        ("jwks_uri", "certs"),
        ("end_session_endpoint", "logout"),
        ("revocation_endpoint", "revoke"),
        ("userinfo_endpoint", "userinfo"),
    ):
        assert document[name] == f"{realm.issuer}/protocol/openid-connect/{path}"
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["backchannel_logout_session_supported"] is True
    assert "S256" in document["code_challenge_methods_supported"]
    assert {"1", "2"} <= set(document["acr_values_supported"])
