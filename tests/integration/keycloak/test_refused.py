"""What a real Keycloak signs and the gateway refuses: tokens for others, of others, of another kind, and too late."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from gateway.auth.access_token import AccessTokens
from gateway.auth.id_token import IdTokens
from gateway.auth.issuer_keys import KEPT_SECONDS, IssuerKeys, from_url
from gateway.auth.logout_token import LogoutTokens
from gateway.auth.signed_token import SignedTokens
from shared.errors import DomainError, InvalidInput, Unauthenticated
from shared.identity import Kind
from tests.integration.keycloak.logouts import heard
from tests.integration.keycloak.realms import TestRealm
from tests.integration.keycloak.site import Site, claims

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

WEB = "coding-ahead-web"
RULES: dict[str, Any] = {"algorithms": ("RS256", "ES256"), "leeway": 30}


class Checks:
    """The gateway's checks of one realm, by a clock that can be put forward and keys that can go away."""

    def __init__(self, realm: TestRealm) -> None:
        """Begin at the present time."""
        self.later = self.keys_later = 0.0
        self.away = False
        self.asked = 0
        self._fetch = from_url(f"{realm.issuer}/protocol/openid-connect/certs")
        keys = IssuerKeys(self._fetched, now=lambda: time.monotonic() + self.keys_later)
        self.access = AccessTokens(keys, issuer=realm.issuer, audience="coding-ahead", now=self._now, **RULES)
        signed = SignedTokens(keys, issuer=realm.issuer, now=self._now, **RULES)
        self.logout = LogoutTokens(signed, WEB)
        self.identity = IdTokens(signed, WEB)

    def _now(self) -> float:
        return time.time() + self.later

    async def _fetched(self) -> str:
        self.asked += 1
        if self.away:
            raise httpx.ConnectError("the issuer is away")
        return await self._fetch()

    async def refuses(self, token: str, why: str) -> None:
        """Hold that a token is no access token of ours, for its own reason."""
        with pytest.raises(Unauthenticated, match=why):
            await self.access.principal(token)


@pytest.fixture
def checks(realm: TestRealm) -> Checks:
    """The checks."""
    return Checks(realm)


def _client(realm: TestRealm, name: str, *scopes: str, **fields: object) -> str:
    """A client that somebody makes by hand; gives its secret."""
    admin = realm.admin()
    id_ = admin.create_client({"clientId": name, "publicClient": False, "secret": f"secret-of-{name}", **fields})
    every = {scope["name"]: scope["id"] for scope in admin.get_client_scopes()}
    for scope in scopes:
        payload = {"realm": realm.name, "client": id_, "clientScopeId": every[scope]}
        admin.add_client_default_client_scope(id_, every[scope], payload)
    return f"secret-of-{name}"


def _own_token(realm: TestRealm, name: str, secret: str) -> httpx.Response:
    address = f"{realm.issuer}/protocol/openid-connect/token"
    return httpx.post(address, data={"grant_type": "client_credentials"}, auth=(name, secret))


def _administrators(realm: TestRealm) -> str:
    """A token of the same server's realm master."""
    form = {"grant_type": "password", "client_id": "admin-cli"}
    form |= {"username": realm.server.user, "password": realm.server.password}
    answer = httpx.post(f"{realm.server.url}/realms/master/protocol/openid-connect/token", data=form)
    return str(answer.raise_for_status().json()["access_token"])


def _signed_in(realm: TestRealm, email: str, *roles: str) -> tuple[str, Site, dict[str, Any]]:
    account = realm.person(email, *roles)
    site = Site(realm)
    return account, site, site.tokens(site.sign_in(email))


async def test_a_token_without_our_audience_is_refused(realm: TestRealm, checks: Checks) -> None:
    secret = _client(realm, "no-audience", serviceAccountsEnabled=True)
    token = _own_token(realm, "no-audience", secret).json()["access_token"]
    await checks.refuses(token, "another audience")


async def test_a_token_of_another_realm_of_the_same_server_is_refused(realm: TestRealm, checks: Checks) -> None:
    token = _administrators(realm)
    assert claims(token)["iss"].endswith("/realms/master")
    await checks.refuses(token, "its key is not one of the issuer's")


