"""The gateway removes deleted accounts at a real Keycloak by a client that can do this and little else."""

from __future__ import annotations

import pytest
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakError

from gateway.accounts.issuer_accounts import KeycloakAccounts
from shared.errors import Unavailable
from tests.integration.keycloak.realms import TestRealm
from tests.integration.keycloak.site import Site

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
CLIENT = "coding-ahead-accounts"


async def test_a_removed_account_is_gone_with_its_sessions_and_removing_it_again_is_fine(realm: TestRealm) -> None:
    account = realm.person("leaver@example.org")
    site = Site(realm)
    tokens = site.tokens(site.sign_in("leaver@example.org"))
    accounts = KeycloakAccounts(realm.server.url, realm.name, CLIENT, realm.accounts_secret_file.read_text().strip())
    for _ in range(2):
        await accounts.remove(account)
    assert realm.admin().get_user_id("leaver@example.org") is None
    refused = site.grant(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"


async def test_a_keycloak_that_does_not_do_it_now_is_unavailable(realm: TestRealm) -> None:
    for server, secret in ((realm.server.url, "wrong"), ("http://127.0.0.1:9", "x")):
        with pytest.raises(Unavailable):
            await KeycloakAccounts(server, realm.name, CLIENT, secret).remove("somebody")


def test_its_client_changes_no_realm_and_no_client(realm: TestRealm) -> None:
    connection = KeycloakOpenIDConnection(
        server_url=realm.server.url,
        realm_name=realm.name,
        client_id=CLIENT,
        client_secret_key=realm.accounts_secret_file.read_text().strip(),
    )
    own = KeycloakAdmin(connection=connection)
    for act in (lambda: own.update_realm(realm.name, {"enabled": False}), own.get_clients):
        with pytest.raises(KeycloakError) as refused:
            act()
        assert refused.value.response_code == 403
