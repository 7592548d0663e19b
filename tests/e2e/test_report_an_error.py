"""Report an error on a page, and the queue in which editors find it."""

import uuid

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import Open

pytestmark = pytest.mark.browser


async def test_a_report_reaches_the_editors_and_is_closed(new_page: Open, editor_token: str) -> None:
    text = f"The third statement contradicts its source. {uuid.uuid4()}"
    page = await new_page(java_script_enabled=False)
    await page.goto("/codes/icd10cm/E11.9")
    await page.get_by_role("link", name="Report an error on this page").click()
    await page.get_by_label("Section").select_option("guidelines")
    await page.get_by_label("What is wrong").fill(text)
    await page.get_by_role("button", name="Send the report").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")

    editor = await new_page(editor_token)
    await editor.goto("/editor/reports")
    report = editor.locator("article", has_text=text)
    await expect(report).to_contain_text("Guidelines and when to report")
    await report.get_by_label("What was done").fill("The statement was corrected.")
    await report.get_by_role("button", name="Resolve").click()
    await expect(editor.locator("article", has_text=text)).to_have_count(0)
    await editor.goto("/editor/reports?resolved=true")
    await expect(editor.locator("article", has_text=text)).to_contain_text("The statement was corrected.")


async def test_a_report_that_says_too_little_comes_back_with_what_was_typed(new_page: Open) -> None:
    page = await new_page(java_script_enabled=False)
    await page.goto("/report-error?system=icd10cm&code=E11.9")
    await page.get_by_label("What is wrong").fill("wrong")
    await page.get_by_label("Your e-mail address").fill("nobody")
    await page.get_by_role("button", name="Send the report").click()
    await expect(page.get_by_role("alert")).to_contain_text("at least 10 characters")
    await expect(page.get_by_role("alert")).to_contain_text("not an e-mail address")
    await expect(page.get_by_label("What is wrong")).to_have_value("wrong")


async def test_the_queue_is_closed_to_readers(new_page: Open, free_token: str) -> None:
    page = await new_page(free_token)
    answer = await page.goto("/editor/reports")
    assert answer is not None
    assert answer.status == 403
    guest = await new_page("")
    await guest.goto("/editor/reports")
    await guest.wait_for_url("**/realms/codingahead/**")


async def test_a_form_sent_from_another_site_is_refused(new_page: Open) -> None:
    page = await new_page()
    await page.goto("/report-error?system=icd10cm&code=E11.9")
    answer = await page.context.request.post(
        "/report-error",
        form={"system": "icd10cm", "code": "E11.9", "text": "A text that is long enough."},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status == 403
