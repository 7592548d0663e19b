"""Operators import files in the browser: what is under way is seen as it goes on, with a script or without."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import Open
from tests.e2e.platform import Platform
from tests.e2e.test_for_everyone import violations
from tests.unit.catalog.code_set_files import RIGHT

pytestmark = pytest.mark.browser

NAME, POA = next(iter(RIGHT["icd10cm-poa"].items()))
IMPORTS = "/operator/imports"


@pytest.fixture(scope="session")
def operator_token(platform: Platform) -> str:
    """An operator who signed in with a second factor."""
    return platform.token("operator-of-imports", "operator")


async def send(page: Page, file: Path, why: str) -> None:
    await page.goto(IMPORTS)
    await page.get_by_label("Why").fill(why)
    await page.get_by_label("Files", exact=True).set_input_files(file)
    await page.get_by_role("button", name="Send and import").click()


async def test_a_file_is_sent_and_its_import_is_followed_to_the_release(
    new_page: Open, operator_token: str, tmp_path: Path
) -> None:
    file = tmp_path / NAME
    file.write_bytes(POA)
    page = await new_page(operator_token, bypass_csp=True)
    await send(page, file, "a test of the page")
    await page.wait_for_url(f"**{IMPORTS}/icd10cm-poa-*")
    await expect(page.get_by_text("done", exact=True)).to_be_visible(timeout=60_000)  # without a reload
    await expect(page.get_by_role("heading", name="Release")).to_be_visible()
    assert await violations(page) == []
    notes = tmp_path / "notes.txt"
    notes.write_text("nothing")
    await send(page, notes, "a wrong file")
    await expect(page.get_by_text("no file is called as a known one is published")).to_be_visible()
    await page.goto(IMPORTS)
    await expect(page.get_by_role("row", name=NAME).first).to_contain_text("done")
    assert await violations(page) == []


async def test_without_a_script_defects_are_read_all_the_same(
    new_page: Open, operator_token: str, tmp_path: Path
) -> None:
    file = tmp_path / NAME
    file.write_bytes(POA.replace(b"A", b"?", 1))
    page = await new_page(operator_token, java_script_enabled=False)
    await send(page, file, "a spoilt file")
    await page.wait_for_url(f"**{IMPORTS}/icd10cm-poa-*")
    await expect(page.get_by_text("failed", exact=True)).to_be_visible(timeout=60_000)  # the page reloads itself
    await expect(page.get_by_role("region", name="Table of defects")).to_contain_text(NAME)
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()
