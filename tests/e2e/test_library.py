"""A reader's own library in a browser without scripts: star, folder, note, search, history."""

import uuid

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import Open
from tests.e2e.platform import Platform
from tests.e2e.test_for_everyone import violations

pytestmark = pytest.mark.browser

CODE = "/codes/hcpcs/J0129"


@pytest.fixture
def keeper_token(platform: Platform) -> str:
    """An account of its own, whose library a test fills."""
    return platform.token(f"keeper-{uuid.uuid4()}")


async def test_what_is_kept_on_a_code_page_is_found_in_the_library(new_page: Open, keeper_token: str) -> None:
    page = await new_page(keeper_token, java_script_enabled=False)
    await page.goto(CODE)
    await page.get_by_text("New folder").click()
    await page.get_by_label("Its name").fill("Infusions")
    await page.get_by_role("button", name="Add to favourites").click()
    await expect(page.get_by_label("Folder")).to_contain_text("Infusions")
    await page.get_by_text("Write a private note").click()
    await page.get_by_label("Only you see it.").fill("The vial holds 250 mg.\nAsk the pharmacy.")
    await page.get_by_role("button", name="Save the note").click()
    own = page.get_by_role("complementary", name="Your own on this code")
    await expect(own).to_contain_text("Ask the pharmacy.")

    await own.get_by_role("link", name="Your library").click()
    await expect(page.get_by_role("link", name="J0129")).to_be_visible()
    await page.get_by_role("searchbox", name="Search in your library").fill("ask the PHARMACY")
    await page.get_by_role("search", name="Search in your library").get_by_role("button", name="Search").click()
    await expect(page.get_by_role("article")).to_contain_text("The vial holds 250 mg.")
    await page.get_by_role("link", name="History").click()
    await expect(page.get_by_role("link", name="J0129")).to_be_visible()
    await page.get_by_role("button", name="Clear the history").click()
    await expect(page.get_by_role("link", name="J0129")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
async def test_axe_finds_nothing_beside_a_code_and_in_the_library(
    new_page: Open, keeper_token: str, scheme: str
) -> None:
    page = await new_page(keeper_token, color_scheme=scheme, bypass_csp=True)
    await page.goto(CODE)
    assert await violations(page) == []
    await page.get_by_text("New folder").click()
    await page.get_by_label("Its name").fill("A rather long name of a folder that does not fit on one line")
    await page.get_by_role("button", name="Add to favourites").click()
    await page.get_by_text("Write a private note").click()
    await page.get_by_label("Only you see it.").fill("x" * 300)
    await page.get_by_role("button", name="Save the note").click()
    await page.get_by_text("Edit the note").click()
    assert await violations(page) == []
    for address in ("/account/library", "/account/library/notes", "/account/library/history", "/account/library?q=x"):
        await page.goto(address)
        assert await violations(page) == [], address
    await page.goto("/account/library")
    await page.get_by_label("Folders").get_by_role("link", name="A rather long name").click()
    assert await violations(page) == []
    for address in (CODE, "/account/library", "/account/library/notes", "/account/library/history"):
        await page.set_viewport_size({"width": 320, "height": 640})
        await page.goto(address)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320, address
