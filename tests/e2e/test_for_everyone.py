"""Pages for everyone: by keyboard, on a phone, on paper, in the dark, with a screen reader."""

import re

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # carries no types
from playwright.async_api import Page, expect

from tests.e2e.conftest import Open

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/browse",
    "/browse/cpt",
    "/browse/icd10cm/E08-E13",
    "/search",
    "/search?q=E1199",
    "/search?q=MI",
    "/search?q=E11.-&system=icd10cm&billable=1&date=2026-05-01",
    "/search?q=zzzzqq",
    "/codes/cpt/96365",
    "/codes/icd10cm/E11",
    "/codes/icd10cm/S52.521A",
    "/codes/icd10cm/E1199",
    "/codes/hcpcs/J0129",
    "/codes/hcpcs/J0129/units?dose=755&measure=mg&vial=250+mg",
    "/codes/hcpcs/J0129/units?dose=755&measure=ml",
    "/edits",
    "/edits?date=2026-05-04&dx=E11.9,E10.9,S52.521&lines=99213-25:1,2;11720-59*2&history=27447+2026-04-20",
    "/edits?lines=11720*0",
    "/accounts",
    "/data",
    "/terms",
    "/privacy",
    "/not-billing-advice",
    "/licences/ama-cpt?next=/codes/cpt/96365",
    "/problems",
    "/problems/quota-exceeded",
    "/report-error?system=icd10cm&code=E11.9",
    "/editor/reports",
)
OTHER_READERS = ((True, "light"), (False, "dark"), (True, "dark"))
"""Whether they are signed in, and how they like their pages."""
WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
"""The rules, and that what passes need not be told node by node."""


async def violations(page: Page) -> list[str]:
    """What axe finds on the page that is open, with its place."""
    found = await Axe().run(page, options=WCAG)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(
    ("signed_in", "scheme"),
    [(False, "light"), *(pytest.param(*each, marks=pytest.mark.long) for each in OTHER_READERS)],
)
async def test_axe_finds_nothing_on_any_page(
    new_page: Open, editor_token: str, scheme: str, *, signed_in: bool
) -> None:
    page = await new_page(editor_token if signed_in else "", color_scheme=scheme, bypass_csp=True)
    for address in PAGES:
        await page.goto(address)
        assert await violations(page) == [], address


async def test_axe_would_find_a_fault(new_page: Open) -> None:
    page = await new_page(bypass_csp=True)
    await page.goto("/terms")
    await page.evaluate("document.querySelector('h1').insertAdjacentHTML('afterend', '<img src=/x.png>')")
    assert any(finding.startswith("image-alt") for finding in await violations(page))


@pytest.mark.parametrize("signed_in", [False, True])
async def test_a_phone_never_scrolls_sideways(new_page: Open, free_token: str, *, signed_in: bool) -> None:
    page = await new_page(free_token if signed_in else "", viewport={"width": 360, "height": 740})
    for address in PAGES:
        await page.goto(address)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360, address


async def test_the_first_tab_stop_skips_to_the_content(new_page: Open) -> None:
    page = await new_page()
    await page.goto("/codes/cpt/96365")
    await page.keyboard.press("Tab")
    await expect(page.locator(":focus")).to_have_text("Skip to content")
    await expect(page.locator(":focus")).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("#main$"))


async def test_every_tab_stop_is_seen(new_page: Open, free_token: str) -> None:
    page = await new_page(free_token)
    await page.goto("/codes/icd10cm/E11.9")
    for _ in range(40):
        await page.keyboard.press("Tab")
        outline = await page.evaluate(
            "(() => { const style = getComputedStyle(document.activeElement);"
            " return [document.activeElement.tagName, style.outlineStyle, style.outlineWidth] })()"
        )
        assert outline[0] == "BODY" or (outline[1] != "none" and outline[2] != "0px"), outline


async def test_the_contents_lead_to_their_sections_by_keyboard(new_page: Open) -> None:
    page = await new_page(reduced_motion="reduce")
    await page.goto("/codes/cpt/96365")
    for section in ("official", "fees", "coverage"):
        await page.locator(f".contents a[href='#{section}']").press("Enter")
        await expect(page).to_have_url(re.compile(f"#{section}$"))
        await expect(page.locator(f"#{section} h2")).to_be_in_viewport()


async def test_the_dark_scheme_is_dark_and_the_light_one_light(new_page: Open) -> None:
    for scheme, dark in (("light", False), ("dark", True)):
        page = await new_page(color_scheme=scheme)
        await page.goto("/codes/cpt/96365")
        colour = await page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        assert (sum(colour[:3]) < 200) is dark


async def test_paper_has_the_text_and_its_data_and_no_navigation(new_page: Open, free_token: str) -> None:
    page = await new_page(free_token)
    await page.goto("/codes/icd10cm/E11.9")
    await page.emulate_media(media="print")
    for hidden in (".site-header", ".site-footer", ".contents", ".banner", ".neighbours"):
        await expect(page.locator(hidden)).to_be_hidden()
    foot = page.locator(".print-foot")
    await expect(foot).to_contain_text("/codes/icd10cm/E11.9")
    await expect(foot).to_contain_text("ICD-10-CM Tabular List")
    paper = await page.pdf(format="Letter")
    assert paper.startswith(b"%PDF")


async def test_nothing_jumps_while_a_page_loads(new_page: Open, free_token: str) -> None:
    page = await new_page(free_token)
    await page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())"
        " window.shift += entry.value }).observe({type: 'layout-shift', buffered: true})"
    )
    await page.goto("/codes/cpt/96365", wait_until="load")
    await page.wait_for_load_state("load")
    await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert await page.evaluate("window.shift") < 0.01


async def test_a_long_table_can_be_filtered(new_page: Open, free_token: str) -> None:
    page = await new_page(free_token)
    await page.goto("/codes/cpt/96365")
    table = page.locator("table[id^='ptp-']").first
    rows = await table.locator("tbody tr:visible").count()
    await page.get_by_label("Check against code").first.fill("99213")
    assert 0 < await table.locator("tbody tr:visible").count() < rows


async def test_no_page_breaks_its_own_content_policy(new_page: Open, free_token: str) -> None:
    page = await new_page(free_token)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for address in PAGES:
        await page.goto(address)
    assert [text for text in said if "Content Security Policy" in text] == []
