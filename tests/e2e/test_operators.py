"""Operators on both issuers: nobody acts as one without a second factor, and what they set holds at once."""

from __future__ import annotations

import asyncio

import pyotp
import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import Open
from tests.e2e.issuers import Site
from tests.e2e.people import confirm_password, new_account, sign_in

pytestmark = pytest.mark.browser

PAGES = tuple(f"/codes/icd10cm/{code}" for code in ("E11.9", "I10", "J45.909", "S52.521A", "E08", "E10"))


async def test_an_operator_sets_up_a_second_factor_and_gives_a_reader_a_plan(site: Site, new_reader: Open) -> None:
    reader, operator = await new_reader(), await new_reader()
    reader_email, operator_email = await new_account(reader), await new_account(operator)
    for address in PAGES:
        await reader.goto(address)
    assert await reader.locator(".section--locked").count() > 0
    await asyncio.to_thread(site.give_role, operator_email, "operator")

    await operator.context.clear_cookies()
    await operator.goto("/sign-in?next=/operator/accounts")
    await sign_in(operator, operator_email)
    await _set_up(operator, await site.second_factor_secret(operator))
    await expect(operator.get_by_role("heading", name="Accounts")).to_be_visible()
    whom = f"account:{await asyncio.to_thread(site.account_id, reader_email)}"
    await operator.get_by_label("Account, e.g.").fill(whom)
    await operator.get_by_role("button", name="Find").click()
    await operator.get_by_label("Plan", exact=True).select_option("pro")
    await operator.get_by_label("Why").first.fill("a test of the operators' page")
    await operator.get_by_role("button", name="Set the plan").click()
    await operator.goto("/operator/audit")
    await expect(operator.get_by_role("row", name=whom).first).to_contain_text("a test of the operators' page")

    await reader.goto(PAGES[-1])
    assert await reader.locator(".section--locked").count() == 0


async def test_a_role_that_comes_during_a_session_waits_for_a_sign_in_with_a_second_factor(
    site: Site, new_reader: Open
) -> None:
    page = await new_reader()
    email = await new_account(page)
    answer = await page.goto("/operator/accounts")
    assert answer is not None
    assert answer.status == 403
    await asyncio.to_thread(site.give_role, email, "operator")
    await page.goto("/sign-in?next=/operator/accounts")  # by the sign-on that stands, without a second factor
    await confirm_password(page, email)
    await _set_up(page, await site.second_factor_secret(page))
    await expect(page.get_by_role("heading", name="Accounts")).to_be_visible()


async def _set_up(page: Page, secret: str) -> None:
    await page.get_by_label("One-time code").fill("000000")
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_text("This code is not right")).to_be_visible()
    await page.get_by_label("One-time code").fill(pyotp.TOTP(secret).now())
    await page.get_by_role("button", name="Go on").click()
