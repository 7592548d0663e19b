"""Search as people use it: typing with suggestions by keyboard, and the page of results."""

import json

import pytest
from playwright.async_api import Route, expect

from tests.e2e.conftest import Open
from tests.e2e.test_for_everyone import violations

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("search_stands")]


async def test_the_keyboard_leads_from_any_page_to_a_code(new_page: Open) -> None:
    page = await new_page()
    await page.goto("/terms")
    await page.keyboard.press("/")
    box = page.get_by_role("combobox")
    await expect(box).to_be_focused()
    await page.keyboard.type("type 2 diab", delay=20)
    options = page.get_by_role("listbox").get_by_role("option")
    await expect(options.first).to_be_visible()
    await expect(box).to_have_attribute("aria-expanded", "true")
    await expect(page.get_by_role("status").filter(has_text="Up and down arrows choose")).to_be_attached()
    await expect(options.filter(has=page.locator("mark")).first).to_contain_text("Type 2 diabetes")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("listbox")).to_be_hidden()
    await expect(box).to_have_value("type 2 diab")
    await page.keyboard.press("ArrowDown")
    await expect(options.first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    first = options.first
    await expect(first).to_have_attribute("aria-selected", "true")
    assert await box.get_attribute("aria-activedescendant") == await first.get_attribute("id")
    path = await first.get_attribute("data-path")
    await page.keyboard.press("ArrowUp")
    assert await box.get_attribute("aria-activedescendant") is None
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**{path}")


async def test_keys_are_gathered_and_enter_without_a_choice_searches(new_page: Open) -> None:
    page = await new_page()
    asked: list[str] = []

    async def count(route: Route) -> None:
        asked.append(route.request.url)
        await route.continue_()

    await page.route("**/api/v1/suggest*", count)
    await page.goto("/")
    box = page.get_by_role("combobox")
    await box.press_sequentially("heart failure", delay=10)
    await expect(page.get_by_role("option").first).to_be_visible()
    assert len(asked) <= 3, asked
    await box.press("Enter")
    await page.wait_for_url("**/search?q=heart+failure")
    await expect(page.get_by_role("heading", name="ICD-10-CM", exact=True)).to_be_visible()


async def test_when_suggestions_fail_the_box_still_searches(new_page: Open) -> None:
    page = await new_page()

    async def fail(route: Route) -> None:
        await route.fulfill(status=429, content_type="application/problem+json", body=json.dumps({"status": 429}))

    await page.route("**/api/v1/suggest*", fail)
    await page.goto("/")
    await page.get_by_role("combobox").press_sequentially("asthma")
    await expect(page.get_by_role("status").filter(has_text="No suggestions at the moment")).to_be_attached()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/search?q=asthma")


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
async def test_axe_finds_nothing_while_the_list_is_open_and_on_a_phone_it_fits(new_page: Open, scheme: str) -> None:
    page = await new_page(color_scheme=scheme, bypass_csp=True, viewport={"width": 360, "height": 740})
    for address in ("/codes/icd10cm/E11.9", "/search?q=heart+attack"):
        await page.goto(address)
        await page.get_by_role("combobox").fill("")
        await page.get_by_role("combobox").press_sequentially("fracture")
        await expect(page.get_by_role("option").first).to_be_visible()
        await page.keyboard.press("ArrowDown")
        assert await violations(page) == [], address
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_without_scripts_facets_are_links_that_narrow_and_widen(new_page: Open) -> None:
    page = await new_page(java_script_enabled=False)
    await page.goto("/")
    await page.get_by_role("searchbox").fill("infusion")
    await page.get_by_role("button", name="Search").click()
    narrow = page.get_by_role("complementary")
    await narrow.get_by_role("link", name="CPT", exact=True).click()
    await expect(page.locator(".hit-group")).to_have_count(1)
    await page.get_by_role("link", name="Remove: CPT").click()
    await expect(page).to_have_url(page.url.partition("?")[0] + "?q=infusion")


async def test_pages_of_results_are_walked_by_clicks_and_each_code_stands_on_one(new_page: Open) -> None:
    page = await new_page(java_script_enabled=False)
    await page.goto("/search?q=fracture&system=icd10cm")
    codes = page.locator(".hit__code")
    first = await codes.all_inner_texts()
    pages = page.get_by_role("navigation", name="Pages of results")
    await expect(pages.get_by_role("link", name="Previous")).to_have_count(0)
    await pages.get_by_role("link", name="Next").click()
    await expect(page).to_have_url(page.url.partition("?")[0] + "?q=fracture&system=icd10cm&page=2")
    await expect(page.get_by_role("status").filter(has_text="page 2")).to_be_visible()
    second = await codes.all_inner_texts()
    assert len(first) == len(second) == 25
    assert not set(first) & set(second)
    await pages.get_by_role("link", name="Previous").click()
    assert await codes.all_inner_texts() == first


async def test_a_family_that_is_known_by_its_name_alone_is_named_once(new_page: Open) -> None:
    page = await new_page()
    await page.goto("/search?q=endoscopy+of+the+digestive+tract&system=cpt")
    named = "Endoscopy of the digestive tract"
    await expect(page.locator(".hit__title").get_by_text(named, exact=True)).to_have_count(1)
    await expect(page.locator(".hit__code").get_by_text(named, exact=True)).to_have_count(0)
    await page.get_by_role("combobox").first.fill(named)
    await expect(page.locator(".suggest__title").get_by_text(named, exact=True).first).to_be_visible()
    await expect(page.locator(".suggest__code").get_by_text(named, exact=True)).to_have_count(0)
