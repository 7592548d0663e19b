"""What clients get from the issuer, and what they do not get."""

import json
import re
import time
from typing import Any

import httpx
import pyotp
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from deploy.local.issuer import clients
from deploy.local.issuer.settings import WEB_CLIENT
from tests.integration.issuer.stand import EMAIL, PASSWORD, VERIFIER, Browser, Stand, parameters

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


async def claims_of(stand: Stand, token: str) -> dict[str, Any]:
    """The claims of a token that the published keys verify."""
    async with httpx.AsyncClient() as http:
        keys = (await http.get((await stand.metadata())["jwks_uri"])).json()
    return dict(jwt.decode(token, KeySet.import_key_set(keys), algorithms=["ES256"]).claims)


async def test_a_person_signs_in_and_the_client_gets_tokens_in_keycloaks_shape(stand: Stand, browser: Browser) -> None:
    answer = await browser.sign_in()
    back = parameters(answer)
    assert answer.headers["location"].startswith(f"{stand.redirect_uri}?")
    assert back["state"] == "the-state"
    assert back["iss"] == stand.settings.issuer
    async with stand.client(state="the-state") as client:
        address = answer.headers["location"]
        endpoint = (await stand.metadata())["token_endpoint"]
        tokens = await client.fetch_token(endpoint, authorization_response=address, code_verifier=VERIFIER)
    access = await claims_of(stand, tokens["access_token"])
    assert access["iss"] == stand.settings.issuer
    assert access["typ"] == "Bearer"
    assert access["aud"] == ["coding-ahead"]
    assert access["azp"] == WEB_CLIENT
    assert access["realm_access"] == {"roles": []}
    assert access["email"] == "Ann@Example.org"
    identity = await claims_of(stand, tokens["id_token"])
    assert identity["nonce"] == "the-nonce"
    assert identity["aud"] == WEB_CLIENT
    assert identity["sid"] == access["sid"]
    assert identity["acr"] == "1"
    assert abs(identity["auth_time"] - time.time()) < 60


async def test_user_information_is_told_while_the_sign_on_lasts(stand: Stand, browser: Browser) -> None:
    tokens = await browser.tokens()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    address = f"{stand.settings.protocol}/userinfo"
    async with httpx.AsyncClient() as http:
        told = await http.get(address, headers=bearer)
        assert told.json()["email"] == "Ann@Example.org"
        wrong = {"Authorization": f"Bearer {tokens['id_token']}"}
        assert (await http.get(address, headers=wrong)).status_code == 401
        await http.get(f"{stand.settings.protocol}/logout", params={"id_token_hint": tokens["id_token"]})
        assert (await http.get(address, headers=bearer)).status_code == 401


async def test_who_has_signed_on_is_not_asked_again_unless_the_client_wants_it(browser: Browser, stand: Stand) -> None:
    await browser.sign_in()
    again = await browser.open(await stand.address())
    assert "code" in parameters(again)
    assert (await browser.open(await stand.address(prompt="login"))).status_code == 200
    assert (await browser.open(await stand.address(max_age="60"))).status_code == 303
    with stand.database() as tx:
        tx.execute("UPDATE sign_on SET signed_in_at = now() - interval '1 minute'")
    assert (await browser.open(await stand.address(max_age="30"))).status_code == 200


async def test_prompt_none_without_a_sign_on_goes_back_with_login_required(browser: Browser, stand: Stand) -> None:
    back = parameters(await browser.open(await stand.address(prompt="none")))
    assert back["error"] == "login_required"
    assert back["state"] == "the-state"
    assert back["iss"] == stand.settings.issuer


