"""The gateway removes accounts at a real Keycloak, and asks it for addresses, by a client that can do little else."""

from __future__ import annotations

import email
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from codingahead.metering.v1.metering_pb2 import TIER_PRO
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakError

from gateway.accounts.issuer_accounts import KeycloakAccounts
from shared.errors import Unavailable
from tests.integration.gateway.rooms import running_rooms
from tests.integration.keycloak.realms import TestRealm
from tests.integration.keycloak.site import Site
from tests.polling import eventually

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


async def test_a_plan_is_told_to_who_has_no_session_left_at_the_address_that_keycloak_vouches_for(
    realm: TestRealm, new_database: Callable[[str], str], events_url: str, tmp_path: Path
) -> None:
    away = realm.person("away@example.org")
    doubtful = realm.admin().create_user({"username": "x@example.org", "email": "x@example.org", "enabled": True})
    mails = tmp_path / "mail"
    at_keycloak: dict[str, Any] = {
        "oidc_issuer": realm.issuer,
        "keycloak_admin_url": realm.server.url,
        "keycloak_admin_secret_file": realm.accounts_secret_file,
        "mail_url": f"folder://{mails}?from=no-reply@localhost",
    }
    async with running_rooms(new_database, events_url, **at_keycloak) as rooms:
        for account in (doubtful, "nobody-there", away):
            await rooms.set_plan(account, TIER_PRO)

        async def told() -> bool:
            return bool(list(mails.glob("*.eml")))

        await eventually(told, "a mail")
    (mail,) = [email.message_from_bytes(file.read_bytes()) for file in mails.glob("*.eml")]
    assert (mail["To"], mail["Subject"]) == ("away@example.org", "Your plan has changed | Coding Ahead")


async def test_a_keycloak_that_names_no_address_now_is_asked_again_later(realm: TestRealm) -> None:
    for server, secret in ((realm.server.url, "wrong"), ("http://127.0.0.1:9", "x")):
        with pytest.raises(Unavailable):
            await KeycloakAccounts(server, realm.name, CLIENT, secret).address_of("somebody")
