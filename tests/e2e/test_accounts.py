"""Accounts in a browser, the same at the built-in issuer and at a real Keycloak: in and out, reading, paying, keys."""

from __future__ import annotations

import asyncio
import json
import re

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import Open
from tests.e2e.issuers import Site
from tests.e2e.people import change_password, is_signed_in, new_account, new_email, register, sign_in

pytestmark = pytest.mark.browser

FIRST = "/codes/cpt/96365"
OTHERS = (
    "/codes/cpt/99213",
    "/codes/icd10cm/E11.9",
    "/codes/icd10cm/I10",
    "/codes/icd10cm/J45.909",
    "/codes/cpt/36415",
)
BEYOND = "/codes/icd10cm/S52.521A"


async def locks(page: Page) -> int:
    """Sections that are locked."""
    return await page.locator(".section--locked").count()


async def test_a_reader_signs_in_with_the_right_password_and_out_at_the_issuer_as_well(
    site: Site, new_reader: Open
) -> None:
    page = await new_reader()
    email = await new_account(page)
    await page.context.clear_cookies()

    await page.goto(f"/sign-in?next={FIRST}")
    await sign_in(page, email, "not the password at all")
    await expect(page.get_by_role("alert")).to_contain_text("is not right")
    assert page.url.startswith(site.issuer)
    await sign_in(page, email)
    await page.wait_for_url(f"**{FIRST}")
    await expect(page.get_by_role("link", name="Ada Coder")).to_be_visible()
    cookies = [cookie for cookie in await page.context.cookies(site.platform.url) if cookie["name"] == "session"]
    assert [(cookie["httpOnly"], cookie["sameSite"]) for cookie in cookies] == [(True, "Lax")]
    kept = await page.evaluate("[Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]")
    assert not re.search(r"eyJ|session=", str(kept)), "no token is anywhere in the page"

    went: list[str] = []
    page.on("request", lambda request: went.append(request.url))
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url(f"{site.platform.url}/")
    assert any(address.startswith(f"{site.issuer}/protocol/openid-connect/logout?") for address in went)
    await page.goto("/account")
    await expect(page.get_by_label("Password", exact=True)).to_be_visible()


async def test_who_registers_keeps_the_page_read_as_a_guest_and_reads_five_more(new_reader: Open) -> None:
    page = await new_reader()
    await page.goto(FIRST)
    assert await locks(page) == 7
    await page.locator(".lock .button").first.click()
    await register(page, new_email())
    await page.wait_for_url(f"**{FIRST}")
    assert await locks(page) == 0
    await expect(page.locator(".banner")).to_contain_text("5 of 6 code page views remaining")
    await page.goto("/account")
    await expect(page.locator(".code-list")).to_contain_text("read as a guest")


async def test_a_free_account_reads_to_zero_and_then_sees_the_way_to_the_plans(new_reader: Open) -> None:
    page = await new_reader(java_script_enabled=False)
    await page.goto(FIRST)
    await new_account(page, FIRST)
    for left, address in zip((4, 3, 2, 1, 0), OTHERS, strict=True):
        await page.goto(address)
        assert await locks(page) == 0, address
        await expect(page.locator(".banner")).to_contain_text(f"{left} ")
    await page.goto(BEYOND)
    assert await locks(page) > 0
    await page.locator(".banner").get_by_role("link").click()
    await page.wait_for_url("**/plans**")
    await page.goto(OTHERS[0])
    assert await locks(page) == 0, "what was opened stays open"


async def test_an_upgrade_works_on_the_next_request(new_reader: Open) -> None:
    page = await new_reader()
    await new_account(page, "/plans")
    for address in (FIRST, *OTHERS):
        await page.goto(address)
    assert await locks(page) > 0
    await page.goto("/plans")
    await page.get_by_role("button", name="Upgrade to Pro").click()
    await expect(page.get_by_role("heading", name="Checkout of this machine")).to_be_visible()
    await page.get_by_role("button", name="Upgrade to Pro without paying").click()
    await page.goto(OTHERS[-1])
    assert await locks(page) == 0
    await page.goto("/account")
    await expect(page.get_by_text("Pro plan.")).to_be_visible()