async def test_a_refresh_token_works_once_and_its_second_use_ends_the_chain(stand: Stand, browser: Browser) -> None:
    first = await browser.tokens()
    second = (await stand.refresh(first["refresh_token"])).json()
    assert (await claims_of(stand, second["id_token"]))["sid"] == (await claims_of(stand, first["id_token"]))["sid"]
    assert (await stand.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await stand.refresh(second["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_code_works_once_and_its_second_use_ends_what_the_first_was_given(
    stand: Stand, browser: Browser
) -> None:
    code = await browser.code()
    tokens = (await stand.redeem(code)).json()
    assert (await stand.redeem(code)).json()["error"] == "invalid_grant"
    assert (await stand.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_an_old_code_is_refused(stand: Stand, browser: Browser) -> None:
    code = await browser.code()
    with stand.database() as tx:
        tx.execute("UPDATE client_grant SET granted_at = now() - interval '61 seconds'")
    assert (await stand.redeem(code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": "b" * 50},
        {"code_verifier": ""},
        {"redirect_uri": "http://localhost:1/other"},
        {"code": "guessed"},
    ],
)
async def test_a_code_is_refused_without_its_verifier_or_its_address(
    stand: Stand, browser: Browser, changed: dict[str, str]
) -> None:
    code = await browser.code()
    answer = await stand.redeem(**{"code": code, **changed})
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_grant", "invalid_request")
    assert "access_token" not in answer.text


@pytest.mark.parametrize("auth", [(WEB_CLIENT, "wrong"), ("nobody", "wrong"), ("", ""), ('"<x>', "é")])
async def test_a_client_that_cannot_prove_itself_gets_nothing(
    stand: Stand, browser: Browser, auth: tuple[str, str]
) -> None:
    code = await browser.code()
    async with httpx.AsyncClient() as http:
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
        answer = await http.post(f"{stand.settings.protocol}/token", data=form, auth=auth)
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert (await stand.redeem(code)).status_code == 200, "a stranger cannot spoil another's code"


async def test_a_partner_gets_a_token_by_its_secret(stand: Stand) -> None:
    with stand.database() as tx:
        secret = clients.add_partner(tx, "ehr-vendor", None)
    for method in ("client_secret_basic", "client_secret_post"):
        async with AsyncOAuth2Client("ehr-vendor", secret, token_endpoint_auth_method=method) as partner:
            tokens = await partner.fetch_token(f"{stand.settings.protocol}/token", grant_type="client_credentials")
        claims = await claims_of(stand, tokens["access_token"])
        assert claims["azp"] == "ehr-vendor"
        assert claims["realm_access"] == {"roles": ["partner"]}
        assert "refresh_token" not in tokens


async def test_a_partner_gets_a_token_by_its_key_and_no_assertion_counts_twice(stand: Stand) -> None:
    key = ECKey.generate_key("P-256", auto_kid=True)
    with stand.database() as tx:
        clients.add_partner(tx, "billing-firm", {"keys": [key.as_dict(private=False)]})
    endpoint = f"{stand.settings.protocol}/token"
    async with AsyncOAuth2Client("billing-firm", key, token_endpoint_auth_method="private_key_jwt") as partner:
        partner.register_client_auth_method(PrivateKeyJWT(endpoint, alg="ES256"))
        tokens = await partner.fetch_token(endpoint, grant_type="client_credentials")
    assert (await claims_of(stand, tokens["access_token"]))["azp"] == "billing-firm"

    now = int(time.time())
    said = {"iss": "billing-firm", "sub": "billing-firm", "aud": endpoint, "exp": now + 60, "jti": "one"}
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "ES256"}, said, key),
    }
    other = ECKey.generate_key("P-256")
    async with httpx.AsyncClient() as http:
        assert (await http.post(endpoint, data=form)).status_code == 200
        assert (await http.post(endpoint, data=form)).json()["error"] == "invalid_client"
        for changed in ({"aud": "https://elsewhere.example"}, {"exp": now - 600}, {"iss": "another"}):
            form["client_assertion"] = jwt.encode({"alg": "ES256"}, {**said, "jti": "two", **changed}, key)
            assert (await http.post(endpoint, data=form)).json()["error"] == "invalid_client"
        form["client_assertion"] = jwt.encode({"alg": "ES256"}, {**said, "jti": "three"}, other)
        assert (await http.post(endpoint, data=form)).json()["error"] == "invalid_client"


async def test_a_partner_cannot_send_people_to_sign_in_and_the_site_has_no_client_credentials(
    stand: Stand, browser: Browser
) -> None:
    with stand.database() as tx:
        clients.add_partner(tx, "ehr-vendor", None)
    answer = await browser.open((await stand.address()).replace(WEB_CLIENT, "ehr-vendor"))
    assert answer.status_code == 400
    assert (await stand.token(grant_type="client_credentials")).json()["error"] == "unauthorized_client"


async def test_a_revoked_refresh_token_is_worth_nothing(stand: Stand, browser: Browser) -> None:
    tokens = await browser.tokens()
    async with httpx.AsyncClient() as http:
        address, form = f"{stand.settings.protocol}/revoke", {"token": tokens["refresh_token"]}
        assert (await http.post(address, data=form)).status_code == 401, "a stranger revokes nothing"
        assert (await http.post(address, data=form, auth=(WEB_CLIENT, stand.secret))).status_code == 200
        unknown = await http.post(address, data={"token": "x"}, auth=(WEB_CLIENT, stand.secret))
        assert unknown.status_code == 200, "an unknown token is as good as revoked (RFC 7009, 2.2)"
    assert (await stand.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert "Password" in (await browser.open(await stand.address())).text, "its sign-on has ended as well"


async def test_keys_are_rotated_while_the_issuer_runs_and_older_tokens_stay_valid(
    stand: Stand, browser: Browser
) -> None:
    before = (await browser.tokens())["access_token"]
    kid = stand.keys.rotate_issuer()
    after = (await browser.stand.redeem(parameters(await browser.open(await stand.address()))["code"])).json()
    assert jwt.decode(after["access_token"], stand_keys(stand), algorithms=["ES256"]).header["kid"] == kid
    assert (await claims_of(stand, before))["azp"] == WEB_CLIENT


def stand_keys(stand: Stand) -> KeySet:
    """The keys of the public file, which the gateway reads."""

    return KeySet.import_key_set(json.loads(stand.keys.issuer_public.read_text()))


async def test_a_client_that_asks_for_two_factors_gets_them_or_nothing(stand: Stand, browser: Browser) -> None:
    await browser.sign_in()
    form = await browser.open(await stand.address(acr_values="2"))
    assert "Sign in once more" in form.text, "a cookie alone sets no second factor up"
    silent = parameters(await browser.open(await stand.address(acr_values="2", prompt="none")))
    assert silent["error"] == "login_required"
    either = await browser.open(await stand.address(acr_values="2 1"))
    assert "code" in parameters(either)
    await browser.open(await stand.address(acr_values="2"))
    page = await browser.open((await browser.send(email=EMAIL, password=PASSWORD)).headers["location"])
    secret = re.search(r'id="secret">(\w+)<', page.text)
    assert secret
    code = parameters(await browser.send(code=pyotp.TOTP(secret[1]).now()))["code"]
    tokens = (await stand.redeem(code)).json()
    identity = await claims_of(stand, tokens["id_token"])
    assert (identity["acr"], identity["amr"]) == ("2", ["pwd", "otp"])
    again = await browser.open(await stand.address(acr_values="2"))
    assert "code" in parameters(again), "who has shown both is not asked again"
    refreshed = (await stand.refresh(tokens["refresh_token"])).json()
    assert (await claims_of(stand, refreshed["access_token"]))["acr"] == "2"
