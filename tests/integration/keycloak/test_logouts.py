"""Logout tokens that a real Keycloak signs, at the gateway: each serves once, for a session or for an account alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.keys import Keys
from tests.integration.gateway.rooms import running_rooms
from tests.integration.keycloak.logouts import heard
from tests.integration.keycloak.realms import TestRealm, fresh
from tests.integration.keycloak.site import Site, claims
from tests.servers.keycloak import Address

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
WEB = "coding-ahead-web"


@pytest.fixture
def tokens(keycloak: Address, tmp_path: Path) -> tuple[TestRealm, list[str]]:
    """A realm, and two logout tokens of it: one that names a session, and one that names an account alone."""
    realm = fresh(keycloak, tmp_path)
    account = realm.person("leaver@example.org")
    admin = realm.admin()
    with heard(realm) as told:
        site = Site(realm)
        site.sign_out(site.tokens(site.sign_in("leaver@example.org"))["id_token"])
        by_session = told.get(timeout=20)
        client = admin.get_client(admin.get_client_id(WEB) or "")
        client["attributes"]["backchannel.logout.session.required"] = "false"
        admin.update_client(client["id"], client)
        again = Site(realm)
        again.tokens(again.sign_in("leaver@example.org"))
        admin.user_logout(account)
        by_account = told.get(timeout=20)
    assert ("sid" in claims(by_session), "sid" in claims(by_account)) == (True, False)
    assert claims(by_account)["sub"] == account
    return realm, [by_session, by_account]


async def test_each_serves_once_whatever_it_names(
    tokens: tuple[TestRealm, list[str]], new_database: Callable[[str], str], events_url: str, tmp_path: Path
) -> None:
    realm, told = tokens
    keys = Keys(tmp_path)
    keys.create()
    at_keycloak: dict[str, Any] = {
        "oidc_issuer": realm.issuer,
        "oidc_jwks_file": None,
        "oidc_algorithms": "RS256",
        "oidc_client_id": WEB,
        "oidc_client_secret_file": realm.secret_file,
        "session_keys_file": keys.session,
    }
    async with (
        running_rooms(new_database, events_url, **at_keycloak) as rooms,
        httpx.AsyncClient(base_url=rooms.url) as issuer,
    ):
        for token in told:
            heard_of = await issuer.post("/sign-out/back-channel", data={"logout_token": token})
            again = await issuer.post("/sign-out/back-channel", data={"logout_token": token})
            assert (heard_of.status_code, again.status_code) == (200, 400)
            assert "served before" in again.json()["error_description"]
    realm.remove()
