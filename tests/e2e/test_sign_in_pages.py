"""The issuers' pages look like the site and are for everyone: axe, the dark, a phone, every step of signing in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.e2e.conftest import Open
from tests.e2e.issuers import Site
from tests.e2e.people import new_account, new_email, register, sign_in
from tests.e2e.platform import Platform, lay_prepared, started_platform
from tests.e2e.test_for_everyone import violations

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 740}


async def _seen(page: Page, what: str) -> None:
    """What axe, a narrow screen and a look at the colours say of the page that is open."""
    assert await violations(page) == [], what
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], what


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
async def test_every_page_on_the_way_in_is_for_everyone(site: Site, new_reader: Open, scheme: str) -> None:
    page = await new_reader(color_scheme=scheme, bypass_csp=True, viewport=PHONE)
    email = await new_account(page)
    await page.goto("/account/keys")
    await page.get_by_label("Name").fill("a program")
    await page.locator("#networks").fill("nonsense")
    await page.get_by_role("button", name="Make the key").click()
    await expect(page.get_by_role("alert")).to_contain_text("is no network")
    await _seen(page, "a key with a defect")
    await page.locator("#networks").fill("")
    await page.get_by_role("button", name="Make the key").click()
    await expect(page.locator("#new-secret")).to_be_visible()
    await _seen(page, "a key that is made")
    await page.goto("/account")
    await expect(page.get_by_role("cell", name="ca_live_")).to_be_visible()
    await _seen(page, "the account page")
    await asyncio.to_thread(site.give_role, email, "operator")
    await page.context.clear_cookies()

    await page.goto("/sign-in")
    await _seen(page, "sign-in")
    await sign_in(page, email, "not the password at all")
    await expect(page.get_by_role("alert")).to_be_visible()
    await _seen(page, "a wrong password")
    await page.get_by_role("link", name="Forgotten password").click()
    await expect(page.get_by_role("heading", name="Forgotten password")).to_be_visible()
    await _seen(page, "a forgotten password")
    await page.get_by_label("E-mail address").fill(new_email())
    await page.get_by_role("button", name=re.compile("Send a link|Go on")).click()
    await expect(page.get_by_text(re.compile("mail (is on its way|was sent|with)|we sent"))).to_be_visible()
    await _seen(page, "a mail that was sent")
    await page.goto("/register")
    await _seen(page, "registration")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Name").fill("Ada Coder")
    await page.get_by_label("Password", exact=True).fill("short")
    await page.get_by_label("Password again", exact=True).fill("other")
    await page.get_by_role("button", name="account").click()
    await expect(page.get_by_text("Choose a password of at least")).to_be_visible()
    await _seen(page, "a registration with faults")
    await page.goto("/sign-in")
    await sign_in(page, email)
    await expect(page.get_by_label("One-time code")).to_be_visible()
    await _seen(page, "a second factor to set up")
    await page.goto(f"{site.issuer}/protocol/openid-connect/auth?client_id=nobody")
    await _seen(page, "an address that asks wrongly")


async def test_the_pages_have_the_colours_and_the_type_of_the_site(site: Site, new_reader: Open) -> None:
    for scheme in ("light", "dark"):
        page = await new_reader(color_scheme=scheme)
        await page.goto("/plans")
        own = await _look(page)
        await page.goto("/sign-in")
        await expect(page.get_by_label("Password", exact=True)).to_be_visible()
        assert await _look(page) == own


async def _look(page: Page) -> object:
    """Colours and type of the body, the heading, the first button and the mark of the site."""
    return await page.evaluate(
        "[...['body', 'h1', 'form .button:not(.button--quiet)', '.wordmark', '.site-header']].map(part => {"
        " const found = document.querySelector(part); if (!found) return [part];"
        " const style = getComputedStyle(found);"
        " return [part, style.color, style.backgroundColor, style.fontFamily, style.fontSize, style.fontWeight] })"
    )


@pytest.fixture(scope="module")
def strict_platform(chromium_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform whose issuer wants addresses verified."""
    assert chromium_path
    folder = tmp_path_factory.mktemp("strict")
    lay_prepared(folder / "state")
    with started_platform(folder / "state", environment={"VERIFY_EMAIL": "true"}) as running:
        yield running


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_of_an_address_to_be_verified_are_for_everyone_and_lead_in(
    browser: Browser, strict_platform: Platform, scheme: Literal["light", "dark"]
) -> None:
    context = await browser.new_context(
        base_url=strict_platform.url, color_scheme=scheme, bypass_csp=True, viewport=PHONE
    )
    page = await context.new_page()
    email = new_email()
    await page.goto("/codes/cpt/96365")
    await (await _offer(page, "Register")).click()
    await register(page, email)
    await expect(page.get_by_role("heading", name="Read your mail")).to_be_visible()
    await _seen(page, "a mail to be read first")
    await page.goto("/sign-in")
    await sign_in(page, email)
    await expect(page.get_by_role("heading", name="Read your mail")).to_be_visible()
    await _seen(page, "signed in before the mail was read")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name=re.compile("[Ss]end")).click()
    await _seen(page, "the mail sent again")
    for heading in ("Address verified", "This link works no more"):
        await page.goto(await _link_in_mail(page, email))
        await _seen(page, "the link of the mail")
        await page.get_by_role("button", name="This is my address").click()
        await expect(page.get_by_role("heading", name=heading)).to_be_visible()
        await _seen(page, heading)
    await page.goto("/sign-in?next=/account")
    await sign_in(page, email)
    await page.wait_for_url("**/account")
    await context.close()


async def _offer(page: Page, words: str) -> Locator:
    """The way on in a locked section; a busy machine that is only just started may not know page views at first."""
    offer = page.locator(".lock").get_by_role("link", name=words, exact=True).first
    async with asyncio.timeout(30):
        while not await offer.count():
            await page.reload()
    return offer


async def _link_in_mail(page: Page, email: str) -> str:
    """The link of the last mail to an address, which is read in the browser."""
    async with asyncio.timeout(20):
        await page.goto("/local/mail")
        while not await page.get_by_text(email).count():
            await page.reload()
    await page.locator("li", has_text=email).first.get_by_role("link").click()
    found = re.search(r"https?://\S+verify-email\?key=\S+", await page.inner_text("main"))
    assert found is not None
    return found[0]
