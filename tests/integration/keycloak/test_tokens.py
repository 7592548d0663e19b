"""Tokens of a real Keycloak at the gateway's checks, and what its client and its second factor refuse."""

import base64
import json
import secrets
import time
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from joserfc import jwk, jwt

from gateway.auth import issuer_keys
from gateway.auth.access_token import AccessTokens
from gateway.auth.issuer_keys import IssuerKeys, from_url
from shared.errors import Unauthenticated
from shared.identity import Kind
from tests.integration.keycloak.realms import PASSWORD, TestRealm
from tests.integration.keycloak.site import Form, Site, claims

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


def gateway_checks(realm: TestRealm) -> AccessTokens:
    """The gateway's checks with the settings of production."""
    keys = IssuerKeys(from_url(f"{realm.issuer}/protocol/openid-connect/certs"))
    return AccessTokens(
        keys, issuer=realm.issuer, audience="coding-ahead", algorithms=("RS256", "ES256"), leeway=30
    )  # fmt: skip


async def test_an_account_is_accepted_by_its_access_token_and_refused_by_any_other(realm: TestRealm) -> None:
    account = realm.person("editor@example.org", "editor")
    site = Site(realm)
    tokens = site.tokens(site.sign_in("editor@example.org"))
    principal = await gateway_checks(realm).principal(tokens["access_token"])
    assert (principal.kind, principal.id, principal.roles) == (Kind.ACCOUNT, account, frozenset({"editor"}))
    for other in ("id_token", "refresh_token"):
        with pytest.raises(Unauthenticated):
            await gateway_checks(realm).principal(tokens[other])
    assert claims(tokens["id_token"])["sid"]  # what back-channel logout names


def test_a_refresh_token_holds_for_one_use(realm: TestRealm) -> None:
    realm.person("rotating@example.org")
    site = Site(realm)
    first = site.tokens(site.sign_in("rotating@example.org"))["refresh_token"]
    second = site.grant(grant_type="refresh_token", refresh_token=first)
    assert second.status_code == 200
    assert second.json()["refresh_token"] != first
    reused = site.grant(grant_type="refresh_token", refresh_token=first)
    assert (reused.status_code, reused.json()["error"]) == (400, "invalid_grant")


def test_the_sites_client_needs_pkce_and_its_exact_address_and_takes_no_password(realm: TestRealm) -> None:
    site = Site(realm)
    without = site.ask(code_challenge="", code_challenge_method="")
    assert "error=invalid_request" in without.headers["location"]
    plain = site.ask(code_challenge_method="plain")
    assert "error=invalid_request" in plain.headers["location"]
    assert site.ask(redirect_uri=f"{site.callback}/../elsewhere").status_code == 400
    realm.person("password@example.org")
    direct = site.grant(grant_type="password", username="password@example.org", password="whatever")
    assert direct.json()["error"] == "unauthorized_client"


async def test_new_keys_of_the_issuer_are_followed(realm: TestRealm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuer_keys, "REFETCH_SECONDS", 0.0)  # the pause itself has a test without a server
    realm.person("rotated@example.org")
    checks = gateway_checks(realm)
    site = Site(realm)
    before = site.tokens(site.sign_in("rotated@example.org"))["access_token"]
    await checks.principal(before)
    admin = realm.admin()
    key = admin.create_component(
        {
            "name": "next",
            "providerId": "rsa-generated",
            "providerType": "org.keycloak.keys.KeyProvider",
            "parentId": admin.get_realm(realm.name)["id"],
            "config": {"priority": ["500"], "algorithm": ["RS256"], "keySize": ["2048"]},
        }
    )
    again = Site(realm)
    after = again.tokens(again.sign_in("rotated@example.org"))["access_token"]
    assert before.split(".")[0] != after.split(".")[0]  # the header names the key
    await checks.principal(after)
    await gateway_checks(realm).principal(before)
    admin.delete_component(key)
    with pytest.raises(Unauthenticated, match="its key is not one of the issuer's"):
        await gateway_checks(realm).principal(after)


