"""Light or dark: the browser's preference by default, the reader's choice once made, with and without scripts."""

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import Open
from tests.e2e.platform import Platform

pytestmark = pytest.mark.browser

CODE_PAGE = "/codes/icd10cm/E11.9"
OTHER = {"light": "dark", "dark": "light"}


async def shown(page: Page) -> str:
    """The colours on the screen, as the paper's lightness says."""
    paper = await page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    return "dark" if sum(paper[:3]) < 200 else "light"


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_choice_is_kept_on_every_page_and_can_be_taken_back(
    new_page: Open, scheme: str, *, javascript: bool
) -> None:
    page = await new_page(color_scheme=scheme, java_script_enabled=javascript)
    await page.goto(CODE_PAGE)
    dark, light = page.locator(".appearance__dark"), page.locator(".appearance__light")
    button = {"dark": dark, "light": light}
    await expect(button[scheme]).to_be_hidden()
    await button[OTHER[scheme]].click()
    await expect(page).to_have_url(f"{page.url.split('/codes')[0]}{CODE_PAGE}")
    for address in (CODE_PAGE, "/", "/codes/icd10cm/E11", "/nowhere"):
        await page.goto(address)
        await expect(button[OTHER[scheme]]).to_be_hidden()
        assert await shown(page) == OTHER[scheme], address
    await button[scheme].click()
    await expect(button[scheme]).to_be_hidden()
    assert await shown(page) == scheme


async def test_going_back_to_the_browsers_preference_follows_the_browser_again(new_page: Open) -> None:
    page = await new_page(color_scheme="light")
    await page.goto("/terms")
    await page.get_by_role("button", name="Use dark colours").click()
    await expect(page.get_by_role("button", name="Use light colours")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Use dark colours")).to_be_focused()
    assert [cookie for cookie in await page.context.cookies() if cookie.get("name") == "appearance"] == []
    await page.emulate_media(color_scheme="dark")
    assert await shown(page) == "dark"


async def test_a_chosen_appearance_is_there_at_the_first_drawing(new_page: Open, platform: Platform) -> None:
    page = await new_page(color_scheme="light")
    await page.context.add_cookies([{"name": "appearance", "value": "dark", "url": platform.url}])
    await page.add_init_script(
        "new PerformanceObserver(list => { window.first ??="
        " getComputedStyle(document.documentElement).colorScheme }).observe({type: 'paint', buffered: true})"
    )
    await page.goto("/terms")
    # In one evaluation of ours: wait_for_function evaluates strings inside the page, which its policy forbids.
    first = await page.evaluate(
        "async () => { while (!window.first) await new Promise(go => setTimeout(go, 20)); return window.first }"
    )
    assert first == "dark"


def test_a_code_page_is_the_same_bytes_whatever_the_choice(platform: Platform) -> None:
    with httpx.Client(base_url=platform.url) as client:
        client.get(CODE_PAGE)
        without = client.get(CODE_PAGE)
        client.cookies.set("appearance", "dark")
        chosen = client.get(CODE_PAGE)
        assert chosen.headers["etag"] == without.headers["etag"]
        assert chosen.content == without.content
        assert client.get("/appearance.css").text.count("color-scheme: dark") == 1
        again = client.get(CODE_PAGE, headers={"If-None-Match": without.headers["etag"]})
        assert again.status_code == 304


def test_a_choice_leads_back_to_its_page_and_never_to_another_site(platform: Platform) -> None:
    with httpx.Client(base_url=platform.url) as client:
        for came_from, leads_to in (
            (f"{platform.url}/browse/icd10cm?after=x", "/browse/icd10cm?after=x"),
            ("https://evil.example//evil.example/", "/"),
            (f"{platform.url}/appearance", "/"),
            ("", "/"),
        ):
            headers = {"Referer": came_from, "Origin": platform.url}
            answer = client.post("/appearance", data={"appearance": "dark"}, headers=headers)
            assert (answer.status_code, answer.headers["location"]) == (303, leads_to)
        refused = client.post("/appearance", data={"appearance": "plaid"}, headers={"Origin": platform.url})
        assert refused.status_code == 400
        assert "light or dark" in refused.text