async def test_an_account_makes_a_key_that_calls_the_api_and_loses_it_again(site: Site, new_reader: Open) -> None:
    page = await new_reader()
    await new_account(page, "/account/keys")
    await page.get_by_label("Name").fill("a billing program")
    await page.get_by_role("button", name="Make the key").click()
    secret = await page.locator("#new-secret").inner_text()
    async with httpx.AsyncClient(base_url=site.platform.url, headers={"Authorization": f"Bearer {secret}"}) as program:
        read = await program.get("/api/v1/codes/icd10cm/E11.9")
        assert (read.status_code, (await program.get("/api/v1/meter")).json()["used"]) == (200, 1)
        await page.get_by_role("button", name="Revoke a billing program").click()
        await expect(page.get_by_role("cell", name="revoked")).to_be_visible()
        async with asyncio.timeout(5):
            while (await program.get("/api/v1/meter")).status_code != 401:
                pass


async def test_a_password_is_changed_at_the_issuer_and_the_reader_comes_back(site: Site, new_reader: Open) -> None:
    page = await new_reader()
    email = await new_account(page)
    await page.get_by_role("link", name="Change your password").click()
    assert page.url.startswith(site.issuer)
    await change_password(page, "another good password")
    await page.wait_for_url("**/account")
    await page.context.clear_cookies()
    await page.goto("/sign-in?next=/account")
    await sign_in(page, email)
    await expect(page.get_by_role("alert")).to_be_visible()
    await sign_in(page, email, "another good password")
    await page.wait_for_url("**/account")


async def test_signing_out_everywhere_ends_the_other_browser_here_and_at_the_issuer(new_reader: Open) -> None:
    desk, phone = await new_reader(), await new_reader()
    email = await new_account(desk)
    await phone.goto("/sign-in?next=/account")
    await sign_in(phone, email)
    await expect(phone.get_by_role("row")).to_contain_text(["Browser", "Linux", "Linux"])
    await phone.get_by_role("button", name="Sign out everywhere").click()
    await phone.wait_for_url(re.compile(r"//[^/]+/$"))
    await desk.goto("/account")
    await expect(desk.get_by_label("Password", exact=True)).to_be_visible()


async def test_who_signs_out_at_the_issuer_is_signed_out_here_by_its_back_channel(site: Site, new_reader: Open) -> None:
    page = await new_reader()
    await new_account(page)
    session = [cookie for cookie in await page.context.cookies(site.platform.url) if cookie["name"] == "session"]
    await page.goto(f"{site.issuer}/protocol/openid-connect/logout")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name=re.compile("out"))).to_be_visible()
    assert session == [
        cookie for cookie in await page.context.cookies(site.platform.url) if cookie["name"] == "session"
    ], "the browser was told nothing"
    async with asyncio.timeout(10):
        while await is_signed_in(page):
            pass


async def test_a_reader_takes_its_data_along_and_deletes_the_account_here_and_at_the_issuer(new_reader: Open) -> None:
    page = await new_reader()
    await page.goto(FIRST)
    email = await new_account(page)
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download your data").click()
    taken = json.loads((await (await download.value).path()).read_text())
    assert (taken["account"]["email"], [entry["kind"] for entry in taken["ledger"]]) == (email, ["carry"])
    await page.get_by_role("link", name="Delete your account").click()
    await page.get_by_label("Your e-mail address, to confirm").fill("somebody@example.org")
    await page.get_by_role("button", name="Delete my account").click()
    await expect(page.get_by_role("alert")).to_contain_text("nothing was deleted")
    await page.get_by_label("Your e-mail address, to confirm").fill(email)
    await page.get_by_role("button", name="Delete my account").click()
    await expect(page.get_by_role("heading", name="Your account is deleted")).to_be_visible()
    async with asyncio.timeout(60):
        await page.goto("/sign-in")
        while not await page.get_by_label("Password", exact=True).count():  # the issuer hears of it soon
            await expect(page.get_by_role("link", name="Ada Coder")).to_have_count(0)
            await page.goto("/sign-in")
    await sign_in(page, email)
    await expect(page.get_by_role("alert")).to_contain_text("is not right")