def test_an_operator_signs_in_with_a_second_factor_and_sets_it_up_at_the_first_time(realm: TestRealm) -> None:
    realm.person("operator@example.org", "operator")
    site = Site(realm)
    setting_up = site.sign_in("operator@example.org")
    form = Form.of(setting_up)
    assert "location" not in setting_up.headers
    totp = pyotp.TOTP(base64.b32encode(form.fields["totpSecret"].encode()).decode())
    done = site.fill(setting_up, totp=totp.now(), userLabel="a phone")
    tokens = site.tokens(done)
    assert [claims(tokens[kind])["acr"] for kind in ("access_token", "id_token")] == ["2", "2"]
    renewed = site.grant(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()
    assert claims(renewed["access_token"])["acr"] == "2"
    assert claims(site.tokens(site.ask(acr_values="2"))["access_token"])["acr"] == "2", "nobody is asked twice"
    later = Site(realm)
    asked = later.sign_in("operator@example.org")
    assert "location" not in asked.headers
    refused = later.fill(asked, otp="000000")
    assert refused.status_code == 200
    assert "otp" in Form.of(refused).fields


def test_whoever_is_asked_for_two_factors_sets_the_second_up_and_shows_it_from_then_on(realm: TestRealm) -> None:
    realm.person("plain@example.org")
    site = Site(realm)
    assert claims(site.tokens(site.sign_in("plain@example.org"))["access_token"])["acr"] == "1"
    assert claims(site.tokens(site.ask())["access_token"])["acr"] == "1"
    asked = site.ask(acr_values="2")
    assert asked.status_code == 200
    setting_up = site.fill(asked, password=PASSWORD)
    form = Form.of(setting_up)
    totp = pyotp.TOTP(base64.b32encode(form.fields["totpSecret"].encode()).decode())
    done = site.fill(setting_up, totp=totp.now(), userLabel="a phone")
    assert claims(site.tokens(done)["access_token"])["acr"] == "2"
    elsewhere = Site(realm)
    code_asked = elsewhere.sign_in("plain@example.org")
    assert "otp" in Form.of(code_asked).fields
    signed_in = elsewhere.fill(code_asked, otp=totp.at(int(time.time()) + 30))
    assert claims(elsewhere.tokens(signed_in)["access_token"])["acr"] == "2"


async def test_a_partner_is_accepted_by_its_secret_and_by_its_key(realm: TestRealm, tmp_path: Path) -> None:
    done = realm.provision("partner", "acme-billing", "--secret-file", str(tmp_path / "acme"), "--yes")
    assert done.returncode == 0, done.stderr
    address = f"{realm.issuer}/protocol/openid-connect/token"
    secret = (tmp_path / "acme").read_text().strip()
    assert secret not in done.stdout + done.stderr
    given = await _post(address, data={"grant_type": "client_credentials"}, auth=("acme-billing", secret))
    principal = await gateway_checks(realm).principal(given.json()["access_token"])
    assert (principal.kind.value, principal.id) == ("partner", "acme-billing")

    key = jwk.ECKey.generate_key("P-256", {"kid": "one", "alg": "ES256", "use": "sig"})
    keys = tmp_path / "public.jwks"
    keys.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    done = realm.provision("partner", "key-vendor", "--public-keys", str(keys), "--yes")
    assert done.returncode == 0, done.stderr
    assert realm.provision("partner", "key-vendor", "--public-keys", str(keys)).stdout == "nothing to change\n"
    answer = await _post(
        address,
        data={
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": _assertion(key, "key-vendor", realm.issuer),
        },
    )
    principal = await gateway_checks(realm).principal(answer.json()["access_token"])
    assert (principal.kind.value, principal.id) == ("partner", "key-vendor")


async def _post(address: str, **form: Any) -> httpx.Response:  # httpx's own options
    async with httpx.AsyncClient() as client:
        return await client.post(address, **form)


def _assertion(key: jwk.ECKey, client: str, issuer: str) -> str:
    """What a partner signs (RFC 7523)."""
    now = int(time.time())
    said = {"iss": client, "sub": client, "aud": issuer, "jti": secrets.token_hex(8), "iat": now, "exp": now + 60}
    return jwt.encode({"alg": "ES256", "kid": "one"}, said, key)