async def test_tokens_of_another_site_make_no_session_here(realm: TestRealm, checks: Checks) -> None:
    callback = "http://localhost:8080/sign-in/callback"
    secret = _client(realm, "other-site", "coding-ahead-audience", redirectUris=[callback])
    realm.person("visitor@example.org")
    site = Site(realm)
    back = site.fill(site.ask(client_id="other-site"), username="visitor@example.org", password=site.password)
    tokens = site.exchange(back, auth=("other-site", secret))
    principal = await checks.access.principal(tokens["access_token"])
    assert principal.kind is Kind.ACCOUNT, "the API takes it: it is for our audience"
    with pytest.raises(Unauthenticated, match="another client"):
        await checks.access.of_client(tokens["access_token"], WEB)
    with pytest.raises(Unauthenticated, match="another client"):
        await checks.identity.at_refresh(tokens["id_token"], subject=principal.id)


async def test_a_token_serves_until_it_expires_and_not_beyond_the_leeway(realm: TestRealm, checks: Checks) -> None:
    _, _, tokens = _signed_in(realm, "late@example.org")
    checks.later = 300 + 20
    await checks.access.principal(tokens["access_token"])
    checks.later = 300 + 31
    await checks.refuses(tokens["access_token"], "it has expired")


async def test_a_logout_token_ends_sessions_and_is_nothing_else(realm: TestRealm, checks: Checks) -> None:
    with heard(realm) as told:
        account, site, tokens = _signed_in(realm, "leaving@example.org")
        site.sign_out(tokens["id_token"])
        by_site = told.get(timeout=20)
        again = Site(realm)
        second = again.tokens(again.sign_in("leaving@example.org"))
        realm.admin().user_logout(account)
        by_operator = told.get(timeout=20)
    read = await checks.logout.read(by_site)
    assert (read.subject, read.issuer_session) == (account, claims(tokens["id_token"])["sid"])
    assert (await checks.logout.read(by_operator)).issuer_session == claims(second["id_token"])["sid"]
    assert read.id != (await checks.logout.read(by_operator)).id
    await checks.refuses(by_site, "another audience|not an access token")
    await _refused(checks.identity.at_refresh(by_site, subject=account), Unauthenticated, "not an ID token")
    for other in ("access_token", "id_token"):
        await _refused(checks.logout.read(tokens[other]), InvalidInput, "not a logout token")
    checks.later = 3600
    await _refused(checks.logout.read(by_site), InvalidInput, "expired|too long ago")


async def test_a_disabled_client_and_a_disabled_person_get_no_tokens(realm: TestRealm, checks: Checks) -> None:
    secret = _client(realm, "leaving-partner", "coding-ahead-audience", serviceAccountsEnabled=True)
    before = _own_token(realm, "leaving-partner", secret).json()["access_token"]
    account, site, tokens = _signed_in(realm, "banned@example.org")
    admin = realm.admin()
    admin.update_client(admin.get_client_id("leaving-partner") or "", {"enabled": False})
    admin.disable_user(account)
    refused = _own_token(realm, "leaving-partner", secret)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    renewal = site.grant(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert (renewal.status_code, renewal.json()["error"]) == (400, "invalid_grant"), "the session ends with it"
    assert "location" not in Site(realm).sign_in("banned@example.org").headers
    await checks.access.principal(before)
    checks.later = 331
    await checks.refuses(before, "it has expired")


async def test_the_last_good_keys_serve_while_keycloak_is_away(realm: TestRealm, checks: Checks) -> None:
    _, _, first = _signed_in(realm, "faithful@example.org")
    await checks.access.principal(first["access_token"])
    checks.away, checks.keys_later = True, KEPT_SECONDS + 1
    _, _, second = _signed_in(realm, "faithful-too@example.org")
    await checks.access.principal(second["access_token"])
    assert checks.asked == 2


async def test_a_thousand_foreign_keys_ask_keycloak_once_at_most(realm: TestRealm, checks: Checks) -> None:
    _, _, tokens = _signed_in(realm, "busy@example.org")
    await checks.access.principal(tokens["access_token"])
    foreign = _administrators(realm)
    for number in range(1000):
        await checks.refuses(f"{foreign}{number % 10}", "its key is not")
    assert checks.asked <= 2


async def _refused(answer: Any, error: type[DomainError], why: str) -> None:
    with pytest.raises(error, match=why):
        await answer
