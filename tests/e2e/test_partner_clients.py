"""Partners with a client of their own at the issuer: by a secret and by a signed token, on a quota of their own."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from pathlib import Path

import httpx
import pytest
from joserfc import jwk, jwt
from playwright.async_api import Page, expect

from tests.e2e.conftest import Open
from tests.e2e.issuers import Site

pytestmark = pytest.mark.browser

CODE = "/api/v1/codes/icd10cm/E11.9"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


async def test_a_partner_calls_by_its_secret_and_sees_its_quota(site: Site, new_reader: Open) -> None:
    name = _new_name()
    secret = await asyncio.to_thread(site.partner_with_secret, name)
    refused = await _token(site, auth=(name, "not-the-secret-of-this-partner"))
    assert (refused.status_code, refused.json()["error"]) in ((401, "invalid_client"), (401, "unauthorized_client"))
    given = (await _token(site, auth=(name, secret))).json()
    assert given["token_type"] == "Bearer"
    assert "refresh_token" not in given
    await _calls_as_a_partner(site, given["access_token"])
    await _tries_a_call(await new_reader(), name, secret)


async def test_a_partner_calls_by_a_token_that_its_key_signs_once(site: Site, tmp_path: Path) -> None:
    name = _new_name()
    key = jwk.ECKey.generate_key("P-256", {"kid": "one", "alg": "ES256", "use": "sig"})
    public = tmp_path / "public.jwks"
    public.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    await asyncio.to_thread(site.partner_with_keys, name, public)
    assertion = _assertion(key, name, site.issuer)
    given = await _token(site, client_assertion_type=ASSERTION, client_assertion=assertion)
    await _calls_as_a_partner(site, given.json()["access_token"])
    again = await _token(site, client_assertion_type=ASSERTION, client_assertion=assertion)
    assert again.status_code in (400, 401), "an assertion serves once"
    stranger = jwk.ECKey.generate_key("P-256", {"kid": "one", "alg": "ES256", "use": "sig"})
    forged = _assertion(stranger, name, site.issuer)
    assert (await _token(site, client_assertion_type=ASSERTION, client_assertion=forged)).status_code in (400, 401)


async def _calls_as_a_partner(site: Site, token: str) -> None:
    async with httpx.AsyncClient(
        base_url=site.platform.url, headers={"Authorization": f"Bearer {token}"}
    ) as program:  # fmt: skip
        before = (await program.get("/api/v1/meter")).json()
        read = await program.get(CODE)
        after = (await program.get("/api/v1/meter")).json()
    assert (before["tier"], before["window_seconds"], before["used"]) == ("partner", 0, 0)
    assert (read.status_code, after["used"]) == (200, 1)
    assert read.headers["RateLimit"].startswith(f'"pages";r={before["limit"] - 1};t=')


async def _tries_a_call(page: Page, name: str, secret: str) -> None:
    """As the partner's client, by the form of the API's documentation, which asks the issuer for a token itself."""
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    await page.goto("/api/docs")
    await page.get_by_role("button", name="Authorize").first.click()
    form = page.locator(".auth-container", has_text="clientCredentials")
    await form.get_by_label("client_id").fill(name)
    await form.get_by_label("client_secret").fill(secret)
    await form.get_by_role("button", name="Apply given OAuth2 credentials").click()
    await expect(form.get_by_role("button", name="Remove authorization")).to_be_visible()
    assert refused == []
    await page.get_by_role("button", name="Close").last.click()
    await page.locator("#operations-Meter-meter").get_by_role("button").first.click()
    await page.get_by_role("button", name="Try it out").click()
    await page.get_by_role("button", name="Execute").click()
    answer = page.locator(".live-responses-table")
    await expect(answer.locator("tbody .response-col_status").first).to_contain_text("200")
    await expect(answer.locator("code").first).to_contain_text('"tier": "partner"')


async def _token(site: Site, *, auth: tuple[str, str] | None = None, **form: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(
            f"{site.issuer}/protocol/openid-connect/token",
            data={"grant_type": "client_credentials", **form},
            auth=httpx.BasicAuth(*auth) if auth else httpx.USE_CLIENT_DEFAULT,
        )


def _assertion(key: jwk.ECKey, client: str, issuer: str) -> str:
    """What a partner signs (RFC 7523)."""
    now = int(time.time())
    said = {"iss": client, "sub": client, "aud": issuer, "jti": secrets.token_hex(8), "iat": now, "exp": now + 60}
    return jwt.encode({"alg": "ES256", "kid": "one"}, said, key)


def _new_name() -> str:
    return f"partner-{secrets.token_hex(4)}"
