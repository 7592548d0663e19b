"""A guest in a browser: one page to read, a teaser after it, and every way on named."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import Open

pytestmark = pytest.mark.browser

FIRST, SECOND = "/codes/cpt/96365", "/codes/cpt/99213"
BANNER = (
    "0 code page views remaining. Guest accounts are limited to 1 page view. Register free account to get 5 more views."
)


async def locks(page: Page) -> int:
    """Sections that are locked."""
    return await page.locator(".section--locked").count()


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_guest_reads_one_page_then_teasers_and_rereads_free(new_page: Open, *, javascript: bool) -> None:
    page = await new_page(java_script_enabled=javascript)
    await page.goto(FIRST)
    assert await locks(page) == 7
    await expect(page.locator(".banner")).to_contain_text(BANNER)
    whole = await page.locator("#common .reading").inner_text()

    await page.goto(SECOND)
    assert await locks(page) == 7
    await expect(page.locator(".banner")).to_contain_text(BANNER)
    teaser = await page.locator("#common .reading").inner_text()
    assert teaser.count(". ") == 0

    await page.goto(FIRST)
    assert await page.locator("#common .reading").inner_text() == whole
    assert whole.count(". ") >= 1


async def test_a_lock_leads_to_the_making_of_an_account(new_page: Open) -> None:
    page = await new_page()
    await page.goto(FIRST)
    await page.locator(".lock .button").first.click()
    await page.wait_for_url("**/realms/codingahead/**")
    await expect(page.get_by_label("E-mail address")).to_be_visible()
    await page.go_back()
    await expect(page.locator(".code-head__code")).to_have_text("96365")


async def test_a_free_account_reads_every_section(new_page: Open, free_token: str) -> None:
    page = await new_page(free_token)
    await page.goto("/codes/icd10cm/E11.9")
    assert await locks(page) == 0
    await expect(page.locator("#edits")).to_be_visible()
    await expect(page.locator("#guidelines")).to_contain_text("Inherited from")


@pytest.mark.parametrize("spelling", ["e119", "E11.9", "e11.9,", " E119 "])
async def test_any_spelling_in_the_look_up_leads_to_the_page(new_page: Open, spelling: str) -> None:
    page = await new_page()
    await page.goto("/")
    await page.get_by_role("combobox").fill(spelling)
    await page.get_by_role("button", name="Search").click()
    await page.wait_for_url("**/codes/icd10cm/E11.9")


@pytest.mark.usefixtures("search_stands")
async def test_an_unknown_code_gets_its_near_ones(new_page: Open) -> None:
    page = await new_page()
    for address in ("/search?q=E1199", "/codes/icd10cm/E1199"):
        answer = await page.goto(address)
        assert answer is not None
        assert answer.status == (200 if address.startswith("/search") else 404)
        await expect(page.get_by_role("link", name="E11.9", exact=True)).to_be_visible()


async def test_the_tree_leads_from_a_code_system_to_a_page(new_page: Open) -> None:
    page = await new_page()
    await page.goto("/browse")
    await page.get_by_role("link", name="ICD-10-CM", exact=True).click()
    await page.get_by_role("link", name="Open the codes below Chapter 4").click()
    await page.get_by_role("link", name="Open the codes below E08-E13").click()
    await page.get_by_role("link", name="E11", exact=True).click()
    await expect(page.locator(".code-head__code")).to_have_text("E11")
    await page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Chapter 4").click()
    await expect(page.locator(".code-head__code")).to_have_text("Chapter 4")


async def test_every_link_of_the_tree_of_cpt_works(new_page: Open) -> None:
    page = await new_page()
    await page.goto("/browse/cpt")
    groups = await page.locator(".code-list__code a").evaluate_all("links => links.map(link => link.pathname)")
    assert len(groups) > 5
    for group in groups:
        answer = await page.goto(group)
        assert answer is not None
        assert answer.status == 200, group
        assert await page.locator(".code-list li").count() > 0
