"""States of pages beside the plain one: teaser, spent account, forms with defects, errors, small screens."""

import uuid

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import Open
from tests.e2e.platform import Platform
from tests.e2e.test_for_everyone import violations

pytestmark = pytest.mark.browser

GRANTED, TEASER = "/codes/cpt/96365", "/codes/icd10cm/E11"
SIX_PAGES = tuple(f"/codes/icd10cm/{code}" for code in ("E11.0", "E11.1", "E11.2", "E11.3", "E11.4", "S72.001A"))
FORM = "/report-error?system=icd10cm&code=E11.9"


@pytest.fixture
def spent_token(platform: Platform) -> str:
    """A free account of its own, whose pages a test spends."""
    return platform.token(f"spender-{uuid.uuid4()}")


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.long)])
def scheme(request: pytest.FixtureRequest) -> str:
    """Both appearances."""
    return str(request.param)


async def test_axe_finds_nothing_on_a_granted_page_and_a_teaser(new_page: Open, scheme: str) -> None:
    page = await new_page(color_scheme=scheme, bypass_csp=True)
    for address, first_lock in ((GRANTED, "guidelines"), (TEASER, "guidelines")):
        await page.goto(address)
        await expect(page.locator(f"#{first_lock}.section--locked")).to_be_visible()
        assert await violations(page) == [], address


async def test_axe_finds_nothing_on_the_pages_of_an_account_before_and_after_its_last_view(
    new_page: Open, spent_token: str, scheme: str
) -> None:
    page = await new_page(spent_token, color_scheme=scheme, bypass_csp=True)
    for address in SIX_PAGES:
        await page.goto(address)
        assert await violations(page) == [], address
    await expect(page.locator(".lock__title").first).to_have_text("No page views left")
    await expect(page.locator(".banner")).to_contain_text("0 of 5 code page views remaining.")


async def test_axe_finds_nothing_in_the_appearance_that_the_browser_does_not_prefer(
    new_page: Open, scheme: str
) -> None:
    page = await new_page(color_scheme=scheme, bypass_csp=True)
    await page.goto(GRANTED)
    await page.locator(".appearance button:visible").click()
    assert await violations(page) == []


async def test_axe_finds_nothing_in_a_form_with_defects(new_page: Open, scheme: str) -> None:
    page = await new_page(color_scheme=scheme, bypass_csp=True)
    await page.goto(FORM)
    await page.get_by_label("Your e-mail address").fill("nobody")
    await page.get_by_role("button", name="Send the report").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await violations(page) == []


async def test_axe_finds_nothing_in_a_queue_that_holds_reports(new_page: Open, editor_token: str, scheme: str) -> None:
    reader = await new_page()
    await reader.goto(FORM)
    await reader.get_by_label("What is wrong").fill(f"The second statement has no source. {uuid.uuid4()}")
    await reader.get_by_role("button", name="Send the report").click()
    await expect(reader.get_by_role("heading", level=1)).to_have_text("Thank you")
    page = await new_page(editor_token, color_scheme=scheme, bypass_csp=True)
    for address in ("/editor/reports", "/editor/reports?resolved=true"):
        await page.goto(address)
        assert await page.locator("article.report").count() > 0
        assert await violations(page) == [], address


@pytest.mark.parametrize(
    ("address", "status"),
    [("/nowhere", 404), ("/codes/icd10cm/E1199", 404), ("/search?q=zzzz", 200), (f"/search?q={'9' * 201}", 400)],
)
async def test_axe_finds_nothing_on_error_pages(new_page: Open, scheme: str, address: str, status: int) -> None:
    page = await new_page(color_scheme=scheme, bypass_csp=True)
    answer = await page.goto(address)
    assert answer is not None
    assert answer.status == status
    assert await violations(page) == []


@pytest.mark.usefixtures("search_stands")
async def test_nonsense_in_the_search_box_gets_a_sentence_and_keeps_what_was_typed(new_page: Open) -> None:
    page = await new_page(java_script_enabled=False)
    for nonsense in ("zzzzqq", "💊💊"):
        await page.goto("/search")
        await page.get_by_role("searchbox").fill(nonsense)
        await page.get_by_role("button", name="Search").click()
        await expect(page.get_by_role("status").filter(has_text=f"No result for “{nonsense}”")).to_be_visible()
        await expect(page.get_by_role("searchbox")).to_have_value(nonsense)


