"""A partner's way: a key made on the page, a call with it, the quota going down, the key revoked; the API's page."""

import time
import uuid

import httpx
from playwright.async_api import Page, expect

from tests.e2e.conftest import Open
from tests.e2e.platform import Platform

CODE = "/api/v1/codes/icd10cm/E11.9"


async def _make_key(page: Page, name: str) -> str:
    """Make a key on the page and give the secret that it shows."""
    await page.goto("/account/keys")
    await page.get_by_label("Name").fill(name)
    await page.get_by_role("button", name="Make the key").click()
    await expect(page.get_by_role("status").filter(has_text=name)).to_be_visible()
    return await page.locator("#new-secret").inner_text()


async def test_a_key_is_made_used_and_revoked(new_page: Open, platform: Platform) -> None:
    page = await new_page(platform.token(f"partner-{uuid.uuid4()}"), java_script_enabled=False)
    secret = await _make_key(page, "billing program")
    await page.goto("/account/keys")
    await expect(page.get_by_text(secret)).to_have_count(0)
    async with httpx.AsyncClient(base_url=platform.url, headers={"Authorization": f"Bearer {secret}"}) as program:
        before = (await program.get("/api/v1/meter")).json()["remaining"]
        assert (await program.get(CODE)).status_code == 200
        assert (await program.get("/api/v1/meter")).json()["remaining"] == before - 1
        await page.get_by_role("button", name="Revoke billing program").click()
        await expect(page.get_by_role("cell", name="revoked")).to_be_visible()
        begun = time.monotonic()
        while (await program.get(CODE)).status_code != 401:
            assert time.monotonic() - begun < 5


async def test_a_key_is_replaced_without_a_pause(new_page: Open, platform: Platform) -> None:
    page = await new_page(platform.token(f"partner-{uuid.uuid4()}"))
    old = await _make_key(page, "rotating")
    await page.get_by_role("link", name="Replace").click()
    await expect(page.get_by_label("Name")).to_have_value("rotating")
    await page.get_by_role("button", name="Make the key").click()
    new = await page.locator("#new-secret").inner_text()
    async with httpx.AsyncClient(base_url=platform.url) as program:
        for secret in (old, new):
            answer = await program.get(CODE, headers={"Authorization": f"Bearer {secret}"})
            assert answer.status_code == 200
    await page.get_by_label("Name").fill("a third")
    await page.get_by_role("button", name="Make the key").click()
    await expect(page.get_by_role("alert")).to_contain_text("up to 2 live keys")


async def test_the_reference_is_drawn_and_tries_a_call_within_the_content_policy(new_page: Open) -> None:
    page = await new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto("/api/docs")
    await page.locator("#operations-Meter-meter").get_by_role("button").first.click()
    await page.get_by_role("button", name="Try it out").click()
    await page.get_by_role("button", name="Execute").click()
    await expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    assert complaints == []
