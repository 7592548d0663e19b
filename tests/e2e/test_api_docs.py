"""The documentation of the API tries calls as the reader who is signed in, or as the key that was typed in."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import Open
from tests.e2e.people import new_account

pytestmark = pytest.mark.browser


async def test_calls_are_tried_as_the_reader_who_is_signed_in_and_as_a_key(new_reader: Open) -> None:
    page = await new_reader()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await new_account(page, "/api/docs")
    read = await _opened(page, "Code pages", "one_code")
    await read.get_by_placeholder("system").fill("icd10cm")
    await read.get_by_placeholder("code", exact=True).fill("E11.9")
    assert await _executed(read) == 200
    await expect(read.locator(".live-responses-table")).to_contain_text('"pages";r=4')
    add = await _opened(page, "Library", "add_favourite")
    await _write(add, "E11.9")
    assert await _executed(add) == 201
    await page.goto("/account/library")
    await expect(page.get_by_role("link", name="E11.9")).to_be_visible()

    await page.goto("/account/keys")
    await page.get_by_label("Name").fill("tried in the documentation")
    await page.get_by_role("button", name="Make the key").click()
    secret = await page.locator("#new-secret").inner_text()
    await page.goto("/api/docs")
    await page.get_by_role("button", name="Authorize").first.click()
    await page.locator("#auth-bearer-value").first.fill(secret)
    await page.get_by_role("button", name="Apply credentials").first.click()
    await page.get_by_role("button", name="Close").last.click()
    meter = await _opened(page, "Meter", "meter")
    assert await _executed(meter) == 200
    await expect(meter.locator(".live-responses-table code").first).to_contain_text('"used": 1')
    add = await _opened(page, "Library", "add_favourite")
    await _write(add, "I10")
    assert await _executed(add) == 403, "the key has not the scope, which its owner needs none of"
    await expect(add.locator(".live-responses-table code").first).to_contain_text("SCOPE_MISSING")
    assert complaints == []


@pytest.mark.long
async def test_a_guest_is_told_to_sign_in_by_the_call_that_needs_it(new_reader: Open) -> None:
    page = await new_reader()
    await page.goto("/api/docs")
    folders = await _opened(page, "Library", "list_folders")
    assert await _executed(folders) == 401
    await expect(folders.locator(".live-responses-table code").first).to_contain_text("SIGN_IN_NEEDED")


async def _opened(page: Page, tag: str, operation: str) -> Locator:
    """An operation of the reference, ready to be tried."""
    block = page.locator(f"[id='operations-{tag.replace(' ', '_')}-{operation}']")
    await block.get_by_role("button").first.click()
    await block.get_by_role("button", name="Try it out").click()
    return block


async def _write(block: Locator, code: str) -> None:
    await block.locator("textarea").first.fill(f'{{"system": "icd10cm", "code": "{code}"}}')


async def _executed(block: Locator) -> int:
    """Press Execute; gives the status of the answer."""
    await block.get_by_role("button", name="Execute").click()
    status = block.locator(".live-responses-table tbody .response-col_status").first
    await expect(status).to_contain_text(re.compile(r"\d{3}"), timeout=30_000)
    return int((await status.inner_text()).split()[0])