async def test_a_report_that_is_too_long_comes_back_whole_with_a_sentence_and_a_link_to_its_field(
    new_page: Open,
) -> None:
    page = await new_page()
    await page.goto(FORM)
    text = page.get_by_label("What is wrong")
    await text.evaluate(
        "(field, length) => { field.removeAttribute('maxlength'); field.value = 'é'.repeat(length) }", 4001
    )
    await page.get_by_role("button", name="Send the report").click()
    defect = page.get_by_role("alert").get_by_role("link", name="That is 4,001 characters; up to 4,000 fit.")
    assert len(await text.input_value()) == 4001
    await expect(text).to_have_attribute("aria-invalid", "true")
    await defect.click()
    await expect(page.locator("#text")).to_be_focused()


async def test_focus_goes_from_the_header_through_the_page_to_the_footer(new_page: Open) -> None:
    page = await new_page()
    await page.goto(GRANTED)
    order: list[str] = []
    for _ in range(80):
        await page.keyboard.press("Tab")
        place = await page.evaluate(
            "document.activeElement.closest('.skip-link, .site-header, .banner, .breadcrumb, .code-head,"
            " .neighbours, .contents, .section, .site-footer')?.classList[0] ?? 'none'"
        )
        if not order or order[-1] != place:
            order.append(place)
        if place == "site-footer":
            break
    section = order.index("section")
    assert order[:section] == [
        "skip-link",
        "site-header",
        "banner",
        "breadcrumb",
        "code-head",
        "neighbours",
        "contents",
    ]
    assert order[-1] == "site-footer"
    assert set(order[section:-1]) == {"section"}


async def test_only_regions_that_scroll_stop_the_keyboard(new_page: Open, spent_token: str) -> None:
    page = await new_page(spent_token, viewport={"width": 1440, "height": 900})
    await page.goto(GRANTED)
    await page.locator(".table-scroll:not([tabindex])").first.wait_for(state="attached")
    wrong = await page.evaluate(
        "[...document.querySelectorAll('.table-scroll, .list-scroll')].filter(region => region.hasAttribute('tabindex')"
        " !== (region.scrollWidth > region.clientWidth || region.scrollHeight > region.clientHeight)).length"
    )
    assert wrong == 0


@pytest.mark.parametrize("address", [GRANTED, "/codes/icd10cm/S72.001A", "/", "/browse/cpt", "/nowhere", FORM, "/data"])
async def test_at_four_hundred_percent_nothing_scrolls_sideways_but_tables(
    new_page: Open, spent_token: str, address: str
) -> None:
    page = await new_page(spent_token, viewport={"width": 320, "height": 256})
    await page.goto(address)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320


async def contents_top(page: Page) -> float:
    """How far the contents stand below the upper edge of the window, in pixels."""
    return float(await page.locator(".contents").evaluate("contents => contents.getBoundingClientRect().top"))


@pytest.mark.parametrize("width", [360, 820, 1440])
async def test_the_contents_stay_in_reach_and_mark_where_the_reader_is(
    new_page: Open, spent_token: str, width: int
) -> None:
    page = await new_page(spent_token, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    await page.goto(GRANTED)
    await page.locator("#fees").evaluate("section => section.scrollIntoView()")
    link = page.locator(".contents a[href='#fees']")
    await expect(link).to_have_attribute("aria-current", "true")
    assert 0 <= await contents_top(page) < 40
    await expect(link).to_be_in_viewport()
    await expect(page.locator("#fees h2")).to_be_in_viewport()


async def test_high_contrast_still_shows_what_a_tint_showed(new_page: Open) -> None:
    page = await new_page(forced_colors="active")
    await page.goto(GRANTED)
    border = "element => getComputedStyle(element).borderTopWidth"
    for part in (".badge", ".section--locked", ".lock .button", ".look-up input"):
        assert await page.locator(part).first.evaluate(border) != "0px", part


async def test_the_locked_parts_that_search_engines_are_told_of_are_on_the_page(new_page: Open) -> None:
    page = await new_page()
    await page.goto(GRANTED)
    told = await page.evaluate("JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent)")
    assert told["isAccessibleForFree"] is False
    assert await page.locator(told["hasPart"]["cssSelector"]).count() == 7
