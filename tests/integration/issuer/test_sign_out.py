"""The end of a sign-on: where people go, and what clients hear."""

import time

import pytest
from joserfc import jwt

from deploy.local.issuer.settings import WEB_CLIENT
from deploy.local.issuer.tokens import LOGOUT_EVENT
from tests.integration.issuer.stand import Browser, Stand
from tests.integration.issuer.test_tokens import stand_keys

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


async def test_the_site_signs_a_person_out_and_hears_of_it_by_sid_and_sub(stand: Stand, browser: Browser) -> None:
    tokens = await browser.tokens()
    hint = stand.settings.protocol + "/logout"
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": f"{stand.url}/", "state": "s"}
    answer = await browser.http.get(hint, params=asked)
    assert answer.headers["location"] == f"{stand.url}/?state=s"
    await stand.until(lambda: bool(stand.logout_tokens))
    token = jwt.decode(stand.logout_tokens[0], stand_keys(stand), algorithms=["ES256"])
    identity = jwt.decode(tokens["id_token"], stand_keys(stand), algorithms=["ES256"]).claims
    assert token.header["typ"] == "logout+jwt"
    assert token.claims["events"] == {LOGOUT_EVENT: {}}
    assert token.claims["aud"] == WEB_CLIENT
    assert (token.claims["sid"], token.claims["sub"]) == (identity["sid"], identity["sub"])
    assert token.claims["jti"]
    assert token.claims["exp"] > time.time()
    assert "nonce" not in token.claims
    assert (await browser.open(await stand.address())).status_code == 200, "the form again"
    assert (await stand.refresh(tokens["refresh_token"])).json()["error"] in ("invalid_grant", "invalid_request")


async def test_after_a_sign_out_nobody_is_sent_elsewhere(stand: Stand, browser: Browser) -> None:
    tokens = await browser.tokens()
    for address in ("https://evil.example/", f"{stand.url}/x", f"{stand.url}", f"{stand.url}//evil.example"):
        asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": address}
        answer = await browser.http.get(f"{stand.settings.protocol}/logout", params=asked)
        assert answer.status_code == 200
        assert "location" not in answer.headers


async def test_without_proof_a_person_is_asked_before_the_sign_on_ends(stand: Stand, browser: Browser) -> None:
    tokens = await browser.tokens()
    address = f"{stand.settings.protocol}/logout"
    for bad in ({"id_token_hint": "x"}, {"id_token_hint": tokens["access_token"]}):
        assert (await browser.open(f"{address}?id_token_hint={bad['id_token_hint']}")).status_code == 400
    await browser.open(f"{address}?client_id={WEB_CLIENT}&post_logout_redirect_uri={stand.url}/")
    forged = await browser.http.post(address, data={"confirmed": "yes", "form_token": "x"})
    assert forged.status_code == 403
    assert (await stand.refresh(tokens["refresh_token"])).status_code == 200, "still signed on"
    answer = await browser.send()
    assert answer.headers["location"] == f"{stand.url}/"
    assert (await browser.open(await stand.address())).status_code == 200


async def test_anothers_id_token_does_not_end_this_browsers_sign_on(stand: Stand, browser: Browser) -> None:
    stand.add_account("eve@example.org")
    eve = Browser(stand)
    evil = (await eve.tokens("eve@example.org"))["id_token"]
    await eve.http.aclose()
    await browser.tokens()
    await browser.http.get(f"{stand.settings.protocol}/logout", params={"id_token_hint": evil})
    assert (await browser.open(await stand.address())).status_code == 303, "a code at once"


async def test_a_client_that_cannot_be_told_keeps_nobody_signed_on(stand: Stand, browser: Browser) -> None:
    tokens = await browser.tokens()
    with stand.database() as tx:
        tx.execute("UPDATE client SET backchannel_logout_uri = 'http://localhost:1/nobody-listens'")
    address = f"{stand.settings.protocol}/logout?id_token_hint={tokens['id_token']}"
    assert (await browser.open(address)).status_code == 200
    assert (await stand.refresh(tokens["refresh_token"])).status_code == 400
